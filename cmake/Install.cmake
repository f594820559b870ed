# Where things go when installed, and the Debian package.
#
#   /usr/bin/yagura · /usr/lib/yagura/libduckdb.so · /usr/share/yagura/rules · /usr/share/doc/yagura
#   /usr/share/man/{,ja/}man1/yagura.1.gz · completion files where bash, zsh and fish look for them
#   /usr/lib/systemd/system/yagura.service, which nothing starts by itself
#
# The program looks for libduckdb beside itself ($ORIGIN/../lib/yagura) and for its rules in
# ../share/yagura/rules (base/paths.h), so the whole tree may be moved.
set_target_properties(yagura PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/yagura")
install(TARGETS yagura RUNTIME DESTINATION bin)
install(FILES ${DUCKDB_LIBRARY} DESTINATION lib/yagura RENAME libduckdb.so)
install(CODE [[
    if(CMAKE_INSTALL_DO_STRIP)  # a package carries no symbols
        execute_process(COMMAND strip --strip-unneeded $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/yagura/libduckdb.so
                        COMMAND_ERROR_IS_FATAL ANY)
    endif()]])
if(EXISTS ${PROJECT_SOURCE_DIR}/rules)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/rules DESTINATION share/yagura)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION share/doc/yagura)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/README.ja.md DESTINATION share/doc/yagura)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/systemd/yagura.service DESTINATION lib/systemd/system)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/debian/copyright DESTINATION share/doc/yagura)
configure_file(${PROJECT_SOURCE_DIR}/cmake/debian/changelog.in ${PROJECT_BINARY_DIR}/printed/changelog @ONLY)
if(EXISTS ${YAGURA_DUCKDB_ROOT}/LICENSE)
    install(FILES ${YAGURA_DUCKDB_ROOT}/LICENSE DESTINATION share/doc/yagura RENAME copyright.libduckdb)
endif()

# The program prints its own manual and completion files; made anew with every install.
set(printed ${PROJECT_BINARY_DIR}/printed)
install(CODE "
    set(program ${PROJECT_BINARY_DIR}/yagura)
    set(printed ${printed})" )
install(CODE [[
    set(ENV{YAGURA_CONFIG} "")  # the person who packs has settings of their own; they stay home
    function(print_page file)
        get_filename_component(folder ${printed}/${file} DIRECTORY)
        file(MAKE_DIRECTORY ${folder})
        execute_process(COMMAND ${program} ${ARGN} OUTPUT_FILE ${printed}/${file} COMMAND_ERROR_IS_FATAL ANY)
    endfunction()
    print_page(man1/yagura.1 man --lang en)
    print_page(ja/man1/yagura.1 man --lang ja)
    print_page(bash completion bash --lang en)
    print_page(zsh completion zsh --lang en)
    print_page(fish completion fish --lang en)
    execute_process(COMMAND gzip -9nfk ${printed}/changelog COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND gzip -9nf ${printed}/man1/yagura.1 ${printed}/ja/man1/yagura.1
                    COMMAND_ERROR_IS_FATAL ANY)]])
install(FILES ${printed}/changelog.gz DESTINATION share/doc/yagura)
install(FILES ${printed}/man1/yagura.1.gz DESTINATION share/man/man1)
install(FILES ${printed}/ja/man1/yagura.1.gz DESTINATION share/man/ja/man1)
install(FILES ${printed}/bash DESTINATION share/bash-completion/completions RENAME yagura)
install(FILES ${printed}/zsh DESTINATION share/zsh/vendor-completions RENAME _yagura)
install(FILES ${printed}/fish DESTINATION share/fish/vendor_completions.d RENAME yagura.fish)
install(FILES ${PROJECT_SOURCE_DIR}/NOTICE DESTINATION share/doc/yagura)

# Packing what ./dev built, not every test too.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(CPACK_PACKAGE_NAME yagura)
set(CPACK_PACKAGE_VENDOR "Yagura developers")
set(CPACK_PACKAGE_CONTACT "Yagura developers <yagura@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION "One program that reads the logs AWS writes, tells what happened,
keeps them in a lake of Parquet files and answers questions about them.
Works offline on a folder of logs.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_INSTALL_PREFIX}/lib/yagura)
include(CPack)
