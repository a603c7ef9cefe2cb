#include "serve/engine/engine.h"

#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <submask/evaluate.h>
#include <submask/loader.h>

#include "backbone/network.h"
#include "base/fail.h"
#include "mask/aten_parallel.h"
#include "serve/engine/task_queues.h"

namespace submask {
namespace {

double milliseconds(ServeClock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

void check_image(const Question& question) {
  const int64_t side = question.file->description().preprocessing.input_size;
  const at::Tensor& image = question.image;
  const bool is_known = image.scalar_type() == at::kByte || image.scalar_type() == at::kFloat;
  if (!is_known || image.sizes() != at::IntArrayRef({3, side, side}))
    fail_argument(text("an image of 3 x ", side, " x ", side, " bytes or floats"),
                  text(image.sizes(), " of ", image.scalar_type()));
}

// float32 [N, 3, S, S], in the layout that normalise() gives.
at::Tensor input_of(std::span<const WaitingQuestion> questions,
                    const Preprocessing& preprocessing) {
  std::vector<at::Tensor> images;
  for (const WaitingQuestion& waiting : questions) {
    const at::Tensor image = waiting.question.image.unsqueeze(0);
    images.push_back(image.scalar_type() == at::kByte ? normalise(image, preprocessing) : image);
  }
  return images.size() == 1 ? images.front()
                            : at::cat(images).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

class Engine::Impl {
 public:
  Impl(Backbone& backbone, TaskMemory& memory, const EngineOptions& options)
      : memory_(memory),
        options_(options),
        queues_(options.max_batch, options.max_delay),
        most_ready_(memory.slots().size() - memory.slots().most_pinned() -
                    static_cast<size_t>(2 * options.workers)),
        began_(static_cast<size_t>(options.workers), ServeClock::time_point::max()) {
    for (int worker = 0; worker < options.workers; ++worker) networks_.push_back(backbone.share());
    for (size_t worker = 0; worker < networks_.size(); ++worker)
      threads_.emplace_back([this, worker] { work(worker); });
    threads_.emplace_back([this] { load(); });
  }

  ~Impl() { stop(); }

  void ask(Question question, Done done) {
    check_image(question);
    const std::lock_guard guard(mutex_);
    if (is_stopping_) throw TooBusy("expected a question before the end of service");
    if (!has_room_locked(1, question.image.nbytes()))
      throw TooBusy(text("expected at most ", options_.max_queue_images, " images or ",
                         options_.max_queue_bytes, " bytes to wait, got more"));
    queues_.push({std::move(question), std::move(done), ServeClock::now()});
    changed_.notify_all();
  }

  bool has_room(int64_t images, uint64_t bytes) const {
    const std::lock_guard guard(mutex_);
    return !is_stopping_ && has_room_locked(images, bytes);
  }

  void stop() {
    {
      const std::lock_guard guard(mutex_);
      is_stopping_ = true;
      queues_.hurry();
      changed_.notify_all();
    }
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

  EngineState state() const {
    const std::lock_guard guard(mutex_);
    EngineState state = counts_;
    state.waiting_images = queues_.images();
    state.waiting_bytes = queues_.bytes();
    state.waiting_tasks = queues_.tasks();
    const auto now = ServeClock::now();
    for (const ServeClock::time_point began : began_)
      if (began < now)
        state.longest_busy = std::max(
            state.longest_busy, std::chrono::duration_cast<std::chrono::milliseconds>(now - began));
    return state;
  }

 private:
  bool has_room_locked(int64_t images, uint64_t bytes) const {
    return queues_.images() + images <= options_.max_queue_images &&
           queues_.bytes() + bytes <= options_.max_queue_bytes;
  }

  // Expands the weights of the tasks that come next, for as many as there are slots beside those
  // that workers use and that are pinned: a worker that has a cascade's first weights and waits for
  // its next ones would wait for ever where these slots are held for tasks that wait for it.
  void load() {
    at::set_num_threads(1);
    const SleepingSweeps on_all_cores;
    std::unique_lock lock(mutex_);
    while (true) {
      TaskQueue* next = queues_.next_to_load();
      if (next != nullptr && queues_.ready() >= most_ready_ && !queues_.give_back_farthest())
        next = nullptr;
      if (next == nullptr) {
        if (is_stopping_ && queues_.images() == 0) return;
        changed_.wait(lock);
        continue;
      }
      next->weights = TaskQueue::Weights::loading;
      const auto file = next->file;
      lock.unlock();
      std::shared_ptr<const WeightSet> weights;
      std::exception_ptr error;
      try {
        weights = memory_.weights(*file, 0);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      auto failed = queues_.finish_loading(file->digest, std::move(weights));
      counts_.failed += std::ssize(failed);
      changed_.notify_all();
      lock.unlock();
      for (const WaitingQuestion& waiting : failed) waiting.done(error);
      lock.lock();
    }
  }

  void work(size_t worker) {
    at::set_num_threads(options_.threads);
    const at::NoGradGuard no_grad;
    network_of(*networks_[worker]).eval();
    std::unique_lock lock(mutex_);
    while (true) {
      const auto now = ServeClock::now();
      auto expired = queues_.take_expired(now);
      auto batch = queues_.next_batch(now);
      if (!batch && expired.empty()) {
        if (is_stopping_ && queues_.images() == 0) return;
        wait(lock);
        continue;
      }
      if (batch) began_[worker] = now;
      counts_.given_up += std::ssize(expired);
      changed_.notify_all();
      lock.unlock();
      refuse(expired);
      if (batch) answer(*networks_[worker], *batch, now);
      batch.reset();
      lock.lock();
      began_[worker] = ServeClock::time_point::max();
    }
  }

  // Until something changes, a batch is due, or it is time to look for what has expired.
  void wait(std::unique_lock<std::mutex>& lock) {
    constexpr std::chrono::milliseconds look_again{100};
    if (queues_.images() == 0) return changed_.wait(lock);
    auto until = ServeClock::now() + look_again;
    if (const auto due = queues_.next_due()) until = std::min(until, *due);
    changed_.wait_until(lock, until);
  }

  static void refuse(const std::vector<WaitingQuestion>& expired) {
    for (const WaitingQuestion& waiting : expired)
      waiting.done(std::make_exception_ptr(
          TooLate(waiting.question.is_given_up && *waiting.question.is_given_up
                      ? "expected the client to stay for its answer, got the end of what it sends"
                      : "expected an answer in time, got none")));
  }

  void answer(Backbone& network, const TaskBatch& batch, ServeClock::time_point taken) {
    auto answers = compute_all(network, batch, taken);
    {
      const std::lock_guard guard(mutex_);
      ++counts_.batches;
      for (const auto& each : answers)
        ++(std::holds_alternative<Answer>(each) ? counts_.answered : counts_.failed);
    }
    for (size_t i = 0; i < batch.questions.size(); ++i)
      batch.questions[i].done(std::move(answers[i]));
  }

  using Outcome = std::variant<Answer, std::exception_ptr>;

  // Where a batch fails, as one image of numbers that overflow makes it, its images are computed
  // one by one: none has to answer for another.
  std::vector<Outcome> compute_all(Backbone& network, const TaskBatch& batch,
                                   ServeClock::time_point taken) {
    const std::span all(batch.questions);
    std::vector<Outcome> outcomes;
    try {
      for (Answer& each : compute(network, batch, all, taken))
        outcomes.emplace_back(std::move(each));
      return outcomes;
    } catch (...) {
      if (all.size() == 1) return {std::current_exception()};
    }
    for (size_t i = 0; i < all.size(); ++i) {
      try {
        outcomes.emplace_back(std::move(compute(network, batch, all.subspan(i, 1), taken).front()));
      } catch (...) {
        outcomes.emplace_back(std::current_exception());
      }
    }
    return outcomes;
  }

  std::vector<Answer> compute(Backbone& network, const TaskBatch& batch,
                              std::span<const WaitingQuestion> questions,
                              ServeClock::time_point taken) {
    const ServedFile& file = *batch.file;
    const at::Tensor input = input_of(questions, file.description().preprocessing);
    at::Tensor features;
    const Head* head = nullptr;
    if (const Cascade* cascade = file.cascade()) {
      CascadePredictor predictor(network, *cascade, CascadeMode::conditional, [&](size_t member) {
        return member == 0 ? batch.weights : memory_.weights(file, member);
      });
      features = predictor.features(input);
      if (predictor.view().head) head = &*predictor.view().head;
    } else {
      const WeightBinding binding(network, *batch.weights);
      features = network.features(input);
      if (file.head) head = &*file.head;
    }
    const at::Tensor scores = head == nullptr ? at::Tensor() : head_scores(*head, features);
    const auto done = ServeClock::now();
    std::vector<Answer> answers;
    for (size_t i = 0; i < questions.size(); ++i) {
      const WaitingQuestion& waiting = questions[i];
      const auto row = static_cast<int64_t>(i);
      answers.push_back({.scores = scores.defined() ? scores[row] : scores,
                         .features = waiting.question.wants_features ? features[row] : at::Tensor(),
                         .batch = std::ssize(questions),
                         .waited_ms = milliseconds(taken - waiting.arrived),
                         .computed_ms = milliseconds(done - taken)});
    }
    return answers;
  }

  TaskMemory& memory_;
  const EngineOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  TaskQueues queues_;
  const size_t
      most_ready_;  // tasks whose weights are expanded, or are being so, ahead of their turn
  std::vector<ServeClock::time_point> began_;  // the batch that a worker computes; max(): none
  EngineState counts_;
  bool is_stopping_ = false;
  std::vector<std::unique_ptr<Backbone>> networks_;
  std::vector<std::thread> threads_;  // last, as they use all of the others
};

Engine::Engine(Backbone& backbone, TaskMemory& memory, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(backbone, memory, options)) {}

Engine::~Engine() = default;

void Engine::ask(Question question, Done done) { impl_->ask(std::move(question), std::move(done)); }

bool Engine::has_room(int64_t images, uint64_t bytes) const {
  return impl_->has_room(images, bytes);
}

void Engine::stop() { impl_->stop(); }

EngineState Engine::state() const { return impl_->state(); }

}  // namespace submask
