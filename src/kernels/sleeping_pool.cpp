#include "kernels/sleeping_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <sched.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

#include "base/fail.h"

namespace submask::kernels {
namespace {

constexpr int most_threads = 1024;

int usable_cores() {
  cpu_set_t cores;
  if (::sched_getaffinity(0, sizeof cores, &cores) == 0) return CPU_COUNT(&cores);
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

using Work = std::function<void(int64_t begin, int64_t end)>;

// A range of work in equal parts. Whoever has time takes the next part.
class Job {
 public:
  Job(int64_t count, int64_t parts, const Work& work) : count_(count), parts_(parts), work_(work) {}

  // Works until no part is left to take. The caller's `work` lives until wait() has returned.
  void help() {
    for (int64_t part = next_++; part < parts_; part = next_++) {
      try {
        work_(count_ * part / parts_, count_ * (part + 1) / parts_);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!error_) error_ = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      if (++done_ == parts_) all_done_.notify_all();
    }
  }

  bool all_taken() const { return next_ >= parts_; }

  void wait() {
    std::unique_lock lock(mutex_);
    all_done_.wait(lock, [&] { return done_ == parts_; });
    if (error_) std::rethrow_exception(error_);
  }

 private:
  const int64_t count_, parts_;
  const Work& work_;
  std::atomic<int64_t> next_ = 0;
  std::mutex mutex_;
  std::condition_variable all_done_;
  int64_t done_ = 0;
  std::exception_ptr error_;
};

class SleepingPool {
 public:
  explicit SleepingPool(int threads) : process_(::getpid()), threads_(threads) {}

  // The threads of a pool that a fork has copied exist in the parent alone.
  ~SleepingPool() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }
  SleepingPool(const SleepingPool&) = delete;
  SleepingPool& operator=(const SleepingPool&) = delete;

  bool is_of_this_process() const { return process_ == ::getpid(); }

  void run(int64_t count, const Work& work) {
    const int64_t parts = std::min<int64_t>(count, threads_);
    if (parts <= 1) {
      if (count > 0) work(0, count);
      return;
    }
    const auto job = std::make_shared<Job>(count, parts, work);
    {
      const std::lock_guard lock(mutex_);
      add_workers();
      jobs_.push_back(job);
    }
    wake_.notify_all();
    job->help();
    job->wait();
  }

 private:
  // Where the system gives no more threads, those that are there do the work.
  void add_workers() {
    while (std::ssize(workers_) < threads_ - 1) {
      try {
        workers_.emplace_back([this] { serve(); });
      } catch (const std::system_error&) {
        return;
      }
    }
  }

  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return ended_ || !jobs_.empty(); });
      if (ended_) return;
      const std::shared_ptr<Job> job = jobs_.front();
      if (job->all_taken()) {
        jobs_.pop_front();
        continue;
      }
      lock.unlock();
      job->help();
      lock.lock();
    }
  }

  const pid_t process_;
  const int threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> jobs_;  // in which some part may be left to take
  std::vector<std::thread> workers_;
  bool ended_ = false;
};

// The pool in use. A pool that a fork has copied is left as it lies, because its mutex may be held
// by a thread that does not exist here.
class CurrentPool {
 public:
  // A fork waits for whoever has the lock, so that the child never finds it held.
  CurrentPool() { ::pthread_atfork(&before_fork, &after_fork, &after_fork); }
  ~CurrentPool() {
    if (pool_ && !pool_->is_of_this_process()) abandon();
  }

  std::shared_ptr<SleepingPool> get() {
    const std::lock_guard lock(mutex_);
    if (pool_ && !pool_->is_of_this_process()) abandon();
    if (!pool_) pool_ = std::make_shared<SleepingPool>(threads_ > 0 ? threads_ : usable_cores());
    return pool_;
  }

  void set_threads(int threads) {
    std::shared_ptr<SleepingPool> old;
    const std::lock_guard lock(mutex_);
    threads_ = threads;
    if (pool_ && !pool_->is_of_this_process()) abandon();
    old = std::move(pool_);
  }

 private:
  static void before_fork();
  static void after_fork();
  void abandon() { new std::shared_ptr<SleepingPool>(std::move(pool_)); }

  std::mutex mutex_;
  int threads_ = 0;  // 0: as many as this process may use
  std::shared_ptr<SleepingPool> pool_;
};

CurrentPool& current_pool() {
  static CurrentPool pool;
  return pool;
}

void CurrentPool::before_fork() { current_pool().mutex_.lock(); }
void CurrentPool::after_fork() { current_pool().mutex_.unlock(); }

// Made when the library is loaded, when no other thread can be in the middle of it.
[[maybe_unused]] const CurrentPool& loaded_pool = current_pool();

}  // namespace

const ParallelFor& sleeping_parallel() {
  static const ParallelFor loop = [](int64_t count, const Work& work) {
    current_pool().get()->run(count, work);
  };
  return loop;
}

void set_sleeping_threads(int threads) {
  if (threads < 0 || threads > most_threads)
    fail_argument(text("0 to ", most_threads, " threads"), threads);
  current_pool().set_threads(threads);
}

}  // namespace submask::kernels
