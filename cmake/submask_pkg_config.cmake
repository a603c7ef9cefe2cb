# submask_pkg_config(NAME DESCRIPTION text [REQUIRES packages] [LIBRARIES flags]): installs NAME.pc for the library NAME.
#
# All but submask_c are static, so what they need is in Requires and Libs, not in their private forms, which pkg-config
# gives with --static alone. Paths are relative to the file, so that an installed tree may be moved.
file(RELATIVE_PATH pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)

function(submask_pkg_config pc_name)
  cmake_parse_arguments(pc "" "DESCRIPTION" "REQUIRES;LIBRARIES" ${ARGN})
  list(JOIN pc_REQUIRES " " pc_requires)
  list(JOIN pc_LIBRARIES " " pc_libraries)
  string(PREPEND pc_libraries " ")
  configure_file(${PROJECT_SOURCE_DIR}/cmake/submask.pc.in ${PROJECT_BINARY_DIR}/${pc_name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${pc_name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

submask_pkg_config(submask_c DESCRIPTION "Task files, names and sweeps of masks by a C interface")
if(NOT SUBMASK_ONLY_C)
  submask_pkg_config(submask_core DESCRIPTION "Backbones, masks over their weights, and task files"
                     REQUIRES libcrypto libxxhash zlib LIBRARIES -pthread)
endif()
if(NOT SUBMASK_ONLY_C AND NOT SUBMASK_ONLY_CORE)
  submask_pkg_config(submask DESCRIPTION "Learns, evaluates and serves masks over frozen backbones"
                     REQUIRES submask_core libssl libcurl libarchive libjpeg libpng libwebp libwebpdemux libtiff-4 liblzma libzstd libutf8proc tomlplusplus sqlite3
                     LIBRARIES -lSQLiteCpp -lgif)
endif()
