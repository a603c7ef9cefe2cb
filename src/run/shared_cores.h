// Shares the cores with other programs: waiting threads sleep where others want to compute.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace submask {

// While an object of this class exists and other programs want the cores, waiting threads of OpenMP
// sleep instead of spinning.
//
// A thread that waits for the next parallel region spins for milliseconds, which starts it at once.
// On a core that another program wants, the spinning thread uses up the time of the one that it
// waits for, and a region takes several time slices of the scheduler (bench_shared_cores). libgomp
// lets them sleep almost at once where a process has more OpenMP threads than there are cores. So
// this class watches the load of the machine and, while it is high, keeps a team of threads that do
// nothing. The division of work among threads does not change, so results do not change either.
//
// This affects the whole process, so the program makes one such object and the library makes none.
// It does nothing where the user chose how threads wait (OMP_WAIT_POLICY, GOMP_SPINCOUNT), where
// there is one core, or where the system does not report its load.
class SharedCores {
 public:
  SharedCores();
  ~SharedCores();
  SharedCores(const SharedCores&) = delete;
  SharedCores& operator=(const SharedCores&) = delete;

 private:
  class IdleTeam;
  void watch();
  bool wait_until_end();

  std::mutex mutex_;
  std::condition_variable ended_;
  bool ends_ = false;
  std::unique_ptr<IdleTeam> team_;
  std::thread watcher_;
};

}  // namespace submask
