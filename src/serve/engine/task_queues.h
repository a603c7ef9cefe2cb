// The queues of an engine: what is waiting for which task, and whose turn it is. No threads: the
// engine's lock is held for every call.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "serve/engine/engine.h"

namespace submask {

struct WaitingQuestion {
  Question question;
  Engine::Done done;
  ServeClock::time_point arrived;
};

struct TaskQueue {
  enum class Weights { missing, loading, ready };

  std::shared_ptr<const ServedFile> file;
  std::deque<WaitingQuestion> waiting;
  double start = 0;  // virtual, in images: of the first one waiting, or of the next one to come
  Weights weights = Weights::missing;
  std::shared_ptr<const WeightSet> held;  // once they are ready
};

struct TaskBatch {
  std::shared_ptr<const ServedFile> file;
  std::shared_ptr<const WeightSet> weights;
  std::vector<WaitingQuestion> questions;
};

class TaskQueues {
 public:
  TaskQueues(int64_t max_batch, std::chrono::microseconds max_delay)
      : max_batch_(max_batch), max_delay_(max_delay) {}

  void push(WaitingQuestion waiting);

  // The queue that needs its weights first; null where none does.
  TaskQueue* next_to_load();
  // Where `held` is null, nothing waits any more: the questions are returned.
  std::vector<WaitingQuestion> finish_loading(const std::string& digest,
                                              std::shared_ptr<const WeightSet> held);
  // Takes the weights from the queue whose turn is the farthest, if it is farther than that of the
  // next to load. Returns whether there was one.
  bool give_back_farthest();
  size_t ready() const;

  // The batch whose turn it is; nothing where none is due yet.
  std::optional<TaskBatch> next_batch(ServeClock::time_point now);
  // When one will be due; nothing where none is waiting with its weights.
  std::optional<ServeClock::time_point> next_due() const;

  // Questions whose time is over, or whose asker has gone.
  std::vector<WaitingQuestion> take_expired(ServeClock::time_point now);
  std::vector<WaitingQuestion> take_all();

  // From now on every batch is due.
  void hurry() { max_delay_ = std::chrono::microseconds(0); }

  int64_t images() const { return images_; }
  uint64_t bytes() const { return bytes_; }
  int64_t tasks() const;  // that somebody waits for

 private:
  void count_out(const WaitingQuestion& waiting);
  void let_go_if_empty(TaskQueue& queue);
  void forget_old();

  int64_t max_batch_;
  std::chrono::microseconds max_delay_;
  // By the file's digest. An empty queue stays until its start has passed, so that whoever asks
  // again at once does not come before the others each time.
  std::unordered_map<std::string, TaskQueue> queues_;
  double now_ = 0;  // virtual
  int64_t images_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace submask
