# Where things go when installed, and the Debian package.
#
#   /usr/bin/yagura · /usr/lib/yagura/libduckdb.so · /usr/share/yagura/rules · /usr/share/doc/yagura
#
# The program looks for libduckdb beside itself ($ORIGIN/../lib/yagura) and for its rules in
# ../share/yagura/rules (base/paths.h), so the whole tree may be moved.
set_target_properties(yagura PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/yagura")
install(TARGETS yagura RUNTIME DESTINATION bin)
install(PROGRAMS ${DUCKDB_LIBRARY} DESTINATION lib/yagura RENAME libduckdb.so)
if(EXISTS ${PROJECT_SOURCE_DIR}/rules)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/rules DESTINATION share/yagura)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION share/doc/yagura)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/README.ja.md DESTINATION share/doc/yagura)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/yagura RENAME copyright)
if(EXISTS ${YAGURA_DUCKDB_ROOT}/LICENSE)
    install(FILES ${YAGURA_DUCKDB_ROOT}/LICENSE DESTINATION share/doc/yagura RENAME copyright.libduckdb)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/NOTICE DESTINATION share/doc/yagura)

set(CPACK_PACKAGE_NAME yagura)
set(CPACK_PACKAGE_VENDOR "Yagura developers")
set(CPACK_PACKAGE_CONTACT "Yagura developers <yagura@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION "One program that reads the logs AWS writes, tells what happened, keeps
them in a lake of Parquet files and answers questions about them. Works offline on a folder of logs.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_INSTALL_PREFIX}/lib/yagura)
include(CPack)
