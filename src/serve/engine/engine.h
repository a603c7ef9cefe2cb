// Answers questions about images by many tasks over one backbone: a queue a task, batches of one
// task, worker threads with a network each over the same pretrained weights, and threads that
// expand the weights of the next tasks meanwhile.
//
// The turn goes by start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996): a task's next
// image starts where its last one ended, or now where it had none waiting, and the earliest start
// comes first. So neither a task that is asked without end starves the others, nor many tasks that
// are asked once starve it. Any thread may use an engine.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <variant>

#include <ATen/core/Tensor.h>

#include <submask/backbone.h>
#include <submask/error.h>

#include "serve/engine/served_file.h"
#include "serve/engine/task_memory.h"

namespace submask {

using ServeClock = std::chrono::steady_clock;

struct EngineOptions {
  int workers = 1;
  int threads = 1;  // of arithmetic, for each worker
  int64_t max_batch = 16;
  std::chrono::microseconds max_delay{
      2000};  // that a batch which is not full waits for more images
  int64_t max_queue_images = 1024;
  uint64_t max_queue_bytes = uint64_t{256} << 20;
};

struct Question {
  std::shared_ptr<const ServedFile> file;
  at::Tensor image;  // uint8 [3, S, S] as the task prepares images, or float32, normalised
  bool wants_features = false;
  ServeClock::time_point deadline = ServeClock::time_point::max();
  std::shared_ptr<const std::atomic<bool>> is_given_up = nullptr;  // whoever asked has gone
};

struct Answer {
  at::Tensor scores = {};    // float32 [C], logits; undefined where the task has no head
  at::Tensor features = {};  // float32 [D], where asked for
  int64_t batch = 0;         // images that went through the network together
  double waited_ms = 0, computed_ms = 0;
};

// The engine is full: ask again later.
class TooBusy : public Error {
 public:
  explicit TooBusy(const std::string& message) : Error(ErrorKind::unavailable, message) {}
};

// The deadline passed before the image had its turn.
class TooLate : public Error {
 public:
  explicit TooLate(const std::string& message) : Error(ErrorKind::unavailable, message) {}
};

struct EngineState {
  int64_t waiting_images = 0;
  uint64_t waiting_bytes = 0;
  int64_t waiting_tasks = 0;
  int64_t answered = 0, failed = 0, given_up = 0, batches = 0;  // since the start
  std::chrono::milliseconds longest_busy{0};  // of the batches that are being computed
};

class Engine {
 public:
  // Called once for each question, by a worker, a loader or stop(). It must not throw.
  using Done = std::function<void(std::variant<Answer, std::exception_ptr>)>;

  // `backbone` and `memory` must outlive it; the backbone must not be bound.
  Engine(Backbone& backbone, TaskMemory& memory, const EngineOptions& options);
  ~Engine();  // as stop()
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Throws TooBusy where the queue is full or the engine stops, and invalid_argument for an image
  // of another shape or type.
  void ask(Question question, Done done);

  // Whether so many more images would be taken.
  bool has_room(int64_t images, uint64_t bytes) const;

  // Answers what is waiting, and takes no more.
  void stop();

  EngineState state() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace submask
