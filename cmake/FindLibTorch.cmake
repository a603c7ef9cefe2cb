# Finds LibTorch without its own CMake package, which fails where nvcc stands beside CMake 3.25
# and which asks for CUDA libraries that a CPU build never loads.
#
# Input:   SUBMASK_LIBTORCH  folder that holds include/ and lib/ (a LibTorch archive, or the folder
#                            torch/ of a PyPI wheel)
# Result:  target LibTorch::LibTorch, LibTorch_VERSION, LibTorch_CUDA (ON where libtorch_cuda is linked)

set(SUBMASK_LIBTORCH "" CACHE PATH "LibTorch: the folder that holds include/ and lib/")
option(SUBMASK_CUDA "Link libtorch_cuda" OFF)

find_path(LibTorch_INCLUDE_DIR ATen/ATen.h
          HINTS ${SUBMASK_LIBTORCH} PATH_SUFFIXES include)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${SUBMASK_LIBTORCH} PATH_SUFFIXES lib)
find_library(LibTorch_C10_LIBRARY c10 HINTS ${SUBMASK_LIBTORCH} PATH_SUFFIXES lib)
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY)

if(LibTorch_INCLUDE_DIR)
  # Its place moved between releases.
  foreach(header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(EXISTS ${LibTorch_INCLUDE_DIR}/${header})
      file(STRINGS ${LibTorch_INCLUDE_DIR}/${header} lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH)")
      foreach(part MAJOR MINOR PATCH)
        if("${lines}" MATCHES "TORCH_VERSION_${part} ([0-9]+)")
          set(LibTorch_${part} ${CMAKE_MATCH_1})
        endif()
      endforeach()
    endif()
  endforeach()
  set(LibTorch_VERSION ${LibTorch_MAJOR}.${LibTorch_MINOR}.${LibTorch_PATCH})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "Name a LibTorch of 2.10 or newer by -DSUBMASK_LIBTORCH=DIR (./demo installs one).")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  get_filename_component(libtorch_lib_dir ${LibTorch_CPU_LIBRARY} DIRECTORY)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    ${LibTorch_INCLUDE_DIR} ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include)
  # at::parallel_for is a header template: without OpenMP it would run on one thread. The wheel brings
  # its own libgomp, and two of them in one process would each start their threads. Clang makes no code for
  # libgomp: its builds, which are for fuzzing and clang-tidy, run such loops on one thread.
  target_compile_options(LibTorch::LibTorch INTERFACE
    $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-fopenmp=libgomp> $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fopenmp>)
  find_library(LibTorch_OMP_LIBRARY NAMES libgomp.so.1 HINTS ${libtorch_lib_dir} NO_DEFAULT_PATH)
  mark_as_advanced(LibTorch_OMP_LIBRARY)
  target_link_libraries(LibTorch::LibTorch INTERFACE ${LibTorch_CPU_LIBRARY} ${LibTorch_C10_LIBRARY})
  if(LibTorch_OMP_LIBRARY)
    target_link_libraries(LibTorch::LibTorch INTERFACE ${LibTorch_OMP_LIBRARY})
  else()
    target_link_options(LibTorch::LibTorch INTERFACE -fopenmp)
  endif()
  set(LibTorch_CUDA OFF)
  if(SUBMASK_CUDA)
    find_library(LibTorch_CUDA_LIBRARY torch_cuda HINTS ${libtorch_lib_dir} REQUIRED NO_DEFAULT_PATH)
    find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda HINTS ${libtorch_lib_dir} REQUIRED NO_DEFAULT_PATH)
    # Nothing refers to libtorch_cuda by name: it registers its kernels when it is loaded.
    target_link_libraries(LibTorch::LibTorch INTERFACE
      -Wl,--no-as-needed ${LibTorch_CUDA_LIBRARY} ${LibTorch_C10_CUDA_LIBRARY} -Wl,--as-needed)
    set(LibTorch_CUDA ON)
  endif()
  # The wheel's libtorch_cpu needs libcudart and libcupti, which lie two folders further up.
  get_filename_component(libtorch_site ${libtorch_lib_dir}/../.. ABSOLUTE)
  file(GLOB libtorch_nvidia_dirs ${libtorch_site}/nvidia/*/lib)
  foreach(dir IN LISTS libtorch_nvidia_dirs)
    target_link_options(LibTorch::LibTorch INTERFACE -Wl,-rpath-link,${dir})
  endforeach()
endif()
