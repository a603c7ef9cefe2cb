// Embeddings against open_clip's and transformers', by the fixture of
// tests/reference/make_clip_text.py.

#include <cmath>
#include <gmock/gmock.h>
#include <unistd.h>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "backbone/golden_fixture.h"
#include "backbone/seeded_network.h"
#include "error_of.h"
#include "zero_shot/class_embeddings.h"
#include "zero_shot/zero_shot.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

using testing::HasSubstr;

const std::string vocabulary = SUBMASK_TEST_DATA "/golden/text/clip_merges.txt";
constexpr uint64_t text_stream = 3;

// Every tensor from its place among the sorted names, as open_clip names them.
TensorMap seeded_clip_text(const nlohmann::json& fixture) {
  TensorMap state;
  uint64_t index = 0;
  for (const auto& [name, shape] : fixture["names"].items()) {
    const at::Tensor noise =
        seeded_noise(shape.get<std::vector<int64_t>>(), {text_stream, index++});
    at::Tensor values = noise * 0.2 + (name.ends_with("weight") ? 1 : 0);
    if (name == "logit_scale") {
      values = at::full({}, std::log(1 / 0.07), at::kDouble);
    } else if (noise.dim() == 2) {
      values = noise * std::sqrt(3.0 / static_cast<double>(noise.size(1)));
    }
    state[name] = values.to(at::kFloat);
  }
  return state;
}

std::string replaced(std::string name, const std::string& from, const std::string& to) {
  const size_t at = name.find(from);
  return at == std::string::npos ? name : name.replace(at, from.size(), to);
}

TensorMap transformers_names(const TensorMap& state) {
  TensorMap result;
  for (const auto& [own, tensor] : state) {
    std::string name = replaced(own, "transformer.resblocks.", "text_model.encoder.layers.");
    for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
             {".ln_1.", ".layer_norm1."},
             {".ln_2.", ".layer_norm2."},
             {".attn.out_proj.", ".self_attn.out_proj."},
             {".mlp.c_fc.", ".mlp.fc1."},
             {".mlp.c_proj.", ".mlp.fc2."},
             {"ln_final.", "text_model.final_layer_norm."},
             {"token_embedding.", "text_model.embeddings.token_embedding."},
             {"positional_embedding", "text_model.embeddings.position_embedding.weight"}})
      name = replaced(name, from, to);
    if (name.find(".attn.in_proj_") != std::string::npos) {
      const std::vector<at::Tensor> blocks = tensor.chunk(3);
      for (size_t i = 0; i < 3; ++i)
        result[replaced(name, ".attn.in_proj_", std::string(".self_attn.") + "qkv"[i] + "_proj.")] =
            blocks[i].contiguous();
    } else if (name == "text_projection") {
      result["text_projection.weight"] = tensor.t().contiguous();
    } else {
      result[name] = tensor;
    }
  }
  return result;
}

class ClipTextTest : public testing::Test {
 protected:
  std::string write(const TensorMap& state) {
    const fs::path path = fs::path(testing::TempDir()) /
                          ("submask_clip_" + std::to_string(::getpid()) + ".safetensors");
    write_safetensors(path, state, {});
    return path.string();
  }

  at::Tensor features(ClipText& tower) const {
    const ClipTokenizer tokenizer(vocabulary);
    std::vector<std::vector<int64_t>> texts;
    for (const std::string text : fixture_["texts"])
      texts.push_back(tokenizer.tokens(text, tower.context()));
    return tower.features(texts);
  }

  // The fixture holds every fourth column.
  void expect_close(const at::Tensor& got, const nlohmann::json& rows) const {
    ASSERT_EQ(got.size(0), static_cast<int64_t>(rows.size()));
    for (int64_t i = 0; i < got.size(0); ++i) {
      const auto row = rows[static_cast<size_t>(i)].get<std::vector<double>>();
      const at::Tensor expected = at::tensor(row, at::kDouble);
      const at::Tensor own = got[i].slice(0, 0, std::nullopt, 4).to(at::kDouble);
      EXPECT_LT((own - expected).abs().max().item<double>(),
                1e-5 * expected.abs().max().item<double>());
    }
  }

  nlohmann::json fixture_ = golden_fixture("clip_text");
  TensorMap state_ = seeded_clip_text(fixture_);
};

TEST_F(ClipTextTest, GivesOpenClipsEmbeddings) {
  ClipText tower = ClipText::load(write(state_), Activation::quick_gelu);
  EXPECT_EQ(tower.width(), 64);
  EXPECT_EQ(tower.context(), 16);
  EXPECT_EQ(tower.vocabulary(), 914);
  EXPECT_NEAR(tower.logit_scale(), 1 / 0.07, 1e-5);
  expect_close(features(tower), fixture_["features"]);
}

// LAION's and other later CLIPs; the shapes of their tensors are the same.
TEST_F(ClipTextTest, HasTheActivationThatIsAskedFor) {
  ClipText tower = ClipText::load(write(state_), Activation::gelu);
  expect_close(features(tower), fixture_["gelu_features"]);
}

TEST_F(ClipTextTest, ReadsTransformersNamesBesideAnImageTower) {
  TensorMap state = transformers_names(state_);
  state["vision_model.embeddings.class_embedding"] = at::zeros({4});
  state["text_model.embeddings.position_ids"] = at::zeros({1, 16}, at::kLong);
  ClipText tower = ClipText::load(write(state), Activation::quick_gelu);
  expect_close(features(tower), fixture_["features"]);
}

TEST_F(ClipTextTest, ReadsAPrefixAndHalfPrecision) {
  TensorMap state;
  for (const auto& [name, tensor] : state_)
    state[name == "logit_scale" ? name : "text." + name] = tensor.to(at::kHalf);
  ClipText whole = ClipText::load(write(state_), Activation::quick_gelu);
  ClipText half = ClipText::load(write(state), Activation::quick_gelu);
  EXPECT_TRUE(at::allclose(features(half), features(whole), 0.02, 0.02));
}

TEST_F(ClipTextTest, AveragesPrompts) {
  ClipText tower = ClipText::load(write(state_), Activation::quick_gelu);
  const at::Tensor embeddings =
      class_embeddings(tower, ClipTokenizer(vocabulary), fixture_["classes"], fixture_["prompts"]);
  expect_close(embeddings, fixture_["ensemble"]);
}

TEST_F(ClipTextTest, NamesWhatIsMissing) {
  const auto message = [this](const TensorMap& state) -> std::string {
    try {
      ClipText::load(write(state), Activation::quick_gelu);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message({{"conv1.weight", at::zeros({2})}}), HasSubstr("a file without one"));
  for (const char* name : {"text_projection", "logit_scale", "ln_final.bias"}) {
    TensorMap state = state_;
    state.erase(name);
    EXPECT_THAT(message(state), HasSubstr("none")) << name;
  }
  TensorMap state = state_;
  state["transformer.resblocks.1.mlp.c_fc.weight"] = at::zeros({512, 127});
  EXPECT_THAT(message(state), HasSubstr("blocks.1.mlp.fc1.weight [512,128]"));
}

TEST_F(ClipTextTest, RefusesTextsItCannotTake) {
  ClipText tower = ClipText::load(write(state_), Activation::quick_gelu);
  EXPECT_EQ(tower.features({}).sizes(), (std::vector<int64_t>{0, 64}));
  const auto refused = [&](const std::vector<std::vector<int64_t>>& texts) {
    return error_of(ErrorKind::invalid_argument, [&] { tower.features(texts); });
  };
  EXPECT_EQ(refused({{912, 914}}), "expected tokens of 0 to 913, got 914");
  EXPECT_EQ(refused({{912, -1}}), "expected tokens of 0 to 913, got -1");
  EXPECT_EQ(refused({{912}, {}}), "expected texts of at least one token, got none");
  EXPECT_EQ(refused({std::vector<int64_t>(17, 5)}), "expected texts of at most 16 tokens, got 17");
}

}  // namespace
}  // namespace submask
