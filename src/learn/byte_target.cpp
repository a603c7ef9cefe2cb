#include "learn/byte_target.h"

#include <algorithm>
#include <cmath>

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
      optimizer_(optimizer),
      criterion_(settings.criterion),
      distance_(settings.score_start.mean - criterion_.mu),
      pull_((settings.byte_price > 0 ? settings.byte_price : usual_price) * distance_),
      least_pull_(1e-6 * distance_) {
  optimizer_.set_pull(pull_);
}

double ByteTarget::mask_bytes() const { return price_masks(optimizer_).bytes; }

void ByteTarget::begin(size_t file_bytes) {
  constexpr double record = 300;  // what measuring adds to the file's provenance
  const double others = static_cast<double>(file_bytes) - mask_bytes() + record;
  target_ = static_cast<double>(bytes_) - others;
  if (target_ <= 0)
    fail_argument(text("more --bytes than the ", std::llround(others),
                       " of head, statistics and description"),
                  bytes_);
}

void ByteTarget::follow(double run_share) {
  const auto point = static_cast<int64_t>(run_share * points);
  if (point <= followed_ || point < first_point || point > last_point) return;
  followed_ = point;
  // Bytes fall about as the square root of the price rises.
  const double factor = std::pow(mask_bytes() / target_, 1.5);
  pull_ = std::clamp(pull_ * std::clamp(factor, 0.5, 2.0), least_pull_, distance_);
  optimizer_.set_pull(pays() ? pull_ : 0);
}

// Bytes rise with mu, as more scores lie below it.
void ByteTarget::settle() {
  const double now = mask_bytes();
  if (now < target_ && !pays()) return;
  double low = criterion_.mu - distance_, high = criterion_.mu + distance_;
  (now > target_ ? high : low) = criterion_.mu;
  constexpr int halvings = 16;
  for (int i = 0; i < halvings; ++i) {
    set_mu((low + high) / 2);
    (mask_bytes() > target_ ? high : low) = criterion_.mu;
  }
  set_mu(low);
}

void ByteTarget::set_mu(double mu) {
  criterion_.mu = mu;
  optimizer_.set_criterion(criterion_);
}

void ByteTarget::save(const std::string& prefix, TensorMap& state) const {
  state[prefix + "price"] =
      at::tensor({pull_, criterion_.mu, static_cast<double>(followed_)}, at::kDouble);
}

void ByteTarget::load(const std::string& prefix, const TensorMap& state) {
  at::Tensor values = at::empty({3}, at::kDouble);
  load_state(state, prefix + "price", values);
  pull_ = values[0].item<double>();
  followed_ = static_cast<int64_t>(values[2].item<double>());
  optimizer_.set_pull(pays() ? pull_ : 0);
  set_mu(values[1].item<double>());
}

}  // namespace submask
