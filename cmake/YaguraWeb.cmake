# The console in the program.
#
#   yagura_web()
#
# makes the static library yagura_web_assets (server/assets.h): web/ is built with npm and Vite whenever
# one of its files changes, and its gzipped files are taken in by one assembler file.

enable_language(ASM)

function(yagura_web)
    set(web ${PROJECT_SOURCE_DIR}/web)
    set(out ${PROJECT_BINARY_DIR}/web)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/* ${web}/tools/*)
    list(APPEND sources ${web}/index.html ${web}/package.json ${web}/package-lock.json ${web}/vite.config.ts
         ${web}/svelte.config.js ${web}/tsconfig.json)
    add_custom_command(OUTPUT ${out}/assets.S ${out}/assets.cpp
                       COMMAND ${web}/tools/build ${out}
                       DEPENDS ${sources}
                       COMMENT "Building the console"
                       VERBATIM)
    add_library(yagura_web_assets STATIC EXCLUDE_FROM_ALL ${out}/assets.cpp ${out}/assets.S)
    # The assembler takes the packed files in by name; it must run again when they were packed again.
    set_source_files_properties(${out}/assets.S PROPERTIES OBJECT_DEPENDS ${out}/assets.cpp)
    target_include_directories(yagura_web_assets PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(yagura_web_assets PRIVATE yagura_warnings)
endfunction()

# The browser side's own checks: types, unit tests, and the console driven in a real browser.
function(yagura_web_tests)
    add_test(NAME web_units COMMAND ${PROJECT_SOURCE_DIR}/web/tools/check)
    set_tests_properties(web_units PROPERTIES TIMEOUT 300)
    add_test(NAME browser COMMAND ${PROJECT_SOURCE_DIR}/web/tools/browser_tests $<TARGET_FILE:yagura>)
    set_tests_properties(browser PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900 COST 1000
                         ENVIRONMENT YAGURA_PICTURES=${PROJECT_BINARY_DIR}/screens)
endfunction()
