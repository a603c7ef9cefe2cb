#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "backbone/network.h"
#include "error_of.h"
#include "mask/weight_set.h"
#include "small_cascade.h"

namespace submask {
namespace {

Task random_task(const Backbone& backbone) {
  Task task;
  task.backbone = backbone.info().name;
  task.weights_identity = backbone.identity();
  task.preprocessing = backbone.info().preprocessing;
  for (const MaskUnit& unit : backbone.mask_units())
    if (unit.parameter.starts_with("layer3"))
      task.units.push_back(
          pack_mask(unit.name, at::rand(backbone.theta().at(unit.parameter).sizes()) < 0.8));
  return task;
}

// Two experts over a resnet20; the router tells images by their first coordinate's side of the
// median.
class CascadePrediction : public testing::Test {
 protected:
  CascadePrediction() {
    at::manual_seed(5);
    network_of(*backbone_).eval();
    images_ = at::randn({12, 3, 32, 32});
    cascade_.dispatcher = pack_task(random_task(*backbone_));
    cascade_.experts = {pack_task(random_task(*backbone_)), pack_task(random_task(*backbone_))};
    first_ = member_features(cascade_.dispatcher);
    const int64_t width = first_.size(1);
    Projection& direction = cascade_.router.projection;
    direction.mean = std::get<0>(first_.median(0)).to(at::kDouble);
    direction.components = at::eye(1, width, at::kDouble);
    direction.scale = at::ones({1}, at::kDouble);
    cascade_.router.kind = RouterKind::kmeans;
    cascade_.router.parameters = {{"centres", at::tensor({-1.0, 1.0}, at::kDouble).view({2, 1})}};
    for (CascadeView* view : {&cascade_.conditional, &cascade_.unconditional})
      view->projection = {at::randn({3 * width}), at::randn({5, 3 * width}), at::rand({5})};
    cascade_.classes = {"a", "b"};
    cascade_.conditional.head = LinearHead{at::randn({2, 5}), at::randn({2})};
  }

  at::Tensor member_features(const PackedTask& task) {
    const at::NoGradGuard no_grad;
    WeightSet weights;
    apply_task(unpack_task(task), *backbone_, weights);
    const WeightBinding binding(*backbone_, weights);
    return backbone_->features(images_);
  }

  at::Tensor joined() {
    return at::cat(
        {first_, member_features(cascade_.experts[0]), member_features(cascade_.experts[1])}, 1);
  }

  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
  at::Tensor images_, first_;
  Cascade cascade_;
};

TEST_F(CascadePrediction, ConditionalTakesTwoPassesAnImage) {
  CascadePredictor predictor(*backbone_, cascade_, CascadeMode::conditional);
  const at::Tensor routes = cascade_.router.route(first_);
  ASSERT_GT(routes.sum().item<int64_t>(), 0);
  ASSERT_LT(routes.sum().item<int64_t>(), 12);
  const at::Tensor features = predictor.features(images_);
  EXPECT_EQ(predictor.image_passes(), 2 * 12);
  const at::Tensor expected =
      cascade_.conditional.projection.apply(conditional_rows(joined(), routes, 2));
  EXPECT_TRUE(at::allclose(features, expected, 1e-4, 1e-4));
}

TEST_F(CascadePrediction, UnconditionalTakesOnePassAMask) {
  CascadePredictor predictor(*backbone_, cascade_, CascadeMode::unconditional);
  const at::Tensor features = predictor.features(images_);
  EXPECT_EQ(predictor.image_passes(), 3 * 12);
  EXPECT_TRUE(at::equal(features, cascade_.unconditional.projection.apply(joined())));
}

TEST_F(CascadePrediction, OnlyTheRoutedBlockIsFilled) {
  const at::Tensor joined = at::ones({3, 8});  // two features, three experts
  const at::Tensor rows = conditional_rows(joined, at::tensor({2, 0, 2}, at::kLong), 3);
  const at::Tensor expected =
      at::tensor({1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1})
          .view({3, 8})
          .to(at::kFloat);
  EXPECT_TRUE(at::equal(rows, expected));
  EXPECT_TRUE(at::equal(joined, at::ones({3, 8})));
}

TEST_F(CascadePrediction, HeadsBelongToTheirMode) {
  CascadePredictor conditional(*backbone_, cascade_, CascadeMode::conditional);
  EXPECT_EQ(conditional.logits(images_).sizes(), (std::vector<int64_t>{12, 2}));
  CascadePredictor unconditional(*backbone_, cascade_, CascadeMode::unconditional);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { unconditional.logits(images_); }),
            "expected a cascade with a head for this mode, as submask cascade adds one, got none");
}

TEST_F(CascadePrediction, LeavesTheBackboneAsItWas) {
  const at::NoGradGuard no_grad;
  const at::Tensor before = backbone_->features(images_);
  CascadePredictor predictor(*backbone_, cascade_, CascadeMode::conditional);
  predictor.features(images_);
  EXPECT_TRUE(at::equal(backbone_->features(images_), before));
}

TEST_F(CascadePrediction, RefusesAnotherBackbone) {
  const auto other = Backbone::create("resnet20", 4);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [&] { CascadePredictor(*other, cascade_, CascadeMode::conditional); }),
            "expected a cascade for resnet20 with weights " + other->identity() +
                ", got one for resnet20 with weights " + backbone_->identity());
  cascade_.router.projection.mean = at::zeros({7}, at::kDouble);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [&] { CascadePredictor(*backbone_, cascade_, CascadeMode::conditional); }),
            "expected a router for features of width 64, got 7");
}

}  // namespace
}  // namespace submask
