// For programs that learn on the CPU.
#pragma once

namespace submask {

// Makes glibc's malloc keep freed blocks under 1 GiB (32 MiB before glibc 2.35) instead of giving
// them back to the kernel. Without this it gives back blocks of the size of activations and asks
// for them again at every step, and the kernel clears them each time
// (bench/bench_freed_memory.cpp). The process stays as large as it once was. The setting is of the
// whole process, so the program calls this and the library does not. Does nothing with another
// malloc than glibc's.
void keep_freed_memory();

// Makes glibc's malloc have one pool of memory for all threads, where otherwise each keeps what it
// freed. A server's threads free what others allocated: with their own pools one of resnet50 tasks
// has 2.7 GB for 2.1 GB of tasks and weights, with one 2.3 (bench_serve). Call it before threads
// begin; it is of the whole process too.
void share_freed_memory();

}  // namespace submask
