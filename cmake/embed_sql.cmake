# embed_sql(TARGET): every .sql file under sql/ becomes a part of the program, as one sorted table of paths and texts
# (declared in cluster/sql_files.hpp). Run as a script (-P) it writes the table; editing a file rebuilds it.
if(CMAKE_SCRIPT_MODE_FILE)
  file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/*.sql)
  list(FILTER files EXCLUDE REGEX "^query/")  # embed_queries.cmake
  list(SORT files)
  list(LENGTH files count)
  set(out "#include \"cluster/sql_files.hpp\"\n\nnamespace meridian::cluster {\nnamespace {\n\n")
  string(APPEND out "constexpr sql_file files[] = {\n")
  foreach(file IN LISTS files)
    file(READ ${ROOT}/${file} text)
    string(APPEND out "  {\"${file}\", R\"sql(${text})sql\"},\n")
  endforeach()
  string(APPEND out "};\n\n}  // namespace\n\nstd::span<const sql_file> sql_files() { return files; }\n\n}  // namespace meridian::cluster\n")
  file(WRITE ${OUTPUT} "${out}")
  return()
endif()

function(embed_sql target)
  set(root ${CMAKE_SOURCE_DIR}/sql)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/sql_files.cpp)
  file(GLOB_RECURSE files ${root}/*.sql)
  list(FILTER files EXCLUDE REGEX "/sql/query/")
  # A file that comes or goes changes its folder's time. (CONFIGURE_DEPENDS would look at every build and never let ninja
  # say that there is nothing to do.)
  file(GLOB_RECURSE folders LIST_DIRECTORIES true ${root}/*)
  list(FILTER folders EXCLUDE REGEX "\\.sql$")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${root} ${folders})
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DROOT=${root} -DOUTPUT=${output} -P ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake
    VERBATIM
  )
  target_sources(${target} PRIVATE ${output})
endfunction()
