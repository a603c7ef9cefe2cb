#include "serve/api/work_pool.h"

#include <utility>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "mask/aten_parallel.h"

namespace submask {

WorkPool::WorkPool(size_t threads) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkPool::~WorkPool() { stop(); }

void WorkPool::stop() {
  {
    const std::lock_guard guard(mutex_);
    is_ending_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

void WorkPool::post(std::function<void()> work) {
  const std::lock_guard guard(mutex_);
  waiting_.push_back(std::move(work));
  changed_.notify_one();
}

void WorkPool::run() {
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  const SleepingSweeps on_all_cores;  // of a task that is asked for before it was checked
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return is_ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work = nullptr;  // what it holds goes without the lock
    lock.lock();
  }
}

}  // namespace submask
