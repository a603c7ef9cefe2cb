#include "serve/api/predict_job.h"

#include <mutex>
#include <optional>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "image/image.h"
#include "serve/api/refusal.h"
#include "serve/engine/prepare_image.h"

namespace submask {
namespace {

// Questions of one job that wait at a time. More would only fill the queue of others.
constexpr size_t most_under_way = 64;
constexpr size_t most_kept_bytes = size_t{128} << 20;  // of scores and features of one job

class RunningJob : public std::enable_shared_from_this<RunningJob> {
 public:
  RunningJob(PredictJob job, TaskFolder& folder, Engine& engine, WorkPool& pool,
             JobFinished finished)
      : job_(std::move(job)),
        folder_(folder),
        engine_(engine),
        pool_(pool),
        finished_(std::move(finished)),
        answers_(job_.tasks.size() * job_.images.size()),
        prepared_(job_.images.size()) {}

  // Asks as much as may be under way, up to an image that has to be decoded: then it is others'
  // turn. One thread of the pool at a time is in it.
  void advance() {
    std::unique_lock lock(mutex_);
    has_decoded_ = false;
    while (has_more() && !has_decoded_) {
      const size_t number = next_++;
      ++under_way_;
      lock.unlock();
      auto error = ask(number);
      lock.lock();
      if (!error) continue;
      --under_way_;
      if (is_too_busy(error) && under_way_ > 0) {  // asked again after one of the others
        next_ = number;
        is_full_ = true;
      } else {
        answers_[number].outcome = std::move(error);
      }
    }
    is_advancing_ = false;
    if (!is_over()) return go_on();
    lock.unlock();
    finished_(job_, std::move(answers_));
  }

 private:
  // These three are called with the lock.
  bool has_more() const {
    return next_ < answers_.size() && under_way_ < most_under_way && !is_full_;
  }
  bool is_over() const { return next_ == answers_.size() && under_way_ == 0; }
  void go_on() {
    if (is_advancing_ || !(has_more() || is_over())) return;
    is_advancing_ = true;
    pool_.post([self = shared_from_this()] { self->advance(); });
  }

  // Null where the engine took the question.
  std::exception_ptr ask(size_t number) {
    JobAnswer& answer = answers_[number];
    try {
      check_time(job_);
      answer.file = open(number / job_.images.size());
      const Preprocessing& preprocessing = answer.file->description().preprocessing;
      engine_.ask({.file = answer.file,
                   .image = input_of(number % job_.images.size(), preprocessing),
                   .wants_features = job_.wants_features,
                   .deadline = job_.deadline,
                   .is_given_up = job_.is_given_up},
                  [self = shared_from_this(), number](auto outcome) {
                    self->take(number, std::move(outcome));
                  });
      return nullptr;
    } catch (...) {
      return std::current_exception();
    }
  }

  static bool is_too_busy(const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const TooBusy&) {
      return true;
    } catch (...) {
      return false;
    }
  }

  // A task is opened once for all images, whether that fails or not.
  std::shared_ptr<const ServedFile> open(size_t number) {
    if (opened_number_ != number) {
      opened_number_ = number;
      open_error_ = nullptr;
      try {
        opened_ = open(job_.tasks[number]);
      } catch (...) {
        open_error_ = std::current_exception();
      }
    }
    if (open_error_) std::rethrow_exception(open_error_);
    return opened_;
  }

  std::shared_ptr<const ServedFile> open(const AskedTask& task) {
    if (const auto* name = std::get_if<std::string>(&task))
      return folder_.open(*name, /*suggests=*/job_.tasks.size() == 1);
    return std::get<std::shared_ptr<const ServedFile>>(task);
  }

  at::Tensor input_of(size_t number, const Preprocessing& preprocessing) {
    const auto& [name, content] = job_.images[number];
    if (const auto* input = std::get_if<at::Tensor>(&content)) return *input;
    auto& prepared = prepared_[number];
    if (prepared && prepared->first == preprocessing) return prepared->second;
    has_decoded_ = true;
    const auto* bytes = std::get_if<std::string_view>(&content);
    at::Tensor input =
        bytes == nullptr
            ? prepare_image(std::get<Image>(content), preprocessing)
            : prepare_image(decode_image(as_bytes(*bytes), name, job_.rules), preprocessing);
    prepared.emplace(preprocessing, input);
    return input;
  }

  // Called by the engine.
  void take(size_t number, std::variant<Answer, std::exception_ptr> outcome) {
    const std::lock_guard guard(mutex_);
    answers_[number].outcome = within_bounds(std::move(outcome));
    --under_way_;
    is_full_ = false;
    go_on();
  }

  // Called with the lock.
  std::variant<Answer, std::exception_ptr> within_bounds(
      std::variant<Answer, std::exception_ptr> outcome) {
    const auto* answer = std::get_if<Answer>(&outcome);
    if (answer == nullptr) return outcome;
    for (const at::Tensor& kept : {answer->scores, answer->features})
      if (kept.defined()) kept_bytes_ += kept.nbytes();
    if (kept_bytes_ <= most_kept_bytes) return outcome;
    return std::make_exception_ptr(Refusal(400, text("expected at most ", most_kept_bytes,
                                                     " bytes of scores of one request, got more")));
  }

  const PredictJob job_;
  TaskFolder& folder_;
  Engine& engine_;
  WorkPool& pool_;
  const JobFinished finished_;
  std::mutex mutex_;
  std::vector<JobAnswer> answers_;
  size_t next_ = 0, under_way_ = 0, kept_bytes_ = 0;
  bool is_advancing_ = true;
  bool is_full_ = false;  // the engine, until one of this job's questions is answered
  // Used by the thread that advances: the task whose turn it is, and whether an image was decoded.
  size_t opened_number_ = SIZE_MAX;
  std::shared_ptr<const ServedFile> opened_;
  std::exception_ptr open_error_;
  bool has_decoded_ = false;
  // Of each image, as the last task prepares it: most do so alike.
  std::vector<std::optional<std::pair<Preprocessing, at::Tensor>>> prepared_;
};

}  // namespace

void check_time(const PredictJob& job) {
  if (job.is_given_up && *job.is_given_up)
    throw TooLate("expected the client to stay for its answer, got the end of what it sends");
  if (ServeClock::now() >= job.deadline) throw TooLate("expected an answer in time, got none");
}

void run_job(PredictJob job, TaskFolder& folder, Engine& engine, WorkPool& pool,
             JobFinished finished) {
  std::make_shared<RunningJob>(std::move(job), folder, engine, pool, std::move(finished))
      ->advance();
}

}  // namespace submask
