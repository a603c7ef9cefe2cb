#include "data/set/image_visit.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/fail.h"

namespace submask {
namespace {

class Visit {
 public:
  Visit(int64_t count, int threads, const std::function<void(int64_t)>& visit)
      : count_(count), running_(threads), visit_(visit) {
    for (int i = 0; i < threads; ++i)
      threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }

  // Throws the exception of a visit or of `progress`.
  void wait(const std::function<void(int64_t, int64_t)>& progress) {
    std::unique_lock lock(mutex_);
    while (!finished_.wait_for(lock, std::chrono::milliseconds(100),
                               [this] { return running_ == 0; })) {
      lock.unlock();
      if (progress) progress(done_, count_);
      lock.lock();
    }
    if (error_) std::rethrow_exception(error_);
    lock.unlock();
    if (progress) progress(done_, count_);
  }

 private:
  void work(const std::stop_token& stop) {
    std::exception_ptr error;
    try {
      for (int64_t i = next_++; i < count_ && !stop.stop_requested(); i = next_++) {
        visit_(i);
        ++done_;
      }
    } catch (...) {
      error = std::current_exception();
      next_ = count_;
    }
    const std::lock_guard lock(mutex_);
    if (error && !error_) error_ = error;
    if (--running_ == 0) finished_.notify_one();
  }

  const int64_t count_;
  std::atomic<int64_t> next_ = 0, done_ = 0;
  std::mutex mutex_;  // guards the three below
  std::condition_variable finished_;
  int running_;
  std::exception_ptr error_;
  const std::function<void(int64_t)>& visit_;
  std::vector<std::jthread> threads_;  // the last member: destroyed first, it joins the threads
};

}  // namespace

void visit_images(int64_t count, const DecodeOptions& options,
                  const std::function<void(int64_t)>& visit) {
  constexpr int most_threads = 1024;
  if (options.threads < 0 || options.threads > most_threads)
    fail_argument(text("0 to ", most_threads, " threads"), options.threads);
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const int threads = options.threads > 0 ? options.threads : cores;
  Visit(count, static_cast<int>(std::min<int64_t>(threads, std::max<int64_t>(1, count))), visit)
      .wait(options.progress);
}

}  // namespace submask
