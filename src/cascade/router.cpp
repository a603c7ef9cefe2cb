#include "cascade/router.h"

#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"
#include "base/random.h"
#include "numeric/gaussian_mixture.h"
#include "numeric/k_means.h"
#include "numeric/pca.h"

namespace submask {
namespace {

constexpr uint64_t cluster_part = 1;  // of the random stream `sample`

GaussianMixture mixture_of(const TensorMap& parameters) {
  return {parameters.at("weights"), parameters.at("means"), parameters.at("precision_factors")};
}

TensorMap fit_clusters(const at::Tensor& rows, const RouterOptions& options) {
  Random random = random_stream(options.seed, Stream::sample, cluster_part);
  const at::Tensor seeds = seed_centres(rows, options.experts, random);
  const at::Tensor centres = lloyd_iterations(rows, seeds);
  if (options.kind == RouterKind::kmeans) return {{"centres", centres}};
  const GaussianMixture mixture =
      fit_gaussian_mixture(rows, nearest_centre(rows, centres), centres.size(0));
  return {{"weights", mixture.weights},
          {"means", mixture.means},
          {"precision_factors", mixture.precision_factors}};
}

void dissolve(Router& router, int64_t cluster) {
  std::vector<int64_t> kept;
  for (int64_t k = 0; k < router.experts(); ++k)
    if (k != cluster) kept.push_back(k);
  for (auto& [name, tensor] : router.parameters)
    tensor = tensor.index_select(0, at::tensor(kept, at::kLong));
  if (router.kind == RouterKind::gmm)
    router.parameters["weights"].div_(router.parameters["weights"].sum());
}

void dissolve_small_clusters(Router& router, const at::Tensor& features, int64_t smallest,
                             const std::function<void(const std::string&)>& note) {
  while (router.experts() > 1) {
    const at::Tensor sizes = at::bincount(router.route(features), {}, router.experts());
    const auto cluster = sizes.argmin().item<int64_t>();
    const auto size = sizes[cluster].item<int64_t>();
    if (size >= smallest) return;
    dissolve(router, cluster);
    note(text("a cluster has ", size, " images, fewer than the ", smallest,
              " of a batch: they go to the next likeliest expert, ", router.experts(),
              router.experts() == 1 ? " expert is left" : " experts are left"));
  }
}

}  // namespace

int64_t Router::experts() const {
  return parameters.at(kind == RouterKind::gmm ? "weights" : "centres").size(0);
}

at::Tensor Router::route(const at::Tensor& features) const {
  const at::NoGradGuard no_grad;
  const at::Tensor rows = projection.apply(features);
  return kind == RouterKind::gmm ? joint_log_likelihood(mixture_of(parameters), rows).argmax(1)
                                 : nearest_centre(rows, parameters.at("centres"));
}

Router fit_router(const at::Tensor& features, const RouterOptions& options,
                  const std::function<void(const std::string&)>& note) {
  const at::NoGradGuard no_grad;
  const auto say = [&](const std::string& line) {
    if (note) note(line);
  };
  if (options.experts < 1) fail_argument("at least one expert", options.experts);
  Router router;
  router.kind = options.kind;
  router.projection = fit_pca(features, options.width, PcaScale::standard_deviation);
  if (const int64_t width = router.projection.width(); width < options.width)
    say(text("the features of ", features.size(0), " images vary in ", width,
             width == 1 ? " direction" : " directions",
             " at most: the router's width is that, not ", options.width));
  router.parameters = fit_clusters(router.projection.apply(features), options);
  if (router.experts() < options.experts)
    say(text("the images have ", router.experts(), " different features: as many experts, not ",
             options.experts));
  dissolve_small_clusters(router, features, options.smallest_cluster, say);
  return router;
}

}  // namespace submask
