#include "learn/train_cascade.h"

#include <atomic>
#include <gtest/gtest.h>
#include <set>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "base/file.h"
#include "error_of.h"
#include "scratch_folder.h"
#include "toy_data.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

// 48 images of three colours, 12 a batch.
CascadeTraining toy_cascade() {
  CascadeTraining settings;
  TrainSettings& training = settings.training;
  training = recipe_settings("default", Method::ssl_fs, backbone_info("resnet20"));
  training.epochs = 2;
  training.input.batch_size = 12;
  training.input.workers = 1;
  training.self_supervised.swav.hidden_mlp = 8;
  training.self_supervised.swav.feat_dim = 8;
  training.self_supervised.swav.nmb_prototypes = 6;
  training.self_supervised.swav.queue_length = 12;
  training.crops = {parse_crop("count=2,size=8,crop=random,scale-min=.5")};
  settings.experts = 3;
  settings.router_width = 3;
  return settings;
}

// Of one colour, so that all features are equal.
class FlatDataset final : public ToyDataset {
 public:
  explicit FlatDataset(int64_t size) : ToyDataset(size, 1) {}
  Image read(int64_t, const ImageRequest&) const override {
    return {32, 32, std::vector<uint8_t>(32 * 32 * 3, 90)};
  }
  std::string digest() const override { return "flat" + std::to_string(size()); }
};

class CountingDataset final : public ToyDataset {
 public:
  CountingDataset() : ToyDataset(48, 1) {}
  Image read(int64_t index, const ImageRequest& request) const override {
    ++reads;
    return ToyDataset::read(index, request);
  }
  mutable std::atomic<int64_t> reads = 0;
};

// Labels that say nothing.
class BlindDataset final : public ToyDataset {
 public:
  BlindDataset() : ToyDataset(48, 1) {}
  int64_t label(int64_t) const override { return 0; }
  Image read(int64_t index, const ImageRequest& request) const override {
    return ToyDataset(48, 1).read(index, request);
  }
};

class TrainCascade : public testing::Test {
 protected:
  TrainedCascade learn(const CascadeTraining& settings, const RunHooks& hooks = {}) {
    return train_cascade(*backbone_, data_, settings, hooks);
  }

  static std::string bytes(const TrainedCascade& trained) {
    const fs::path path = scratch_folder() / "bytes.cascade";
    write_cascade(path, trained.cascade);
    read_cascade(path);  // what is learned is a whole cascade
    return read_text_file(path);
  }

  RunHooks noting() {
    RunHooks hooks;
    hooks.note = [this](const std::string& line) { notes_ += line + "\n"; };
    return hooks;
  }

  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
  DataSplits data_ = toy_splits();
  std::string notes_;
};

TEST(ExpertEpochs, AsManyImagesAsTheDispatcherSaw) {
  EXPECT_EQ(expert_epochs(50000, 50000, 150), 150);
  EXPECT_EQ(expert_epochs(50000, 10000, 150), 750);
  EXPECT_EQ(expert_epochs(100, 30, 2), 7);  // 6.67
  EXPECT_EQ(expert_epochs(100, 80, 2), 3);  // 2.5
  EXPECT_EQ(expert_epochs(100, 90, 1), 1);
}

TEST_F(TrainCascade, EveryPartIsThere) {
  std::vector<std::string> stages;
  RunHooks hooks;
  hooks.training = [&](const std::string& stage) {
    stages.push_back(stage);
    return TrainHooks{};
  };
  const TrainedCascade trained = learn(toy_cascade(), hooks);
  EXPECT_EQ(stages,
            (std::vector<std::string>{"dispatcher", "expert 1/3", "expert 2/3", "expert 3/3"}));
  const int64_t width = backbone_->info().feature_width;
  EXPECT_EQ(trained.joined.values.sizes(), (std::vector<int64_t>{48, 4 * width}));
  int64_t images = 0;
  for (size_t k = 0; k < 3; ++k) {
    images += trained.images[k];
    EXPECT_GE(trained.images[k], 12);
    EXPECT_EQ(trained.epochs[k], expert_epochs(48, trained.images[k], 2));
  }
  EXPECT_EQ(images, 48);
  EXPECT_TRUE(trained.cascade.dispatcher.head.empty());
  for (const CascadeMode mode : {CascadeMode::conditional, CascadeMode::unconditional}) {
    const at::Tensor features = trained.features(mode).values;
    ASSERT_EQ(features.size(0), 48);
    EXPECT_LE(features.size(1), 47);
    // Centred, and of length 1 in each coordinate but for float32's rounding of directions that
    // hardly vary.
    EXPECT_LT(features.sum(0).abs().max().item<double>(), 1e-3);
    EXPECT_TRUE(at::allclose(features.square().sum(0), at::ones({features.size(1)}), 0, 5e-2));
  }
  EXPECT_EQ(trained.dispatcher_features().values.size(1), width);
  EXPECT_NE(bytes(trained).find("the dispatcher's scores"), std::string::npos);
}

TEST_F(TrainCascade, ThePredictorSeesWhatItWasLearnedFrom) {
  CascadeTraining settings = toy_cascade();
  const TrainedCascade trained = learn(settings);
  LoaderOptions loader;
  loader.batch_size = 12;
  for (const CascadeMode mode : {CascadeMode::conditional, CascadeMode::unconditional}) {
    CascadePredictor predictor(*backbone_, trained.cascade, mode);
    const Features features = extract_features(
        predictor, data_.train,
        test_transform(settings.training.input, backbone_->info().preprocessing), loader);
    EXPECT_EQ(predictor.image_passes(), 48 * (mode == CascadeMode::conditional ? 2 : 4));
    EXPECT_TRUE(at::equal(features.labels, trained.joined.labels));
    const at::Tensor& expected = trained.features(mode).values;
    // Small directions are blown up, and rounding with them.
    const at::Tensor first = features.values.narrow(1, 0, 3) - expected.narrow(1, 0, 3);
    EXPECT_LT(first.abs().max().item<double>(), 1e-3);
  }
}

TEST_F(TrainCascade, LabelsChangeNothing) {
  const std::string seeing = bytes(learn(toy_cascade()));
  data_.train = std::make_shared<BlindDataset>();
  EXPECT_EQ(bytes(learn(toy_cascade())), seeing);
}

// Stopped after every batch of training and once in the features of every member.
TEST_F(TrainCascade, EveryStageResumesToTheSameBits) {
  CascadeTraining settings = toy_cascade();
  settings.training.epochs = 1;
  settings.training.checkpoint_seconds = 0;
  const std::string whole = bytes(learn(settings));
  settings.training.checkpoint = fresh_folder("cascade_resume").string();
  std::set<std::string> seen;
  for (int stops = 0;; ++stops) {
    ASSERT_LT(stops, 100);
    int batches = 0;
    RunHooks hooks;
    hooks.training = [&](const std::string&) {
      TrainHooks training;
      training.should_stop = [&] { return ++batches == 1; };
      return training;
    };
    hooks.images = [&](const std::string& stage, int64_t, int64_t) {
      if (seen.insert(stage).second) throw Error(ErrorKind::stopped, "stopped");
    };
    try {
      EXPECT_EQ(bytes(learn(settings, hooks)), whole);
      EXPECT_EQ(seen.size(), 4U);
      EXPECT_GE(stops, 4 + 4 + 3);  // features, the dispatcher's batches, the experts'
      break;
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::stopped) << error.what();
    }
  }
  settings.router = RouterKind::kmeans;
  try {
    learn(settings);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_NE(std::string(error.what()).find("other settings"), std::string::npos);
  }
}

TEST_F(TrainCascade, ImagesAreDecodedOnce) {
  const auto counting = std::make_shared<CountingDataset>();
  data_.train = counting;
  const std::string plain = bytes(learn(toy_cascade()));
  const int64_t reads = counting->reads;
  CascadeTraining settings = toy_cascade();
  settings.training.input.cache.kind = CacheKind::ram;
  EXPECT_EQ(bytes(learn(settings)), plain);
  EXPECT_LE(counting->reads - reads, 48 + 16);  // and the few that tell the cache's size
  EXPECT_GT(reads, 8 * 48);
}

TEST_F(TrainCascade, TakesADispatcherFromAFile) {
  CascadeTraining settings = toy_cascade();
  settings.experts = 1;
  const TrainResult dispatcher = train(*backbone_, data_, settings.training);
  settings.dispatcher = (scratch_folder() / "dispatcher.task").string();
  write_task(settings.dispatcher, pack_task(dispatcher.task));
  const TrainedCascade trained = learn(settings, noting());
  EXPECT_EQ(masks_identity(unpack_task(trained.cascade.dispatcher, *backbone_)),
            masks_identity(dispatcher.task));
  EXPECT_NE(notes_.find("a task file has no scores"), std::string::npos) << notes_;
  settings.training.input.input_size = 16;
  EXPECT_EQ(
      error_of(ErrorKind::invalid_argument, [&] { learn(settings); }),
      "expected a dispatcher for images of 16 pixels, bicubic, as the experts learn from, got "
      "one of 32 pixels, bicubic, or with another crop or colours, in " +
          settings.dispatcher);
  settings.training.input.input_size.reset();
  const auto other = Backbone::create("resnet20", 4);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { train_cascade(*other, data_, settings); }),
            "expected a task for resnet20 with weights " + other->identity() +
                ", got one for resnet20 with weights " + backbone_->identity() + ", in " +
                settings.dispatcher);
}

// A first step that is nearly none leaves the scores, and so the masks, as they were handed over.
TEST_F(TrainCascade, ExpertsGoOnFromTheScores) {
  TrainSettings settings = toy_cascade().training;
  const TrainResult first = train(*backbone_, data_, settings);
  ASSERT_GT(first.task.masked_fraction(), 0);
  settings.start = std::make_shared<LearnedStart>(LearnedStart{first.task, first.scores});
  settings.update.rate = 1e-12;
  const TrainResult next = train(*backbone_, data_, settings);
  for (size_t i = 0; i < first.task.units.size(); ++i)
    EXPECT_EQ(next.task.units[i].bits, first.task.units[i].bits);
  for (const auto& [name, scores] : first.scores)
    EXPECT_TRUE(at::allclose(next.scores.at(name), scores, 0, 1e-6)) << name;
}

TEST_F(TrainCascade, ImagesThatAreAllOneHaveOneExpert) {
  data_.train = std::make_shared<FlatDataset>(24);
  const TrainedCascade trained = learn(toy_cascade(), noting());
  EXPECT_EQ(trained.images, (std::vector<int64_t>{24}));
  EXPECT_NE(notes_.find("1 different features"), std::string::npos) << notes_;
  for (const CascadeMode mode : {CascadeMode::conditional, CascadeMode::unconditional})
    EXPECT_TRUE(at::isfinite(trained.features(mode).values).all().item<bool>());
  bytes(trained);
}

TEST_F(TrainCascade, FewerImagesThanExpertsOrABatch) {
  data_.train = std::make_shared<ToyDataset>(4, 1);
  CascadeTraining settings = toy_cascade();
  settings.experts = 5;
  settings.router_width = 20;
  const TrainedCascade trained = learn(settings, noting());
  EXPECT_EQ(trained.images, (std::vector<int64_t>{4}));
  EXPECT_NE(notes_.find("1 expert is left"), std::string::npos) << notes_;
  bytes(trained);
}

TEST_F(TrainCascade, RefusesWhatItCannotDo) {
  const auto refused = [&](const auto& change) {
    CascadeTraining settings = toy_cascade();
    change(settings);
    try {
      learn(settings);
    } catch (const Error& error) {
      return error.kind() == ErrorKind::invalid_argument;
    }
    return false;
  };
  EXPECT_TRUE(refused([](CascadeTraining& s) { s.experts = 0; }));
  EXPECT_TRUE(refused([](CascadeTraining& s) { s.router_width = 0; }));
  EXPECT_TRUE(refused([](CascadeTraining& s) { s.training.method = Method::fs; }));
  EXPECT_TRUE(refused([](CascadeTraining& s) { s.training.method = Method::ssl_ft; }));
}

}  // namespace
}  // namespace submask
