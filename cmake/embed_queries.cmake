# embed_queries(ROOM): every sql/query/ROOM/NAME.sql becomes the constant ROOM::queries::NAME (a pg::query, residency or
# pg must be linked), in the generated header "ROOM/queries.hpp". What several statements say in the same words stands in
# sql/query/ROOM/part/PART.sql; a line "-- @include PART" stands for it. A part includes nothing. Run as a script (-P)
# it writes the header.
if(CMAKE_SCRIPT_MODE_FILE)
  # with_parts(FILE VARIABLE): the file's text, each include line replaced.
  function(with_parts file variable)
    file(READ ${file} text)
    while(text MATCHES "\n *-- @include ([^\n]*)\n")
      set(line "${CMAKE_MATCH_0}")
      set(part "${ROOT}/part/${CMAKE_MATCH_1}.sql")
      if(NOT EXISTS "${part}")
        message(FATAL_ERROR "${file} includes \"${CMAKE_MATCH_1}\", but there is no ${part}")
      endif()
      file(READ "${part}" words)
      if(words MATCHES "-- @include")
        message(FATAL_ERROR "${part} is included by ${file}, so it can't include anything itself")
      endif()
      string(REGEX REPLACE "\n+$" "" words "${words}")
      string(REPLACE "${line}" "\n${words}\n" text "${text}")
    endwhile()
    if(text MATCHES "@include")
      message(FATAL_ERROR "${file}: an include is a line of its own that reads \"-- @include PART\"")
    endif()
    set(${variable} "${text}" PARENT_SCOPE)
  endfunction()

  file(GLOB files ${ROOT}/*.sql)
  list(SORT files)
  set(out "// Made from sql/query/${ROOM} by cmake/embed_queries.cmake.\n#pragma once\n\n#include \"pg/query.hpp\"\n\n")
  string(APPEND out "namespace meridian::${ROOM}::queries {\n\n")
  set(names "")
  foreach(file IN LISTS files)
    with_parts(${file} text)
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
  file(GLOB parts ${root}/part/*.sql)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${root})
  if(parts)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${root}/part)
  endif()
  string(MD5 names "${files}")  # in the command, so that a file that goes away makes the header anew
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DROOT=${root} -DROOM=${room} -DOUTPUT=${output} -DNAMES=${names} -P
            ${CMAKE_SOURCE_DIR}/cmake/embed_queries.cmake
    DEPENDS ${files} ${parts} ${CMAKE_SOURCE_DIR}/cmake/embed_queries.cmake
    VERBATIM
  )
  target_sources(${room} PRIVATE ${output})
  target_include_directories(${room} PUBLIC ${include})
endfunction()
