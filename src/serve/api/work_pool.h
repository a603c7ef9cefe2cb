// Threads for what may wait or take long: files, images, answers as text. The network's thread does
// none of it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace submask {

class WorkPool {
 public:
  explicit WorkPool(size_t threads);
  ~WorkPool();  // as stop()
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // `work` must not throw.
  void post(std::function<void()> work);

  // Does what was posted, and what that posts. What is posted after it is never done.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool is_ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace submask
