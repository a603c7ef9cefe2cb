// Moves bytes between the processes of a run. The Communicator is built on it, so an engine (MPI,
// or threads in tests) has these few functions to offer. No LibTorch.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace submask {

// Where the piece of each rank lies in one buffer. All sizes are in bytes and below 2^31.
struct Pieces {
  std::vector<int> sizes;    // by rank
  std::vector<int> offsets;  // by rank
};

class Transport {
 public:
  virtual ~Transport() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;

  // Collective calls: every rank makes the same ones in the same order. They return when this
  // rank's part is done. Waiting sleeps, because another rank may need the core.

  // Sends the piece `sent.sizes[r]` of `send` to each rank r, and puts what comes from rank r at
  // `received.offsets[r]` of `receive`.
  virtual void exchange(const void* send, const Pieces& sent, void* receive,
                        const Pieces& received) = 0;

  // Puts the bytes of every rank into `receive` at `received.offsets[rank]`; this rank's are
  // `received.sizes[rank()]` bytes at `send`.
  virtual void gather(const void* send, void* receive, const Pieces& received) = 0;

  // Another transport between the same processes, whose calls do not mix with those of this one, so
  // that another thread may use it. Collective.
  virtual std::unique_ptr<Transport> duplicate() = 0;

  // Ends every process of the run, this one with the exit code.
  [[noreturn]] virtual void abort(int exit_code) = 0;
};

}  // namespace submask
