#include "cascade/router.h"

#include <gtest/gtest.h>
#include <string>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "base/names.h"
#include "error_of.h"
#include "evaluate/seeded_problem.h"

namespace submask {
namespace {

// Four columns, groups of the given sizes far from each other.
at::Tensor groups(const std::vector<int64_t>& sizes) {
  std::vector<at::Tensor> parts;
  for (size_t g = 0; g < sizes.size(); ++g) {
    at::Tensor part = seeded_problem(g + 1, sizes[g], 4, 2).values;
    part.select(1, static_cast<int64_t>(g % 4)).add_(100.0 * static_cast<double>(g + 1));
    parts.push_back(part);
  }
  return at::cat(parts);
}

struct Fitted {
  Router router;
  std::string notes;
};

Fitted fit(const at::Tensor& features, const RouterOptions& options) {
  std::string notes;
  Router router = fit_router(features, options, [&](const std::string& n) { notes += n + "\n"; });
  return {std::move(router), notes};
}

std::vector<int64_t> sizes_of(const Router& router, const at::Tensor& features) {
  const at::Tensor counts = at::bincount(router.route(features), {}, router.experts());
  const int64_t* values = counts.const_data_ptr<int64_t>();
  std::vector<int64_t> sizes(values, values + counts.numel());
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

TEST(Router, FindsTheGroups) {
  const at::Tensor features = groups({20, 30, 40});
  for (const RouterKind kind : {RouterKind::gmm, RouterKind::kmeans})
    for (uint64_t seed = 0; seed < 5; ++seed) {
      RouterOptions options;
      options.kind = kind;
      options.width = 3;
      options.experts = 3;
      options.seed = seed;
      const Fitted fitted = fit(features, options);
      EXPECT_EQ(sizes_of(fitted.router, features), (std::vector<int64_t>{20, 30, 40}))
          << name_of(kind) << ", seed " << seed;
      EXPECT_EQ(fitted.notes, "");
      const at::Tensor routes = fitted.router.route(features);
      EXPECT_TRUE(at::equal(routes.narrow(0, 0, 20), routes[0].expand({20}))) << name_of(kind);
    }
}

TEST(Router, DissolvesClustersThatAreTooSmall) {
  const at::Tensor features = groups({3, 30, 40});
  for (const RouterKind kind : {RouterKind::gmm, RouterKind::kmeans}) {
    RouterOptions options;
    options.kind = kind;
    options.width = 3;
    options.experts = 3;
    options.smallest_cluster = 8;
    const Fitted fitted = fit(features, options);
    ASSERT_EQ(fitted.router.experts(), 2) << name_of(kind);
    EXPECT_NE(fitted.notes.find("has 3 images, fewer than the 8 of a batch"), std::string::npos)
        << fitted.notes;
    const std::vector<int64_t> sizes = sizes_of(fitted.router, features);
    EXPECT_EQ(sizes[0] + sizes[1], 73) << name_of(kind);
    EXPECT_GE(sizes[0], 30) << name_of(kind);
    if (fitted.router.kind == RouterKind::gmm) {
      EXPECT_NEAR(fitted.router.parameters.at("weights").sum().item<double>(), 1, 1e-12);
    }
  }
}

TEST(Router, OneExpertStays) {
  RouterOptions options;
  options.width = 2;
  options.smallest_cluster = 1000;
  const at::Tensor features = groups({10, 10});
  EXPECT_EQ(fit(features, options).router.experts(), 1);
  options.experts = 1;
  const Fitted alone = fit(features, options);
  EXPECT_EQ(alone.router.experts(), 1);
  EXPECT_EQ(alone.notes, "");
}

TEST(Router, ImagesThatAreAllOneGoToOneExpert) {
  const at::Tensor features = at::full({30, 6}, 0.3);
  for (const RouterKind kind : {RouterKind::gmm, RouterKind::kmeans}) {
    RouterOptions options;
    options.kind = kind;
    const Fitted fitted = fit(features, options);
    EXPECT_EQ(fitted.router.experts(), 1);
    EXPECT_NE(fitted.notes.find("1 different features"), std::string::npos) << fitted.notes;
    EXPECT_NE(fitted.notes.find("1 direction at most"), std::string::npos) << fitted.notes;
    EXPECT_TRUE(at::equal(fitted.router.route(features), at::zeros({30}, at::kLong)));
  }
}

TEST(Router, FewerImagesThanExpertsAndDirections) {
  const at::Tensor features = groups({3});
  const Fitted fitted = fit(features, {});  // 5 experts, width 20
  EXPECT_LE(fitted.router.experts(), 3);
  EXPECT_EQ(fitted.router.projection.width(), 2);
  EXPECT_NE(fitted.notes.find("3 different features"), std::string::npos) << fitted.notes;
  EXPECT_EQ(fitted.router.route(features).numel(), 3);
}

TEST(Router, RefusesWhatItDoesNotKnow) {
  RouterOptions options;
  options.experts = 0;
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { fit(groups({10}), options); }),
            "expected at least one expert, got 0");
}

}  // namespace
}  // namespace submask
