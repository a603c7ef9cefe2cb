#include "mask/criterion.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

namespace submask {
namespace {

// A Bool mask that is on for the `keep` largest scores.
at::Tensor mask_of_largest(const at::Tensor& score, int64_t keep) {
  // A stable descending sort keeps equal scores in the order of their indices.
  const at::Tensor flat = score.reshape({-1});
  const at::Tensor order = std::get<1>(flat.sort(/*stable=*/true, /*dim=*/0, /*descending=*/true));
  at::Tensor mask = at::zeros({flat.numel()}, flat.options().dtype(at::kBool));
  mask.index_fill_(0, order.narrow(0, 0, keep), true);
  return mask.view(score.sizes());
}

}  // namespace

at::Tensor criterion_mask(const Criterion& criterion, const at::Tensor& score) {
  if (criterion.kind == CriterionKind::topk) {
    const auto keep = static_cast<int64_t>(
        std::llround(criterion.keep_share * static_cast<double>(score.numel())));
    return mask_of_largest(score, std::clamp<int64_t>(keep, 1, score.numel()));
  }
  at::Tensor mask = score > criterion.mu;
  if (criterion.kind == CriterionKind::threshold && !mask.any().item<bool>())
    return mask_of_largest(score, 1);
  return mask;
}

at::Tensor score_gradient(const Criterion& criterion, const at::Tensor& theta,
                          const at::Tensor& gradient, const at::Tensor& mask, double scale) {
  at::Tensor result = theta * gradient;
  if (criterion.kind == CriterionKind::flip || !criterion.scale) return result;
  const at::Tensor through_scale =
      (result * mask).sum() * (scale * scale * scale / (2.0 * static_cast<double>(theta.numel())));
  return result.mul_(scale).sub_(through_scale);
}

void materialise(const Criterion& criterion, const at::Tensor& theta, const at::Tensor& mask,
                 double scale, at::Tensor& weight) {
  if (criterion.kind == CriterionKind::flip) {
    at::where_out(weight, mask, theta, -theta);
  } else {
    at::mul_out(weight, theta, mask);
    weight.mul_(scale);
  }
}

Criterion scheduled_criterion(Criterion criterion, const std::optional<CriterionSchedule>& schedule,
                              int64_t epoch, int64_t epochs) {
  if (!schedule) return criterion;
  const double progress =
      epochs > 1 ? static_cast<double>(epoch) / static_cast<double>(epochs - 1) : 1.0;
  const double value = schedule->from + (schedule->to - schedule->from) * progress;
  (criterion.kind == CriterionKind::topk ? criterion.keep_share : criterion.mu) = value;
  return criterion;
}

}  // namespace submask
