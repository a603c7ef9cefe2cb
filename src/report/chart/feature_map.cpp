#include "report/chart/feature_map.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"
#include "numeric/feature_matrix.h"
#include "numeric/pca.h"
#include "numeric/t_sne.h"
#include "numeric/unit_length.h"

namespace submask {
namespace {

// float64 [N, 2], the second coordinate 0 where the rows vary in one direction alone.
at::Tensor principal_points(const at::Tensor& rows) {
  const Projection pca = fit_pca(rows, 2, PcaScale::singular_value);
  if ((pca.scale == 0).all().item<bool>()) fail_argument("features that differ", "equal ones");
  // Without the scale, which would make both directions equally long.
  const Projection plain{pca.mean, pca.components, at::ones_like(pca.scale)};
  const at::Tensor points = plain.apply(rows);
  return at::constant_pad_nd(points, {0, 2 - points.size(1)});
}

}  // namespace

at::Tensor map_features(const at::Tensor& features, const FeatureMapOptions& options) {
  constexpr int64_t fewest = 5;
  constexpr double start_deviation = 1e-4;
  if (options.by != "tsne" && options.by != "pca")
    fail_argument("a map by tsne or pca", options.by);
  if (options.by == "tsne" && (!(options.perplexity >= 1) || options.iterations < 1))
    fail_argument("a perplexity and iterations of at least 1",
                  text(options.perplexity, " and ", options.iterations));
  const at::NoGradGuard no_grad;
  const at::Tensor rows = unit_length(feature_matrix(features, "features"));
  if (rows.size(0) < fewest) fail_argument(text("at least ", fewest, " features"), rows.size(0));
  at::Tensor principal = principal_points(rows);
  if (options.by == "pca") return principal;
  const double perplexity = std::min(options.perplexity, static_cast<double>(rows.size(0) - 1) / 3);
  const double deviation = principal.select(1, 0).std(/*unbiased=*/false).item<double>();
  return t_sne(neighbour_probabilities(rows, perplexity), principal * (start_deviation / deviation),
               options.iterations, options.progress);
}

}  // namespace submask
