#include "mask/score_start.h"

#include <cmath>
#include <limits>

#include <ATen/ATen.h>

#include "base/random.h"
#include "mask/criterion.h"

namespace submask {
namespace {

at::Tensor normal_like(const at::Tensor& theta, Random& random) {
  at::Tensor out = at::empty(theta.sizes(), at::kFloat);
  float* values = out.data_ptr<float>();
  for (int64_t i = 0; i < out.numel(); ++i) values[i] = static_cast<float>(random.normal());
  return out;
}

at::Tensor kaiming_uniform_like(const at::Tensor& theta, Random& random) {
  const int64_t fan_in = theta.dim() > 1 ? theta[0].numel() : theta.numel();
  // sqrt(6 / ((1 + a^2) fan_in)) with a = sqrt(5), as torch.nn.Linear starts its weights.
  const double bound = std::sqrt(1.0 / static_cast<double>(fan_in));
  at::Tensor out = at::empty(theta.sizes(), at::kFloat);
  float* values = out.data_ptr<float>();
  for (int64_t i = 0; i < out.numel(); ++i)
    values[i] = static_cast<float>(bound * (2 * random.uniform() - 1));
  return out;
}

at::Tensor shuffled(const at::Tensor& values, Random& random) {
  const std::vector<int64_t> order = random.permutation(values.numel());
  return values.reshape({-1}).index_select(0, at::tensor(order, at::kLong)).view(values.sizes());
}

// Returns a Bool tensor that is true for the largest values, which are this share of all. Of equal
// values those with the lowest indices come first.
at::Tensor largest_share(const at::Tensor& values, double share) {
  Criterion keep;
  keep.kind = CriterionKind::topk;
  keep.keep_share = share;
  return criterion_mask(keep, values);
}

}  // namespace

at::Tensor start_scores(const ScoreStart& start, const at::Tensor& theta, uint64_t seed,
                        uint64_t unit) {
  Random random = random_stream(seed, Stream::score, unit);
  at::Tensor score;
  switch (start.kind) {
    case ScoreStartKind::constant:
      score = at::full(theta.sizes(), start.mean, at::kFloat);
      break;
    case ScoreStartKind::normal:
    case ScoreStartKind::magnitude:
    case ScoreStartKind::shuffled:
      score = normal_like(theta, random).mul_(start.std).add_(start.mean);
      if (start.kind == ScoreStartKind::normal) break;
      score.add_(theta.detach().to(at::kCPU, at::kFloat).abs());
      if (start.kind == ScoreStartKind::shuffled) score = shuffled(score, random);
      break;
    case ScoreStartKind::kaiming:
      score = kaiming_uniform_like(theta, random);
      break;
  }
  return score.to(theta.device());
}

void protect_unselected(const MaskSelection& selection, const at::Tensor& theta, uint64_t seed,
                        uint64_t unit, at::Tensor& score) {
  constexpr double never_masked = std::numeric_limits<double>::infinity();
  if (selection.largest_share < 1)
    score.masked_fill_(largest_share(theta.abs(), selection.largest_share).logical_not(),
                       never_masked);
  if (selection.random_share < 1) {
    Random random = random_stream(seed, Stream::select, unit);
    at::Tensor draw = at::empty(theta.sizes(), at::kDouble);
    double* values = draw.data_ptr<double>();
    for (int64_t i = 0; i < draw.numel(); ++i) values[i] = random.uniform();
    score.masked_fill_(largest_share(draw, selection.random_share).logical_not().to(score.device()),
                       never_masked);
  }
}

}  // namespace submask
