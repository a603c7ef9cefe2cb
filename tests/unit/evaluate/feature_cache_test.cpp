#include "evaluate/feature_cache.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/weight_file.h>

#include "error_of.h"
#include "mask/weight_set.h"
#include "noise_images.h"
#include "scratch_folder.h"

namespace submask {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FeatureCacheTest : public testing::Test {
 protected:
  FeatureCacheTest() { transform_.preprocessing = backbone_->info().preprocessing; }

  FeatureRequest request() { return {*backbone_, *images_, transform_, skip_bad_images_}; }
  Features features() {
    lines_.clear();
    const FeatureCache cache(folder_, [&](const std::string& line) { lines_.push_back(line); });
    return cache.features(request(), [&] {
      ++extracted_;
      LoaderOptions loader{.batch_size = 4, .workers = 1};
      loader.skip_bad_images = skip_bad_images_;
      return extract_features(*backbone_, images_, transform_, loader);
    });
  }
  fs::path file() { return FeatureCache(folder_).file(feature_key(request())); }

  fs::path folder_ = fresh_folder("feature_cache");
  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
  std::shared_ptr<const Dataset> images_ = std::make_shared<NoiseImages>(6);
  Transform transform_;
  bool skip_bad_images_ = false;
  int extracted_ = 0;
  std::vector<std::string> lines_;
};

TEST_F(FeatureCacheTest, GivesBackWhatItKept) {
  const Features fresh = features();
  EXPECT_THAT(lines_, IsEmpty());
  const Features kept = features();
  EXPECT_EQ(extracted_, 1);
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("features of 6 images from")));
  EXPECT_TRUE(at::equal(kept.values, fresh.values));
  EXPECT_TRUE(at::equal(kept.labels, fresh.labels));
  EXPECT_THAT(kept.skipped, IsEmpty());
  // Nothing but the file: no temporary one is left.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(FeatureCacheTest, TellsWeightsStatisticsDataAndTransformApart) {
  std::vector<std::string> keys{feature_key(request())};
  const auto expect_new = [&] {
    const std::string key = feature_key(request());
    EXPECT_THAT(keys, testing::Not(testing::Contains(key)));
    keys.push_back(key);
  };
  const std::string parameter = backbone_->theta().begin()->first;
  WeightSet weights = copy_weights(*backbone_, {parameter});
  {
    const WeightBinding binding(*backbone_, weights);
    EXPECT_EQ(feature_key(request()), keys.front());  // equal values, another storage
    weights.at(parameter).flatten()[3] += 1e-3;
    expect_new();
  }
  EXPECT_EQ(feature_key(request()), keys.front());
  weights = copy_weights(*backbone_, {});
  weights.begin()->second += 1;
  {
    const WeightBinding binding(*backbone_, weights);
    expect_new();
  }
  transform_.preprocessing.input_size = 28;
  expect_new();
  transform_.preprocessing.mean[2] += 1e-12;
  expect_new();
  transform_.fast_decode = true;
  expect_new();
  images_ = std::make_shared<NoiseImages>(7);
  expect_new();
  backbone_->set_precision(Precision::bfloat16);
  expect_new();
  transform_.crops.emplace_back();
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { feature_key(request()); }),
            "expected the test transform, whose features can be kept, got training crops");
}

TEST_F(FeatureCacheTest, KeepsTheNamesOfImagesThatDoNotDecode) {
  images_ = std::make_shared<NoiseImages>(6, 2);
  skip_bad_images_ = true;
  features();
  const Features kept = features();
  EXPECT_EQ(extracted_, 1);
  EXPECT_THAT(kept.skipped, ElementsAre("noise#2"));
  EXPECT_EQ(kept.labels.numel(), 5);
  skip_bad_images_ = false;
  EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { features(); }),
            "expected an image, got noise, in noise#2");  // as without a cache
}

// Every byte counts: those of the header are checked by meaning, those of the data by checksum.
TEST_F(FeatureCacheTest, ComputesDamagedFeaturesAnew) {
  const Features fresh = features();
  const auto size = static_cast<std::streamoff>(fs::file_size(file()));
  int found = 0;
  for (std::streamoff offset = 0; offset < size; offset += 97) {
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(offset);
    const char byte = static_cast<char>(stream.get() ^ 0x20);
    stream.seekp(offset);
    stream.put(byte);
    stream.close();
    const int before = extracted_;
    EXPECT_TRUE(at::equal(features().values, fresh.values)) << "byte " << offset;
    found += extracted_ - before;
    ASSERT_EQ(extracted_, before + 1) << "byte " << offset;
    EXPECT_THAT(lines_, ElementsAre(HasSubstr(": they are computed anew")));
  }
  EXPECT_GT(found, 10);
  features();
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("images from")));
}

TEST_F(FeatureCacheTest, ComputesAnewWhereAFileIsForeignOrCut) {
  features();
  const fs::path path = file();
  fs::resize_file(path, fs::file_size(path) - 1);
  features();
  std::ofstream(path) << "not features";
  features();
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("got a file of another kind")));
  write_safetensors(path, {{"values", at::zeros({6, 64})}}, {});
  features();
  images_ = std::make_shared<NoiseImages>(5);
  features();
  fs::copy_file(path, file(), fs::copy_options::overwrite_existing);
  features();
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("for this network and data, got others")));
  EXPECT_EQ(extracted_, 6);
}

TEST_F(FeatureCacheTest, GoesOnWhereNothingCanBeKept) {
  fs::create_directories(file());
  features();
  features();
  EXPECT_EQ(extracted_, 2);
  EXPECT_THAT(lines_.back(), HasSubstr("features are not kept: "));
  std::ofstream(folder_ / "taken") << "a file";
  EXPECT_EQ(error_of(ErrorKind::io, [&] { FeatureCache{folder_ / "taken"}; }),
            "cannot create folder " + (folder_ / "taken").string() + ": Not a directory");
  EXPECT_EQ(error_of(ErrorKind::io, [&] { FeatureCache{folder_ / "taken" / "below"}; }),
            "cannot create folder " + (folder_ / "taken" / "below").string() + ": Not a directory");
}

}  // namespace
}  // namespace submask
