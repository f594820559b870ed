# One parser that meets strangers' bytes is one fuzz target.
#
#   yagura_fuzz(ip base)       # fuzz/ip.cpp, fuzz/corpus/ip/*, linked with module base
#
# Under g++ the target replays its corpus in every test run (ctest -R fuzz_). With clang and
# -DYAGURA_FUZZ=ON it is a libFuzzer program: ./dev fuzz ip 60.
function(yagura_fuzz name)
    add_executable(fuzz_${name} ${name}.cpp)
    target_link_libraries(fuzz_${name} PRIVATE yagura_warnings)
    foreach(module IN LISTS ARGN)
        target_link_libraries(fuzz_${name} PRIVATE yagura_${module})
    endforeach()
    if(YAGURA_FUZZ)
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
        add_dependencies(fuzz fuzz_${name})
    else()
        target_sources(fuzz_${name} PRIVATE driver.cpp)
        add_test(NAME fuzz_${name} COMMAND fuzz_${name} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    endif()
endfunction()
