#include "learn/byte_target.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "learn/byte_price.h"
#include "mask/update_state.h"

namespace submask {
namespace {

// A price that suits most files.
constexpr double usual_price = 0.0025;

// The first scores have to meet their gradients before bytes say anything; near the end the rate is
// too low for a price to change much.
constexpr int64_t points = 40, first_point = 4, last_point = 36;

}  // namespace

ByteTarget::ByteTarget(const TrainSettings& settings, MaskOptimizer& optimizer)
    : bytes_(*settings.bytes),
      later_bytes_(settings.later_bytes),
      optimizer_(optimizer),
      criterion_(settings.criterion),
      first_mu_(criterion_.mu),
      distance_(settings.score_start.mean - first_mu_),
      pull_((settings.byte_price > 0 ? settings.byte_price : usual_price) * distance_),
      least_pull_(1e-6 * distance_) {
  optimizer_.set_pull(pull_);
}

double ByteTarget::mask_bytes() const { return price_masks(optimizer_).bytes; }

void ByteTarget::measure(int64_t file_bytes) {
  const double others = static_cast<double>(file_bytes + later_bytes_) - mask_bytes();
  // What was learned is not lost where others grow beyond the bytes: masks then take next to none.
  const bool is_first = target_ == 0;
  target_ = std::max(static_cast<double>(bytes_) - others, is_first ? 0.0 : 1.0);
  if (target_ == 0)
    fail_argument(text("more --bytes than the ", std::llround(others),
                       " of head, statistics and description"),
                  bytes_);
}

std::optional<std::string> ByteTarget::note_of_miss(int64_t file_bytes) const {
  constexpr double near = 0.05;
  const int64_t measured_bytes = file_bytes + later_bytes_;
  const double ratio = static_cast<double>(measured_bytes) / static_cast<double>(bytes_);
  if (std::abs(ratio - 1) <= near) return std::nullopt;
  return text("--bytes ", bytes_, ": the task file takes about ", measured_bytes, ", because ",
              ratio > 1 ? "its statistics take more than at the start"
              : pays()  ? "its mask grew no further in so few steps"
                        : "its mask takes no more without a price");
}

void ByteTarget::follow(double run_share) {
  const auto point = std::min(static_cast<int64_t>(run_share * points), last_point);
  if (point <= followed_ || point < first_point) return;
  // Bytes fall about as the square root of the price rises. A short run has fewer steps than
  // points, and follows several at once.
  const double factor = std::clamp(std::pow(mask_bytes() / target_, 1.5), 0.5, 2.0);
  const int64_t skipped = std::max(followed_, first_point - 1);
  pull_ = std::clamp(pull_ * std::pow(factor, point - skipped), least_pull_, distance_);
  followed_ = point;
  optimizer_.set_pull(pays() ? pull_ : 0);
}

// The lowest scores are off, as many as the bytes allow.
void ByteTarget::settle() {
  if (mask_bytes() < target_ && !pays()) return;
  const at::Tensor scores = scores_that_may_be_off();
  int64_t fits = 0, too_many = scores.numel() + 1;
  while (too_many - fits > 1) {
    const int64_t count = (fits + too_many) / 2;
    set_mu(scores[count - 1].item<float>());
    (mask_bytes() <= target_ ? fits : too_many) = count;
  }
  if (fits > 0)
    set_mu(scores[fits - 1].item<float>());
  else if (scores.numel() > 0)
    set_mu(std::nextafter(scores[0].item<float>(), -std::numeric_limits<float>::infinity()));
}

// The scores below the threshold, and those that the price may have kept above it, the lowest
// first: float32 on the CPU.
at::Tensor ByteTarget::scores_that_may_be_off() const {
  const double most = first_mu_ + distance_ / 2;
  std::vector<at::Tensor> scores;
  for (size_t i = 0; i < optimizer_.size(); ++i) {
    const at::Tensor score = optimizer_.score(i).to(at::kCPU, at::kFloat);
    scores.push_back(score.masked_select(score < most));
  }
  return std::get<0>(at::sort(at::cat(scores)));
}

void ByteTarget::set_mu(double mu) {
  criterion_.mu = mu;
  optimizer_.set_criterion(criterion_);
}

void ByteTarget::save(const std::string& prefix, TensorMap& state) const {
  state[prefix + "price"] =
      at::tensor({pull_, criterion_.mu, static_cast<double>(followed_), target_}, at::kDouble);
}

void ByteTarget::load(const std::string& prefix, const TensorMap& state) {
  at::Tensor values = at::empty({4}, at::kDouble);
  load_state(state, prefix + "price", values);
  pull_ = values[0].item<double>();
  followed_ = static_cast<int64_t>(values[2].item<double>());
  target_ = values[3].item<double>();
  optimizer_.set_pull(pays() ? pull_ : 0);
  set_mu(values[1].item<double>());
}

}  // namespace submask
