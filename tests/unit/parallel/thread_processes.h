// Processes of a run as threads, so that tests need no MPI.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "parallel/communicator.h"

namespace submask {

// What the ranks of one ThreadTransport share. A rank that fails lets the others fail too, where
// processes would be ended.
class ThreadMeeting {
 public:
  explicit ThreadMeeting(int size) : size_(size), sends_(size), pieces_(size) {}

  int size() const { return size_; }

  void meet() {
    std::unique_lock lock(mutex_);
    const int64_t round = round_;
    if (++arrived_ == size_) {
      arrived_ = 0;
      ++round_;
      changed_.notify_all();
    }
    changed_.wait(lock, [&] { return round_ != round || broken_; });
    if (broken_) throw std::runtime_error("another rank has failed");
  }

  void give_up() {
    const std::lock_guard lock(mutex_);
    broken_ = true;
    changed_.notify_all();
    for (const auto& [number, child] : children_) child->give_up();
  }

  void put(int rank, const void* send, Pieces sent) {
    sends_[rank] = static_cast<const char*>(send);
    pieces_[rank] = std::move(sent);
  }
  const char* piece(int from, int to) const { return sends_[from] + pieces_[from].offsets[to]; }
  int piece_size(int from, int to) const { return pieces_[from].sizes[to]; }

  std::shared_ptr<ThreadMeeting> child(int number) {
    const std::lock_guard lock(mutex_);
    auto& child = children_[number];
    if (!child) child = std::make_shared<ThreadMeeting>(size_);
    return child;
  }

 private:
  const int size_;
  std::vector<const char*> sends_;
  std::vector<Pieces> pieces_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  int64_t round_ = 0;
  bool broken_ = false;
  std::map<int, std::shared_ptr<ThreadMeeting>> children_;
};

class ThreadTransport : public Transport {
 public:
  ThreadTransport(std::shared_ptr<ThreadMeeting> meeting, int rank)
      : meeting_(std::move(meeting)), rank_(rank) {}

  int rank() const override { return rank_; }
  int size() const override { return meeting_->size(); }

  void exchange(const void* send, const Pieces& sent, void* receive,
                const Pieces& received) override {
    meeting_->put(rank_, send, sent);
    meeting_->meet();
    for (int from = 0; from < size(); ++from) {
      if (received.sizes[from] != meeting_->piece_size(from, rank_))
        throw std::runtime_error("ranks disagree on a size");
      std::memcpy(static_cast<char*>(receive) + received.offsets[from],
                  meeting_->piece(from, rank_), received.sizes[from]);
    }
    meeting_->meet();
  }

  void gather(const void* send, void* receive, const Pieces& received) override {
    const std::vector<int> sizes(size(), received.sizes[rank_]);
    exchange(send, {sizes, std::vector<int>(size(), 0)}, receive, received);
  }

  std::unique_ptr<Transport> duplicate() override {
    return std::make_unique<ThreadTransport>(meeting_->child(children_++), rank_);
  }

  [[noreturn]] void abort(int) override { std::terminate(); }

 private:
  std::shared_ptr<ThreadMeeting> meeting_;
  int rank_;
  int children_ = 0;
};

// Calls work(rank) in a thread for each rank, under a communicator of `size` ranks. Rethrows the
// error of the rank that failed first.
inline void run_processes(int size, const std::function<void(int rank)>& work) {
  const auto meeting = std::make_shared<ThreadMeeting>(size);
  std::mutex mutex;
  std::exception_ptr error;
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank)
    threads.emplace_back([&, rank] {
      try {
        const Communicator communicator(std::make_unique<ThreadTransport>(meeting, rank));
        const CommunicatorScope scope(communicator);
        work(rank);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        meeting->give_up();
      }
    });
  for (std::thread& thread : threads) thread.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace submask
