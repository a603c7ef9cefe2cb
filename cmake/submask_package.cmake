# Debian packages of the C interface, of a build with -DSUBMASK_ONLY_C=ON and -DCMAKE_INSTALL_PREFIX=/usr: `cpack` makes
# libsubmask-c0 (the library) and libsubmask-c-dev (header, pkg-config file, CMake's package), which lintian accepts.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME submask-c)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION}~dev)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL library development)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The submask authors <submask@packages.debian.org>")
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libsubmask-c0)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION
"task files of masks over frozen vision networks
Reads, applies, makes and signs task files: what a frozen, pretrained network
learned for one task, as one bit for each of its weights. This package has the
library with its C interface.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libsubmask-c-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libsubmask-c0 (= ${CPACK_PACKAGE_VERSION})")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
"task files of masks over frozen vision networks (development)
Reads, applies, makes and signs task files: what a frozen, pretrained network
learned for one task, as one bit for each of its weights. This package has the
header of the C interface, and what compilers need to find the library.")

# Debian asks each package for its licence and its changes. The changelog has the date of the last commit.
execute_process(COMMAND git log -1 --format=%aD WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                OUTPUT_VARIABLE commit_date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit_date)
  set(commit_date "Thu, 01 Jan 1970 00:00:00 +0000")
endif()
file(WRITE ${PROJECT_BINARY_DIR}/debian/changelog
"submask-c (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * See CHANGELOG.md of the source.

 -- ${CPACK_DEBIAN_PACKAGE_MAINTAINER}  ${commit_date}
")
file(WRITE ${PROJECT_BINARY_DIR}/debian/copyright
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: submask

Files: *
Copyright: 2026 The submask authors
License: Apache-2.0
 On Debian systems, the full text of the Apache License, version 2.0, can be
 found in the file /usr/share/common-licenses/Apache-2.0.
Comment: The library has code of nlohmann-json's headers compiled in:
 Copyright 2013-2022 Niels Lohmann, under the Expat (MIT) licence.
")
# Who is built against the library depends on it, and the linker's cache is made anew when it comes or goes.
file(WRITE ${PROJECT_BINARY_DIR}/debian/shlibs "libsubmask_c 0 libsubmask-c0 (>= ${CPACK_PACKAGE_VERSION})\n")
file(WRITE ${PROJECT_BINARY_DIR}/debian/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA "${PROJECT_BINARY_DIR}/debian/shlibs;${PROJECT_BINARY_DIR}/debian/triggers")
# CPack writes scripts that call ldconfig, whatever the package has; they do what the trigger does once more.
file(WRITE ${PROJECT_BINARY_DIR}/debian/libsubmask-c0 "libsubmask-c0: maintscript-calls-ldconfig\n")
install(FILES ${PROJECT_BINARY_DIR}/debian/libsubmask-c0 COMPONENT library
        DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides EXCLUDE_FROM_ALL)
execute_process(COMMAND gzip -9nf changelog WORKING_DIRECTORY ${PROJECT_BINARY_DIR}/debian)
foreach(component library development)
  string(TOUPPER ${component} upper)
  install(FILES ${PROJECT_BINARY_DIR}/debian/copyright COMPONENT ${component}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME} EXCLUDE_FROM_ALL)
  install(FILES ${PROJECT_BINARY_DIR}/debian/changelog.gz COMPONENT ${component}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME} EXCLUDE_FROM_ALL)
endforeach()
include(CPack)
