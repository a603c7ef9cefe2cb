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

}  // namespace submask
