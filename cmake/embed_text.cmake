# embed_text(ROOM FILE NAME): the text of FILE becomes ROOM::NAME, a list of std::string_view (compilers need not take
# one literal of any length), in the generated header "ROOM/NAME.hpp". Run as a script (-P) it writes the header.
if(CMAKE_SCRIPT_MODE_FILE)
  set(part_max 12000)
  file(READ ${FILE} text)
  set(out "// Made from ${SHORT} by cmake/embed_text.cmake.\n#pragma once\n\n#include <string_view>\n\n")
  string(APPEND out "namespace meridian::${ROOM} {\n\ninline constexpr std::string_view ${NAME}[] = {\n")
  string(LENGTH "${text}" left)
  while(left GREATER 0)
    string(SUBSTRING "${text}" 0 ${part_max} part)
    string(FIND "${part}" "\n" end REVERSE)
    math(EXPR end "${end} + 1")
    if(left LESS_EQUAL part_max)
      set(end ${left})
    elseif(end EQUAL 0)
      message(FATAL_ERROR "${FILE} has a line of more than ${part_max} bytes")
    endif()
    string(SUBSTRING "${text}" 0 ${end} part)
    string(SUBSTRING "${text}" ${end} -1 text)
    string(LENGTH "${text}" left)
    string(APPEND out "R\"text(${part})text\",\n")
  endwhile()
  string(APPEND out "};\n\n}  // namespace meridian::${ROOM}\n")
  file(WRITE ${OUTPUT} "${out}")
  return()
endif()

function(embed_text room file name)
  set(include ${CMAKE_BINARY_DIR}/generated)
  set(output ${include}/${room}/${name}.hpp)
  file(RELATIVE_PATH short ${CMAKE_SOURCE_DIR} ${file})
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DFILE=${file} -DSHORT=${short} -DROOM=${room} -DNAME=${name} -DOUTPUT=${output} -P
            ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake
    DEPENDS ${file} ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake
    VERBATIM
  )
  target_sources(${room} PRIVATE ${output})
  target_include_directories(${room} PUBLIC ${include})
endfunction()
