#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/evaluate.h>

#include "backbone/network.h"
#include "error_of.h"
#include "noise_images.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::Pair;

class FeaturesTest : public testing::Test {
 protected:
  Features extract(std::shared_ptr<const Dataset> images, const LoaderOptions& loader) {
    Transform transform;
    transform.preprocessing = backbone_->info().preprocessing;
    return extract_features(*backbone_, std::move(images), transform, loader,
                            [&](auto a, auto b) { progress_.emplace_back(a, b); });
  }
  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
  std::vector<std::pair<int64_t, int64_t>> progress_;
};

TEST_F(FeaturesTest, ComeInOrderWhateverTheBatchesAndWorkers) {
  LoaderOptions one_by_one{.batch_size = 1, .workers = 1};
  LoaderOptions shuffled{.batch_size = 4, .workers = 2, .shuffle = true, .drop_last = true};
  const Features a = extract(std::make_shared<NoiseImages>(10), one_by_one);
  progress_.clear();
  const Features b = extract(std::make_shared<NoiseImages>(10), shuffled);
  EXPECT_EQ(a.values.sizes(), (std::vector<int64_t>{10, 64}));
  EXPECT_TRUE(at::allclose(a.values, b.values, 1e-4, 1e-5));
  EXPECT_FALSE(at::allclose(a.values[0], a.values[1], 1e-4, 1e-5));
  EXPECT_TRUE(at::equal(b.labels, at::arange(10, at::kLong).remainder(3)));
  EXPECT_THAT(progress_, ElementsAre(Pair(4, 10), Pair(8, 10), Pair(10, 10)));
}

TEST_F(FeaturesTest, LeaveTheNetworkAsTheyFoundIt) {
  Network& network = network_of(*backbone_);
  network.train();
  const at::Tensor mean = backbone_->buffers().begin()->second.clone();
  const Features features = extract(std::make_shared<NoiseImages>(4), {});
  EXPECT_TRUE(network.is_training());
  EXPECT_TRUE(at::equal(backbone_->buffers().begin()->second, mean));
  EXPECT_FALSE(features.values.requires_grad());
  network.eval();
  extract(std::make_shared<NoiseImages>(4), {});
  EXPECT_FALSE(network.is_training());
}

TEST_F(FeaturesTest, ListImagesThatDoNotDecode) {
  const auto images = std::make_shared<NoiseImages>(6, 2);
  EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { extract(images, {.batch_size = 2}); }),
            "expected an image, got noise, in noise#2");
  const Features features = extract(images, {.batch_size = 2, .skip_bad_images = true});
  EXPECT_THAT(features.skipped, ElementsAre("noise#2"));
  EXPECT_TRUE(at::equal(features.labels, at::tensor({0, 1, 0, 1, 2}, at::kLong)));
  EXPECT_EQ(features.values.size(0), 5);
}

TEST_F(FeaturesTest, OfAPartAreRowsOfTheWhole) {
  const auto images = std::make_shared<NoiseImages>(6, 2);
  const Features all = extract(images, {.batch_size = 2, .skip_bad_images = true});
  const Features part = select_features(all, *images, {5, 2, 0});
  EXPECT_THAT(part.skipped, ElementsAre("noise#2"));
  EXPECT_TRUE(at::equal(part.labels, at::tensor({2, 0}, at::kLong)));
  EXPECT_TRUE(at::equal(part.values, at::stack({all.values[4], all.values[0]})));
  EXPECT_EQ(select_features(all, *images, {2}).values.size(0), 0);
}

TEST(HeadScores, AreLogitsOfTheHead) {
  const LinearHead head{at::tensor({1.0F, 0.0F, 2.0F, -1.0F}).reshape({2, 2}),
                        at::tensor({0.5F, 0.0F})};
  const at::Tensor scores = head_scores(head, at::tensor({3.0F, 4.0F}).unsqueeze(0));
  EXPECT_TRUE(at::equal(scores, at::tensor({3.5F, 2.0F}).unsqueeze(0)));
}

TEST(HeadScores, RejectHeadsThatDoNotFit) {
  const at::Tensor features = at::zeros({3, 4});
  const auto refused = [&](const Head& head) {
    return error_of(ErrorKind::invalid_argument, [&] { head_scores(head, features); });
  };
  EXPECT_EQ(refused({}),
            "expected a linear head of weight [C,D] and bias [C], got weight [0] and bias [0]");
  EXPECT_EQ(refused(LinearHead{at::zeros({2, 5}), at::zeros({2})}),
            "expected features [N,5] for a head, got [3,4]");
  EXPECT_EQ(refused(LinearHead{at::zeros({2, 4}), at::zeros({3})}),
            "expected a linear head of weight [C,D] and bias [C], got weight [2,4] and bias [3]");
  EXPECT_EQ(refused(CosineHead{at::zeros({8})}), "expected a cosine head of shape [C,D], got [8]");
}

}  // namespace
}  // namespace submask
