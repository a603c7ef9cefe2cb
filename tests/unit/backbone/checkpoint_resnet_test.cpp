// ResNets among what self-supervised pretraining saves beside them, by the names of the published
// files. Those hold ResNet-50s; a ResNet-18's names are of the same kinds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "backbone/network.h"
#include "seeded_network.h"

namespace submask {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Not;

class ResNetCheckpoint : public testing::Test {
 protected:
  ResNetCheckpoint() : backbone_(Backbone::create("resnet18", 1)) {
    state_ = seeded_state(*backbone_);
    // One of all: a copy under another prefix differs there.
    state_.at("conv1.weight") = at::ones({64, 3, 7, 7});
  }

  // The network under `prefix`, as the one to be found or as another.
  void add_network(const std::string& prefix, bool wanted = true) {
    for (const auto& [name, tensor] : state_) {
      file_[prefix + name] = tensor;
      if (name.ends_with("running_var"))
        file_[prefix + name.substr(0, name.rfind('.')) + ".num_batches_tracked"] =
            at::zeros({}, at::kLong);
    }
    if (!wanted) file_[prefix + "conv1.weight"] = at::zeros({64, 3, 7, 7});
  }

  void add(const std::vector<std::string>& names) {
    for (const std::string& name : names) file_[name] = at::zeros({4, 2});
  }

  LoadedState load() {
    LoadedState loaded = load_tensors(network_of(*backbone_), backbone_->info(), file_, "file");
    EXPECT_TRUE(at::equal(backbone_->parameters().at("conv1.weight"), state_.at("conv1.weight")));
    EXPECT_EQ(loaded.report.used, 120);  // of torchvision's 122, without fc
    EXPECT_EQ(loaded.report.layout, "its own names");
    return loaded;
  }

  std::unique_ptr<Backbone> backbone_;
  TensorMap state_;
  TensorMap file_;
};

TEST_F(ResNetCheckpoint, LoadsFromSwav) {
  add_network("module.");
  const std::vector<std::string> rest{"module.projection_head.0.weight",
                                      "module.projection_head.0.bias",
                                      "module.projection_head.1.running_var",
                                      "module.projection_head.1.num_batches_tracked",
                                      "module.projection_head.3.weight",
                                      "module.projection_head.3.bias",
                                      "module.prototypes.weight"};
  add(rest);
  const LoadedState loaded = load();
  EXPECT_EQ(loaded.report.prefix, "module.");
  EXPECT_THAT(loaded.report.ignored, testing::UnorderedElementsAreArray(rest));
  EXPECT_FALSE(loaded.head);
}

TEST_F(ResNetCheckpoint, LoadsFromSwavSeveralPrototypes) {
  add_network("");
  add({"projection_head.0.weight", "prototypes.prototypes0.weight",
       "prototypes.prototypes1.weight"});
  const LoadedState loaded = load();
  EXPECT_EQ(loaded.report.prefix, "");
  EXPECT_EQ(loaded.report.ignored.size(), 3U);
}

// Its last layer projects to 128 numbers: no classifier, though it bears the name of one.
TEST_F(ResNetCheckpoint, LoadsFromMocoV1) {
  add_network("state_dict.module.encoder_q.");
  add_network("state_dict.module.encoder_k.", false);
  file_["state_dict.module.encoder_q.fc.weight"] = at::zeros({128, 512});
  file_["state_dict.module.encoder_q.fc.bias"] = at::zeros({128});
  add({"state_dict.module.queue", "state_dict.module.queue_ptr"});
  const LoadedState loaded = load();
  EXPECT_EQ(loaded.report.prefix, "state_dict.module.encoder_q.");
  EXPECT_FALSE(loaded.head);
  EXPECT_THAT(loaded.report.ignored, AllOf(Contains("state_dict.module.encoder_q.fc.weight"),
                                           Contains("state_dict.module.encoder_k.conv1.weight"),
                                           Contains("state_dict.module.queue")));
}

TEST_F(ResNetCheckpoint, LoadsFromMocoV2) {
  add_network("module.encoder_q.");
  const std::vector<std::string> rest{"module.encoder_q.fc.0.weight",
                                      "module.encoder_q.fc.0.bias",
                                      "module.encoder_q.fc.2.weight",
                                      "module.encoder_q.fc.2.bias",
                                      "module.queue",
                                      "module.queue_ptr"};
  add(rest);
  const LoadedState loaded = load();
  EXPECT_EQ(loaded.report.prefix, "module.encoder_q.");
  EXPECT_THAT(loaded.report.ignored, testing::UnorderedElementsAreArray(rest));
}

TEST_F(ResNetCheckpoint, LoadsFromMocoV3) {
  add_network("module.base_encoder.");
  add_network("module.momentum_encoder.", false);
  add({"module.base_encoder.fc.0.weight", "module.base_encoder.fc.1.running_mean",
       "module.base_encoder.fc.3.weight", "module.base_encoder.fc.4.running_var",
       "module.momentum_encoder.fc.0.weight", "module.predictor.0.weight",
       "module.predictor.1.running_mean", "module.predictor.3.weight",
       "module.predictor.4.num_batches_tracked"});
  const LoadedState loaded = load();
  EXPECT_EQ(loaded.report.prefix, "module.base_encoder.");
  EXPECT_THAT(loaded.report.ignored, AllOf(Contains("module.momentum_encoder.conv1.weight"),
                                           Contains("module.base_encoder.fc.0.weight"),
                                           Contains("module.predictor.3.weight"),
                                           Not(Contains("module.base_encoder.conv1.weight"))));
}

TEST_F(ResNetCheckpoint, LoadsDinosTeacher) {
  add_network("teacher.backbone.");
  add_network("student.module.backbone.", false);
  add({"student.module.head.mlp.0.weight", "student.module.head.last_layer.weight_v",
       "teacher.head.mlp.0.weight", "teacher.head.mlp.2.weight", "teacher.head.last_layer.weight_g",
       "teacher.head.last_layer.weight_v", "dino_loss.center"});
  const LoadedState loaded = load();
  EXPECT_EQ(loaded.report.prefix, "teacher.backbone.");
  EXPECT_THAT(loaded.report.ignored,
              AllOf(Contains("student.module.backbone.conv1.weight"),
                    Contains("teacher.head.mlp.0.weight"), Contains("dino_loss.center")));
}

// With no teacher beside it, the student is the network.
TEST_F(ResNetCheckpoint, LoadsDinosStudentAlone) {
  add_network("student.module.backbone.");
  add({"student.module.head.mlp.0.weight"});
  EXPECT_EQ(load().report.prefix, "student.module.backbone.");
}

TEST_F(ResNetCheckpoint, TakesTheClassifierOfASupervisedOne) {
  add_network("state_dict.module.");
  file_["state_dict.module.fc.weight"] = at::zeros({1000, 512});
  file_["state_dict.module.fc.bias"] = at::zeros({1000});
  add({"optimizer.state.0.momentum_buffer"});
  const LoadedState loaded = load();
  const auto& head = std::get<LinearHead>(loaded.head.value());
  EXPECT_EQ(head.weight.sizes(), (std::vector<int64_t>{1000, 512}));
  EXPECT_THAT(loaded.report.ignored, testing::ElementsAre("optimizer.state.0.momentum_buffer"));
}

}  // namespace
}  // namespace submask
