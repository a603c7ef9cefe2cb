// Input that learning without labels does badly with: each said plainly, none a NaN.
#include <cmath>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/train.h>

#include "base/names.h"
#include "error_of.h"
#include "learn/self_supervised_watch.h"
#include "self_supervised_toy.h"
#include "toy_data.h"

namespace submask {
namespace {

std::string notes_of(Backbone& backbone, const DataSplits& data, const TrainSettings& settings) {
  std::string notes;
  TrainHooks hooks;
  hooks.note = [&](const std::string& note) { notes += note + "\n"; };
  train(backbone, data, settings, hooks);
  return notes;
}

TEST(SelfSupervisedInput, SaysWhatWillNotWork) {
  const auto backbone = Backbone::create("resnet20", 3);
  TrainSettings settings = toy_settings(Method::ssl_fs);
  settings.epochs = 1;
  settings.input.batch_size = 64;
  settings.self_supervised.swav.nmb_prototypes = settings.self_supervised.dino.out_dim = 100;
  std::string notes = notes_of(*backbone, toy_splits(), settings);
  EXPECT_NE(notes.find("labels of 3 classes are not learned from: ssl-fs"), std::string::npos);
  EXPECT_NE(notes.find("48 images for 100 prototypes"), std::string::npos) << notes;
  EXPECT_NE(notes.find("fewer than a batch of 64"), std::string::npos) << notes;
  settings.self_supervised.objective = SelfSupervised::dino;
  notes = notes_of(*backbone, toy_splits(), settings);
  EXPECT_NE(notes.find("48 images for 100 outputs of the teacher"), std::string::npos) << notes;
  settings.self_supervised.objective = SelfSupervised::swav;
  settings.self_supervised.swav.nmb_prototypes = 40;
  settings.self_supervised.swav.queue_length = 0;
  settings.input.batch_size = 8;
  notes = notes_of(*backbone, toy_splits(), settings);
  EXPECT_NE(notes.find("8 images assigned together"), std::string::npos) << notes;
  settings.input.batch_size = 48;
  notes = notes_of(*backbone, toy_splits(), settings);
  EXPECT_EQ(notes,
            "labels of 3 classes are not learned from: ssl-fs looks at the images alone\n"
            "no weight is off after learning: a higher --rate or more --epochs switch some off\n");
  for (const SelfSupervised objective : {SelfSupervised::swav, SelfSupervised::dino}) {
    settings.self_supervised.objective = objective;
    settings.crops = {CropRecipe()};
    EXPECT_EQ(
        error_of(ErrorKind::invalid_argument, [&] { train(*backbone, toy_splits(), settings); }),
        "expected two or more crops an image (--recipe paper-ssl), got 1")
        << name_of(objective);
  }
}

// Images of one colour each.
class ConstantImages final : public ToyDataset {
 public:
  explicit ConstantImages(uint8_t step) : ToyDataset(48, 1), step_(step) {}
  Image read(int64_t index, const ImageRequest&) const override {
    return {32, 32, std::vector<uint8_t>(32 * 32 * 3, static_cast<uint8_t>(step_ * index))};
  }
  std::string digest() const override { return "constant" + std::to_string(step_); }

 private:
  uint8_t step_;
};

TEST(SelfSupervisedInput, ConstantImagesAreSaidAndGiveNoNaN) {
  const auto backbone = Backbone::create("resnet20", 3);
  for (const SelfSupervised objective : {SelfSupervised::swav, SelfSupervised::dino})
    for (const uint8_t step : {0, 5}) {
      DataSplits data = toy_splits();
      data.train = std::make_shared<ConstantImages>(step);
      const TrainSettings settings = toy_settings(Method::ssl_fs, objective);
      EXPECT_NE(notes_of(*backbone, data, settings).find("show one colour each"), std::string::npos)
          << name_of(objective);
      for (const auto& [name, tensor] : train(*backbone, data, settings).task.statistics)
        EXPECT_TRUE(tensor.isfinite().all().item<bool>()) << name_of(objective) << " " << name;
    }
}

TEST(SelfSupervisedWatch, WarnsOnceOfEach) {
  SelfSupervisedWatch watch({"Do this", "Do that"});
  SelfSupervisedProgress progress{std::log(100.0), 1, 1, 1};
  int warnings = 0;
  std::string last;
  const auto look = [&](double loss, int times) {
    for (int i = 0; i < times; ++i)
      if (const auto warning = watch.check_progress(loss, progress)) {
        ++warnings;
        last = *warning;
      }
  };
  look(4.605, 299);
  look(4.2, 1);
  look(4.605, 299);
  EXPECT_EQ(warnings, 0);
  look(4.605, 1000);
  EXPECT_EQ(warnings, 1);
  EXPECT_NE(last.find("ln(100) for 300 steps"), std::string::npos) << last;
  EXPECT_TRUE(last.ends_with(". Do this")) << last;
  progress.spread = 0.01;
  look(1, 100);
  EXPECT_EQ(warnings, 2);
  EXPECT_NE(last.find("collapsed"), std::string::npos) << last;
  EXPECT_TRUE(last.ends_with(". Do that")) << last;
}

}  // namespace
}  // namespace submask
