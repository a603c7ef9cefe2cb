// MPI as a Transport, in a library of its own (libsubmask_mpi.so) that the program loads where it
// was started as one of several processes. So the program runs where there is no MPI, and one
// process has nothing of it in memory.
//
// Calls of MPI are made one at a time (MPI_THREAD_SERIALIZED), and none of them waits: a request is
// tested, and between two tests the thread sleeps, because MPI's own waiting would take the core
// from the processes that are waited for.
#include <chrono>
#include <cstdio>
#include <mpi.h>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "parallel/transport.h"

namespace submask {
namespace {

std::mutex mpi_mutex;

void check(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char message[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, message, &length);
  throw std::runtime_error(std::string(call) + ": " + std::string(message, message + length));
}

class MpiTransport : public Transport {
 public:
  explicit MpiTransport(MPI_Comm communicator) : communicator_(communicator) {
    MPI_Comm_rank(communicator_, &rank_);
    MPI_Comm_size(communicator_, &size_);
  }
  ~MpiTransport() override {
    const std::lock_guard lock(mpi_mutex);
    int finalized = 0;
    MPI_Finalized(&finalized);
    if (finalized == 0 && communicator_ != MPI_COMM_WORLD) MPI_Comm_free(&communicator_);
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void exchange(const void* send, const Pieces& sent, void* receive,
                const Pieces& received) override {
    finish([&](MPI_Request* request) {
      return MPI_Ialltoallv(send, sent.sizes.data(), sent.offsets.data(), MPI_BYTE, receive,
                            received.sizes.data(), received.offsets.data(), MPI_BYTE, communicator_,
                            request);
    });
  }

  void gather(const void* send, void* receive, const Pieces& received) override {
    finish([&](MPI_Request* request) {
      return MPI_Iallgatherv(send, received.sizes[static_cast<size_t>(rank_)], MPI_BYTE, receive,
                             received.sizes.data(), received.offsets.data(), MPI_BYTE,
                             communicator_, request);
    });
  }

  std::unique_ptr<Transport> duplicate() override {
    MPI_Comm copy = MPI_COMM_NULL;
    const std::lock_guard lock(mpi_mutex);
    check(MPI_Comm_dup(communicator_, &copy), "MPI_Comm_dup");
    return std::make_unique<MpiTransport>(copy);
  }

  [[noreturn]] void abort(int exit_code) override {
    MPI_Abort(MPI_COMM_WORLD, exit_code);
    std::abort();
  }

 private:
  // Short waits yield, so that a small message costs microseconds; long ones sleep.
  template <typename Start>
  void finish(const Start& start) {
    using namespace std::chrono_literals;
    MPI_Request request = MPI_REQUEST_NULL;
    int done = 0;
    {
      const std::lock_guard lock(mpi_mutex);
      check(start(&request), "MPI");
    }
    for (int tests = 0; done == 0; ++tests) {
      {
        const std::lock_guard lock(mpi_mutex);
        check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
      }
      if (done != 0) break;
      if (tests < 100)
        std::this_thread::yield();
      else
        std::this_thread::sleep_for(tests < 1000 ? 20us : 200us);
    }
  }

  MPI_Comm communicator_;
  int rank_ = 0, size_ = 1;
};

}  // namespace
}  // namespace submask

// What the program calls by name (process_group.cpp).
extern "C" {

// Joins the other processes. Null, with a line on stderr, where this MPI cannot be used.
submask::Transport* submask_mpi_join() {
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided);
  if (provided < MPI_THREAD_SERIALIZED) {
    std::fputs("submask: expected an MPI that threads may call, got one for a single thread\n",
               stderr);
    return nullptr;
  }
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  return new submask::MpiTransport(MPI_COMM_WORLD);
}

void submask_mpi_leave() { MPI_Finalize(); }
}
