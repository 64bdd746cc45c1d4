# embed_queries(ROOM): every sql/query/ROOM/NAME.sql becomes the constant ROOM::queries::NAME (a pg::query, residency or
# pg must be linked), in the generated header "ROOM/queries.hpp". Run as a script (-P) it writes the header.
if(CMAKE_SCRIPT_MODE_FILE)
  file(GLOB files ${ROOT}/*.sql)
  list(SORT files)
  set(out "// Made from sql/query/${ROOM} by cmake/embed_queries.cmake.\n#pragma once\n\n#include \"pg/query.hpp\"\n\n")
  string(APPEND out "namespace meridian::${ROOM}::queries {\n\n")
  set(names "")
  foreach(file IN LISTS files)
    file(READ ${file} text)
    get_filename_component(name ${file} NAME_WE)
    string(APPEND out "inline constexpr pg::query ${name}{\"${name}\", R\"sql(${text})sql\"};\n")
    list(APPEND names "&${name}")
  endforeach()
  list(JOIN names ", " all)
  string(APPEND out "\n// For tests that prepare each of them.\ninline constexpr const pg::query* all[] = {${all}};\n\n")
  string(APPEND out "}  // namespace meridian::${ROOM}::queries\n")
  file(WRITE ${OUTPUT} "${out}")
  return()
endif()

function(embed_queries room)
  set(root ${CMAKE_SOURCE_DIR}/sql/query/${room})
  set(include ${CMAKE_BINARY_DIR}/generated)
  set(output ${include}/${room}/queries.hpp)
  file(GLOB files ${root}/*.sql)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${root})
  string(MD5 names "${files}")  # in the command, so that a file that goes away makes the header anew
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DROOT=${root} -DROOM=${room} -DOUTPUT=${output} -DNAMES=${names} -P
            ${CMAKE_SOURCE_DIR}/cmake/embed_queries.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed_queries.cmake
    VERBATIM
  )
  target_sources(${room} PRIVATE ${output})
  target_include_directories(${room} PUBLIC ${include})
endfunction()
