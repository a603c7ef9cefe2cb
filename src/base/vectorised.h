// Compiles a function once for each x86-64 level; the processor picks. The file needs the flags
// that CMakeLists.txt gives to colour_operations.cpp, so that every level rounds alike.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(SUBMASK_SANITIZED)
#define SUBMASK_VECTORISED \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SUBMASK_VECTORISED
#endif
