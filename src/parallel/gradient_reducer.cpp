#include "parallel/gradient_reducer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

namespace submask {
namespace {

constexpr int64_t first_bucket_bytes = int64_t{1} << 20;

// What adds to a parameter's gradient: autograd keeps it only as long as somebody points to it.
// LibTorch's versions have different pointers.
using Accumulator =
    decltype(torch::autograd::impl::grad_accumulator(std::declval<const at::Tensor&>()));

}  // namespace

// Gradients of one dtype, one after another, and behind them a mark for each parameter: how many
// ranks have a gradient for it.
struct GradientReducer::Bucket {
  std::vector<at::Tensor> parameters;
  std::vector<std::pair<Accumulator, uintptr_t>> hooks;  // each with its key
  at::Tensor values;
  size_t missing = 0;  // gradients that have not come yet in this backward()
};

// Called by autograd after it has added to a parameter's gradient.
class GradientReducer::Hook : public torch::autograd::FunctionPostHook {
 public:
  Hook(GradientReducer& reducer, size_t bucket) : reducer_(reducer), bucket_(bucket) {}

  torch::autograd::variable_list operator()(const torch::autograd::variable_list& outputs,
                                            const torch::autograd::variable_list&) override {
    reducer_.gradient_is_ready(bucket_);
    return outputs;
  }

 private:
  GradientReducer& reducer_;
  size_t bucket_;
};

GradientReducer::GradientReducer(const Communicator& communicator,
                                 std::vector<at::Tensor> parameters, int64_t bucket_bytes) {
  if (communicator.is_alone()) return;
  communicator_ = communicator.duplicate();
  std::reverse(parameters.begin(), parameters.end());
  std::vector<at::Tensor> next;
  int64_t bytes = 0;
  for (const at::Tensor& parameter : parameters) {
    const int64_t most =
        buckets_.empty() ? std::min(first_bucket_bytes, bucket_bytes) : bucket_bytes;
    const bool fits = next.empty() || (bytes + static_cast<int64_t>(parameter.nbytes()) <= most &&
                                       parameter.scalar_type() == next.front().scalar_type());
    if (!fits) add_bucket(std::exchange(next, {}));
    if (next.empty()) bytes = 0;
    next.push_back(parameter);
    bytes += static_cast<int64_t>(parameter.nbytes());
  }
  if (!next.empty()) add_bucket(std::move(next));
  thread_ = std::thread([this] { reduce_buckets(); });
}

GradientReducer::~GradientReducer() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
  // Autograd may keep a parameter's node longer than this object, and with it the hook.
  for (const auto& bucket : buckets_)
    for (const auto& [accumulator, hook] : bucket->hooks) accumulator->del_post_hook(hook);
}

void GradientReducer::add_bucket(std::vector<at::Tensor> parameters) {
  auto bucket = std::make_unique<Bucket>();
  int64_t count = std::ssize(parameters);
  for (const at::Tensor& parameter : parameters) {
    count += parameter.numel();
    const Accumulator accumulator = torch::autograd::impl::grad_accumulator(parameter);
    const uintptr_t hook =
        accumulator->add_post_hook(std::make_unique<Hook>(*this, buckets_.size()));
    bucket->hooks.emplace_back(accumulator, hook);
  }
  bucket->values = at::empty({count}, parameters.front().options().requires_grad(false));
  bucket->parameters = std::move(parameters);
  buckets_.push_back(std::move(bucket));
}

void GradientReducer::start() {
  if (communicator_.is_alone()) return;
  const std::lock_guard lock(mutex_);
  for (const auto& bucket : buckets_) bucket->missing = bucket->parameters.size();
  ready_ = reduced_ = 0;
  active_ = true;
}

void GradientReducer::gradient_is_ready(size_t index) {
  const std::lock_guard lock(mutex_);
  if (!active_) return;
  Bucket& bucket = *buckets_[index];
  if (bucket.missing > 0) --bucket.missing;
  while (ready_ < buckets_.size() && buckets_[ready_]->missing == 0) ++ready_;
  changed_.notify_all();
}

void GradientReducer::finish() {
  if (communicator_.is_alone()) return;
  std::unique_lock lock(mutex_);
  ready_ = buckets_.size();
  changed_.notify_all();
  changed_.wait(lock, [this] { return reduced_ == buckets_.size() || error_; });
  active_ = false;
  if (error_) std::rethrow_exception(error_);
}

void GradientReducer::reduce_buckets() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || (active_ && reduced_ < ready_); });
    if (ending_) return;
    Bucket& bucket = *buckets_[reduced_];
    lock.unlock();
    std::exception_ptr error;
    try {
      reduce(bucket);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error) {
      error_ = error;
      changed_.notify_all();
      return;
    }
    ++reduced_;
    changed_.notify_all();
  }
}

// Afterwards the gradients are parts of the bucket, so nothing is copied back. The optimiser clears
// them before the bucket is filled again.
void GradientReducer::reduce(Bucket& bucket) {
  const at::NoGradGuard no_grad;
  at::Tensor marks = bucket.values.narrow(0, bucket.values.numel() - std::ssize(bucket.parameters),
                                          std::ssize(bucket.parameters));
  int64_t offset = 0;
  for (size_t i = 0; i < bucket.parameters.size(); ++i) {
    const at::Tensor& parameter = bucket.parameters[i];
    at::Tensor part = bucket.values.narrow(0, offset, parameter.numel()).view(parameter.sizes());
    const at::Tensor gradient = parameter.grad();
    if (gradient.defined())
      part.copy_(gradient);
    else
      part.zero_();
    marks[static_cast<int64_t>(i)].fill_(gradient.defined() ? 1 : 0);
    offset += parameter.numel();
  }
  communicator_.all_reduce(bucket.values);
  offset = 0;
  for (size_t i = 0; i < bucket.parameters.size(); ++i) {
    at::Tensor parameter = bucket.parameters[i];
    if (marks[static_cast<int64_t>(i)].item<double>() > 0)
      parameter.mutable_grad() =
          bucket.values.narrow(0, offset, parameter.numel()).view(parameter.sizes());
    offset += parameter.numel();
  }
}

}  // namespace submask
