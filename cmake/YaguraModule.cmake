# One folder under src/ is one idea, one namespace and one static library.
#
#   yagura_module(detect DEPENDS event match rule finding LIBRARIES fmt::fmt)
#
# DEPENDS are the neighbours the folder may include; they are written to build/layers.txt, which the
# layering test (tools/check_layers.py) compares with the include lines. LIBRARIES are third-party and stay private to the folder
# unless its headers show them. Sources are globbed, so a new file needs no second edit.

set_property(GLOBAL PROPERTY YAGURA_LAYERS "")

function(yagura_module name)
    cmake_parse_arguments(ARG "HOT;COLD" "" "DEPENDS;LIBRARIES;PUBLIC_LIBRARIES" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
    list(JOIN ARG_DEPENDS " " depends)
    set_property(GLOBAL APPEND_STRING PROPERTY YAGURA_LAYERS "${name}: ${depends}\n")
    if(sources)
        add_library(yagura_${name} STATIC ${sources})
        set(visibility PUBLIC)
    else()
        add_library(yagura_${name} INTERFACE)
        set(visibility INTERFACE)
    endif()
    target_include_directories(yagura_${name} ${visibility} ${PROJECT_SOURCE_DIR}/src)
    foreach(neighbour IN LISTS ARG_DEPENDS)
        target_link_libraries(yagura_${name} ${visibility} yagura_${neighbour})
    endforeach()
    target_link_libraries(yagura_${name} ${visibility} ${ARG_PUBLIC_LIBRARIES})
    if(sources)
        target_link_libraries(yagura_${name} PRIVATE ${ARG_LIBRARIES} yagura_warnings)
        if(ARG_HOT)
            target_compile_options(yagura_${name} PRIVATE $<$<CONFIG:Release>:-O3>)
        elseif(ARG_COLD)
            target_compile_options(yagura_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
        endif()
    endif()
    yagura_tests(${name})
endfunction()

# test/<module>/*_test.cpp become one doctest program per folder, so ctest runs folders in parallel.
function(yagura_tests name)
    if(NOT YAGURA_TESTS)
        return()
    endif()
    file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/test/${name}/*_test.cpp)
    if(NOT tests)
        return()
    endif()
    add_executable(test_${name} ${tests} ${PROJECT_SOURCE_DIR}/test/main.cpp)
    target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
    target_compile_definitions(test_${name} PRIVATE YAGURA_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                               YAGURA_PROGRAM="${PROJECT_BINARY_DIR}/yagura")
    target_compile_options(test_${name} PRIVATE $<$<CONFIG:Release>:-O1>)  # assertions optimise slowly
    target_link_libraries(test_${name} PRIVATE yagura_${name} yagura_warnings)
    add_test(NAME ${name} COMMAND test_${name} --no-intro)
endfunction()
