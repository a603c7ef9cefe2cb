#include <algorithm>
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include <submask/loader.h>

#include "base/ceil_div.h"
#include "base/fail.h"
#include "base/random.h"
#include "data/batch/batch_maker.h"

namespace submask {

// Workers take batch numbers in order, prepare the batches without the lock and put them into
// ready_; next() takes them out in order. Workers are at most `ahead_` batches in front of next().
// start_epoch() begins a new generation: a batch that a worker has prepared for an older one is
// dropped.
class Loader::Impl {
 public:
  Impl(std::shared_ptr<const Dataset> dataset, const Transform& transform,
       const LoaderOptions& options)
      : dataset_(std::move(dataset)), options_(options), ahead_(2 * int64_t{options.workers}) {
    if (!dataset_) fail_argument("a data set", "none");
    check_transform(transform);
    check_options(options_, dataset_->size());
    if (options_.workers == 0)
      maker_without_workers_ = std::make_unique<BatchMaker>(dataset_, transform, options_);
    for (int i = 0; i < options_.workers; ++i)
      workers_.emplace_back(
          [this, transform](const std::stop_token& stop) { work(stop, transform); });
  }

  void start_epoch(int64_t epoch, int64_t first_batch);
  std::optional<Batch> next();
  int64_t batches_per_epoch() const;
  std::vector<std::string> bad_images() const { return {bad_images_.begin(), bad_images_.end()}; }

 private:
  void work(const std::stop_token& stop, const Transform& transform);
  std::optional<PreparedBatch> take();

  std::shared_ptr<const Dataset> dataset_;
  LoaderOptions options_;
  int64_t ahead_;
  std::set<std::string> bad_images_;
  std::unique_ptr<BatchMaker> maker_without_workers_;  // null where there are workers

  std::mutex mutex_;  // guards everything below
  std::condition_variable_any work_wanted_;
  std::condition_variable batch_ready_;
  BatchPlan plan_;        // of the next batch that a worker takes
  int64_t next_out_ = 0;  // the next batch that next() returns
  std::map<int64_t, PreparedBatch> ready_;
  std::atomic<uint64_t> generation_ = 0;
  std::vector<std::jthread> workers_;  // the last member: destroyed first, it joins the threads
};

int64_t Loader::Impl::batches_per_epoch() const {
  const int64_t size = dataset_->size(), batch = options_.batch_size;
  return options_.drop_last ? size / batch : ceil_div(size, batch);
}

void Loader::Impl::start_epoch(int64_t epoch, int64_t first_batch) {
  if (epoch < 0) fail_argument("an epoch of 0 or later", epoch);
  if (first_batch < 0 || first_batch > batches_per_epoch())
    fail_argument(text("a first batch of 0 to ", batches_per_epoch()), first_batch);
  std::vector<int64_t> order;
  if (options_.shuffle) {
    Random random = random_stream(options_.seed, Stream::order, static_cast<uint64_t>(epoch));
    order = random.permutation(dataset_->size());
  } else {
    order.resize(static_cast<size_t>(dataset_->size()));
    std::iota(order.begin(), order.end(), 0);
  }
  {
    const std::lock_guard lock(mutex_);
    ++generation_;
    plan_ = {std::make_shared<const std::vector<int64_t>>(std::move(order)), epoch, first_batch};
    next_out_ = first_batch;
    ready_.clear();
  }
  work_wanted_.notify_all();
}

void Loader::Impl::work(const std::stop_token& stop, const Transform& transform) {
  BatchMaker maker(dataset_, transform, options_);
  std::unique_lock lock(mutex_);
  const auto has_work = [this] {
    return plan_.order && plan_.number < std::min(next_out_ + ahead_, batches_per_epoch());
  };
  while (work_wanted_.wait(lock, stop, has_work) && !stop.stop_requested()) {
    const BatchPlan plan = plan_;
    ++plan_.number;
    const uint64_t generation = generation_;
    lock.unlock();
    PreparedBatch prepared =
        maker.make(plan, [&] { return generation_ != generation || stop.stop_requested(); });
    lock.lock();
    if (generation_ != generation) continue;
    assert(plan.number >= next_out_ && !ready_.contains(plan.number));  // nobody else made it
    ready_.emplace(plan.number, std::move(prepared));
    assert(std::ssize(ready_) <= ahead_);
    if (plan.number == next_out_) batch_ready_.notify_one();
  }
}

std::optional<PreparedBatch> Loader::Impl::take() {
  std::unique_lock lock(mutex_);
  if (!plan_.order) fail_argument("start_epoch() before next()", "next()");
  if (next_out_ == batches_per_epoch()) return std::nullopt;
  if (maker_without_workers_) {
    BatchPlan plan = plan_;
    plan.number = next_out_++;
    return maker_without_workers_->make(plan, [] { return false; });
  }
  batch_ready_.wait(lock, [this] { return ready_.contains(next_out_); });
  assert(ready_.begin()->first == next_out_);  // none was left behind
  PreparedBatch prepared = std::move(ready_.extract(next_out_).mapped());
  ++next_out_;
  lock.unlock();
  work_wanted_.notify_one();
  return prepared;
}

std::optional<Batch> Loader::Impl::next() {
  while (std::optional<PreparedBatch> prepared = take()) {
    if (prepared->error) std::rethrow_exception(prepared->error);
    bad_images_.insert(prepared->bad_images.begin(), prepared->bad_images.end());
    if (!prepared->batch.indices.empty() || options_.shares > 1) return std::move(prepared->batch);
  }
  return std::nullopt;
}

Loader::Loader(std::shared_ptr<const Dataset> dataset, const Transform& transform,
               const LoaderOptions& options)
    : impl_(std::make_unique<Impl>(std::move(dataset), transform, options)) {}
Loader::~Loader() = default;

void Loader::start_epoch(int64_t epoch, int64_t first_batch) {
  impl_->start_epoch(epoch, first_batch);
}
std::optional<Batch> Loader::next() { return impl_->next(); }
int64_t Loader::batches_per_epoch() const { return impl_->batches_per_epoch(); }
std::vector<std::string> Loader::bad_images() const { return impl_->bad_images(); }

}  // namespace submask
