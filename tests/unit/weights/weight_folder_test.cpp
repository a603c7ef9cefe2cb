// Folders as people have them: downloads, sharded checkpoints, Hugging Face's cache.
#include <gmock/gmock.h>

#include <torch/types.h>

#include <submask/weight_file.h>

#include "weight_samples.h"

namespace submask {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class WeightFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = scratch_path(testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A weight file whose only tensor bears the file's number, so that a test can tell which was
  // read.
  void save(const std::string& name, int number) const {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    write_safetensors(path, {{"w", torch::full({1}, number)}}, {});
  }

  void write(const std::string& name, const std::string& content) const {
    fs::create_directories((folder_ / name).parent_path());
    write_scratch(folder_ / name, content);
  }

  int number_read() const { return read_weight_file(folder_).tensors.at("w").item<int>(); }

  std::string refusal() const {
    return corrupt_message([&] { read_weight_file(folder_); });
  }

  fs::path folder_;
};

TEST_F(WeightFolder, TakesItsOnlyWeightFile) {
  save("resnet18.pth", 1);  // content counts, not the name
  write("README.md", "hello");
  EXPECT_EQ(number_read(), 1);
}

TEST_F(WeightFolder, PrefersSafetensorsAndUsualNames) {
  save("pytorch_model.bin", 1);
  save("mine.pth", 2);
  EXPECT_EQ(number_read(), 1);
  save("other.safetensors", 3);
  EXPECT_EQ(number_read(), 3);
  save("open_clip_model.safetensors", 4);
  EXPECT_EQ(number_read(), 4);
  save("model.safetensors", 5);
  EXPECT_EQ(number_read(), 5);
}

TEST_F(WeightFolder, NamesTheFilesItCannotChooseFrom) {
  EXPECT_THAT(refusal(), AllOf(HasSubstr("a weight file"), HasSubstr(folder_.string())));
  save("a.pth", 1);
  save("b.pt", 2);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("one weight file"), HasSubstr("'a.pth' 'b.pt'")));
}

TEST_F(WeightFolder, ReadsTheConfigurationBesideUsualNamesOnly) {
  save("model.safetensors", 1);
  save("mine.safetensors", 1);
  write("config.json", "{\"a\": 1}");
  write("preprocessor_config.json", "{}");
  const WeightFile file = read_weight_file(folder_);
  EXPECT_EQ(file.config, "{\"a\": 1}");
  EXPECT_EQ(file.preprocessor_config, "{}");
  EXPECT_EQ(read_weight_file(folder_ / "model.safetensors").config, "{\"a\": 1}");
  EXPECT_EQ(read_weight_file(folder_ / "mine.safetensors").config, "");
  write("config.json", std::string((1 << 20) + 1, ' '));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("config.json"), HasSubstr("1048576")));
}

TEST_F(WeightFolder, ReadsAnIndexAsThePathItself) {
  const WeightFile file =
      read_weight_file(golden_path("sharded/model.safetensors.index.json", "weights_layouts"));
  EXPECT_EQ(file.tensors.size(), 5U);
  EXPECT_EQ(file.layout, "sharded");
}

class ShardedFolder : public WeightFolder {
 protected:
  void index(const std::string& weight_map) const {
    write("model.safetensors.index.json", "{\"weight_map\": " + weight_map + "}");
  }
};

TEST_F(ShardedFolder, ReadsTheTensorsOfTheIndexFromTheirShards) {
  write_safetensors(folder_ / "s1", {{"module.a", torch::ones(1)}, {"x", torch::ones(1)}}, {});
  write_safetensors(folder_ / "s2", {{"module.b", torch::ones(2)}}, {});
  index(R"({"module.a": "s1", "module.b": "s2"})");
  const WeightFile file = read_weight_file(folder_);
  EXPECT_EQ(file.layout, "sharded, module.");
  ASSERT_EQ(file.tensors.size(), 2U);
  EXPECT_EQ(file.tensors.at("b").numel(), 2);
}

TEST_F(ShardedFolder, NamesAMissingShardOrTensor) {
  save("s1", 1);
  index(R"({"w": "s1", "v": "s2"})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("the shard 's2'"), HasSubstr("index.json")));
  index(R"({"w": "s1", "v": "s1"})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("the tensor 'v'"), HasSubstr("its shard 's1'")));
}

TEST_F(ShardedFolder, StaysInItsFolder) {
  for (const std::string name : {"../s1", "/etc/passwd", "..", ".", "", "a/../s1", "a\\\\b"}) {
    index("{\"w\": \"" + name + "\"}");
    EXPECT_THAT(refusal(), HasSubstr("in the index's folder")) << name;
  }
  index(R"({"w": 3})");
  EXPECT_THAT(refusal(), HasSubstr("in the index's folder"));
  index(R"({"w": "a\u0000b"})");
  EXPECT_THAT(refusal(), HasSubstr("in the index's folder"));
}

TEST_F(ShardedFolder, RefusesAnIndexOfAnotherForm) {
  for (const std::string content : {"", "[]", "{", "{}", "{\"weight_map\": []}",
                                    "{\"weight_map\": {}}", "{\"weight_map\": \"s1\"}"}) {
    write("model.safetensors.index.json", content);
    EXPECT_THAT(refusal(), HasSubstr("weight_map")) << content;
  }
  write("model.safetensors.index.json", std::string((4 << 20) + 1, '['));
  EXPECT_THAT(refusal(), HasSubstr("4194304"));
  write("model.safetensors.index.json", std::string(1 << 20, '['));
  EXPECT_THAT(refusal(), HasSubstr("weight_map"));
}

// models--ORG--NAME/{blobs,refs,snapshots}, the files of a snapshot being links to blobs.
class HuggingFaceCache : public WeightFolder {
 protected:
  void add_snapshot(const std::string& commit, int number) const {
    save("blobs/" + commit, number);
    fs::create_directories(folder_ / "snapshots" / commit);
    fs::create_symlink("../../blobs/" + commit,
                       folder_ / "snapshots" / commit / "model.safetensors");
  }
};

TEST_F(HuggingFaceCache, TakesTheSnapshotThatMainNames) {
  add_snapshot("aaaa", 1);
  EXPECT_EQ(number_read(), 1);
  add_snapshot("bbbb", 2);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("one snapshot"), HasSubstr("'aaaa' 'bbbb'")));
  write("refs/main", "bbbb\n");
  EXPECT_EQ(number_read(), 2);
  write("snapshots/bbbb/config.json", "{}");
  EXPECT_EQ(read_weight_file(folder_).config, "{}");
}

TEST_F(HuggingFaceCache, RefusesAReferenceToNoSnapshot) {
  add_snapshot("aaaa", 1);
  for (const std::string commit : {"cccc", "", "../snapshots/aaaa", ".."}) {
    write("refs/main", commit);
    EXPECT_THAT(refusal(), HasSubstr("refs/main")) << commit;
  }
}

}  // namespace
}  // namespace submask
