# The installed package: find_package(submask) gives submask::submask_c and, unless this is a build of parts,
# submask::submask_core and submask::submask. The latter two are static; LibTorch stays where it is, named again by
# -DSUBMASK_LIBTORCH=DIR.
set(submask_libraries submask_c)
if(NOT SUBMASK_ONLY_C)
  list(APPEND submask_libraries submask_core)
endif()
if(NOT SUBMASK_ONLY_C AND NOT SUBMASK_ONLY_CORE)
  list(APPEND submask_libraries submask)
endif()
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)
install(TARGETS ${submask_libraries} EXPORT submask_targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development)
if(SUBMASK_ONLY_C)
  install(FILES include/submask/submask.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/submask)
else()
  install(DIRECTORY include/submask DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(FILES LICENSE THIRD_PARTY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
  install(DIRECTORY assets/ DESTINATION ${CMAKE_INSTALL_DATADIR}/submask FILES_MATCHING PATTERN "*.safetensors")
endif()
set(SUBMASK_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/submask)
install(EXPORT submask_targets NAMESPACE submask:: DESTINATION ${SUBMASK_CMAKE_DIR})
configure_package_config_file(cmake/submask_config.cmake.in submask-config.cmake
                              INSTALL_DESTINATION ${SUBMASK_CMAKE_DIR})
write_basic_package_version_file(submask-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/submask-config.cmake ${PROJECT_BINARY_DIR}/submask-config-version.cmake
              cmake/FindLibTorch.cmake cmake/submask_dependencies.cmake
        DESTINATION ${SUBMASK_CMAKE_DIR})
include(submask_pkg_config)
if(SUBMASK_ONLY_C)
  include(submask_package)
endif()

# What the Python package holds (python/pyproject.toml): the library alone, by one name, as wheels have no links.
if(SKBUILD)
  install(FILES $<TARGET_FILE:submask_c> DESTINATION submask RENAME libsubmask_c.so COMPONENT python)
  install(FILES LICENSE THIRD_PARTY.md DESTINATION submask COMPONENT python)
endif()
