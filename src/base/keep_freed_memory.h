// For programs that learn on the CPU.
#pragma once

namespace submask {

// Has glibc's malloc keep blocks under 1 GiB (32 MiB before glibc 2.35) that are freed, instead of
// giving them back to the kernel: activations are of the size that it gives back and asks for again
// at every step, and the kernel clears them each time (bench/bench_freed_memory.cpp). The process
// stays as large as it once was. It holds for the whole process, which is why the program calls
// this and the library does not. Nothing where malloc is another's.
void keep_freed_memory();

}  // namespace submask
