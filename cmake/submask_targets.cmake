# What every target of this project is compiled with, and the two ways to make one.

add_library(submask_flags INTERFACE)
target_compile_options(submask_flags INTERFACE -Wall -Wextra -Wno-unknown-pragmas)
if(SUBMASK_WERROR)
  target_compile_options(submask_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 warns wrongly inside LibTorch's and its own inlined headers.
  target_compile_options(submask_flags INTERFACE
    -Wno-dangling-pointer -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-restrict -Wno-array-bounds)
endif()
target_include_directories(submask_flags INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
# JSON prints an enumeration by its name (src/base/names.h); one without names does not compile.
target_compile_definitions(submask_flags INTERFACE JSON_DISABLE_ENUM_SERIALIZATION=1)
if(SUBMASK_SANITIZE)
  target_compile_options(submask_flags INTERFACE -fsanitize=${SUBMASK_SANITIZE} -fno-omit-frame-pointer)
  target_compile_definitions(submask_flags INTERFACE SUBMASK_SANITIZED)
  target_link_options(submask_flags INTERFACE -fsanitize=${SUBMASK_SANITIZE})
endif()

if(SUBMASK_FUZZ)
  # Coverage for libFuzzer; its hooks' runtime is linked into every program.
  target_compile_options(submask_flags INTERFACE -fsanitize=fuzzer-no-link -fno-sanitize-recover=all)
  target_link_options(submask_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# A file that includes LibTorch's headers takes 25 s; from the precompiled header, a few.
function(submask_use_torch target)
  target_link_libraries(${target} PRIVATE LibTorch::LibTorch)
  if(NOT TARGET submask_pch)
    file(WRITE ${PROJECT_BINARY_DIR}/submask_pch.cpp "")
    add_library(submask_pch OBJECT ${PROJECT_BINARY_DIR}/submask_pch.cpp)
    target_link_libraries(submask_pch PRIVATE submask_flags LibTorch::LibTorch)
    target_precompile_headers(submask_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/torch_pch.h)
  endif()
  target_precompile_headers(${target} REUSE_FROM submask_pch)
  # Programs would be compiled with -fPIE, which does not go with the precompiled header's -fPIC.
  target_compile_options(${target} PRIVATE -fPIC)
endfunction()

# submask_vectorise(FILES...): what files with SUBMASK_VECTORISED (src/base/vectorised.h) are compiled with. -O3
# vectorises their loops, -fno-trapping-math lets GCC turn a comparison into a mask, and without contraction to fused
# multiply-add every instruction set rounds alike.
function(submask_vectorise)
  set_source_files_properties(${ARGN} PROPERTIES
    COMPILE_OPTIONS "-O3;-ffp-contract=off;-fno-trapping-math"
    SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# submask_small(TARGET): code that runs once a file, most of it JSON's templates, is compiled for size, so that
# libsubmask_c is small. The loops over weights lie in kernels and codec.
function(submask_small target)
  target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-Os>)
endfunction()

# submask_folder(FOLDER [TORCH] SOURCES ... [LIBRARIES ...] [FOLDERS ...]): one folder of src/ ("data/set") as
# the object library submask_data_set. FOLDERS are the folders it includes; linking brings their objects too. Folders in
# SUBMASK_FILE_BY_FILE are no unity builds where others are (tests/mutate).
function(submask_folder folder)
  cmake_parse_arguments(arg "TORCH" "" "SOURCES;LIBRARIES;FOLDERS" ${ARGN})
  string(REPLACE / _ name ${folder})
  add_library(submask_${name}_objects OBJECT ${arg_SOURCES})
  if(folder IN_LIST SUBMASK_FILE_BY_FILE)
    set_target_properties(submask_${name}_objects PROPERTIES UNITY_BUILD OFF)
  endif()
  target_link_libraries(submask_${name}_objects PRIVATE submask_flags ${arg_LIBRARIES})
  if(arg_TORCH)
    submask_use_torch(submask_${name}_objects)
  else()
    # libsubmask_c leaves out what it does not call, and exports nothing of it.
    target_compile_options(submask_${name}_objects PRIVATE -ffunction-sections -fdata-sections)
    set_target_properties(submask_${name}_objects PROPERTIES
      CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  endif()
  add_library(submask_${name} INTERFACE)
  target_link_libraries(submask_${name} INTERFACE
    submask_${name}_objects $<TARGET_OBJECTS:submask_${name}_objects> ${arg_LIBRARIES})
  if(arg_TORCH)
    target_link_libraries(submask_${name} INTERFACE LibTorch::LibTorch)
  endif()
  submask_link_folders(submask_${name} INTERFACE ${arg_FOLDERS})
endfunction()

function(submask_link_folders target scope)
  foreach(needed IN LISTS ARGN)
    string(REPLACE / _ name ${needed})
    target_link_libraries(${target} ${scope} submask_${name})
  endforeach()
endfunction()
