// SUBMASK_VECTORISED before a function: one build serves every x86-64.
//
// GCC compiles the function for three levels of the architecture, and the loader picks one. The
// file's CMakeLists.txt names it to submask_vectorise(), whose options let all three round alike,
// so that a run gives the same mask, and the same pixels, on every machine.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(SUBMASK_SANITIZED)
#define SUBMASK_VECTORISED \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SUBMASK_VECTORISED
#endif
