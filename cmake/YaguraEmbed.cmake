# Puts text files into the program.
#
#   yagura_embed(report page/page.html page/page.css)
#
# adds `extern const std::string_view kPageHtml, kPageCss;` in namespace yagura::report, defined in a
# generated source that follows changes of the files. The header is included as "report/embedded.h".

function(yagura_embed module)
    set(folder ${PROJECT_BINARY_DIR}/embedded/${module})
    set(declarations "")
    foreach(file IN LISTS ARGN)
        get_filename_component(stem ${file} NAME)
        string(REGEX REPLACE "[^a-z0-9]" ";" words ${stem})
        set(name k)
        foreach(word IN LISTS words)
            string(SUBSTRING ${word} 0 1 first)
            string(TOUPPER ${first} first)
            string(SUBSTRING ${word} 1 -1 rest)
            string(APPEND name ${first}${rest})
        endforeach()
        set(source ${PROJECT_SOURCE_DIR}/src/${module}/${file})
        set(generated ${folder}/${stem}.cpp)
        add_custom_command(OUTPUT ${generated}
                           COMMAND ${CMAKE_COMMAND} -DINPUT=${source} -DOUTPUT=${generated} -DMODULE=${module}
                                   -DNAME=${name} -P ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake
                           DEPENDS ${source} ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake VERBATIM)
        target_sources(yagura_${module} PRIVATE ${generated})
        string(APPEND declarations "extern const std::string_view ${name};  // ${file}\n")
    endforeach()
    file(CONFIGURE OUTPUT ${folder}/include/${module}/embedded.h CONTENT
"// Generated from src/${module}: text files that are part of the program.
#pragma once

#include <string_view>

namespace yagura::${module} {
${declarations}
}  // namespace yagura::${module}
" @ONLY)
    target_include_directories(yagura_${module} PRIVATE ${folder}/include)
endfunction()
