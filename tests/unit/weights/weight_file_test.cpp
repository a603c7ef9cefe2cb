#include <gmock/gmock.h>

#include <torch/types.h>

#include <submask/weight_file.h>

#include "base/hash.h"
#include "error_of.h"
#include "weight_samples.h"
#include "weights/safetensors_tensors.h"

namespace submask {
namespace {

using testing::HasSubstr;

std::string hex(Bytes bytes) {
  std::string digits;
  for (const uint8_t byte : bytes) {
    digits += "0123456789abcdef"[byte >> 4];
    digits += "0123456789abcdef"[byte & 15];
  }
  return digits;
}

nlohmann::json describe(const at::Tensor& tensor) {
  const SafetensorsEntry entry = tensor_entry("", tensor);
  return {{"dtype", entry.dtype}, {"shape", entry.shape}, {"hex", hex(entry.data)}};
}

// Checks the files of a golden folder that read, and says how many they are.
int check_readable(const std::string& folder) {
  int files = 0;
  const nlohmann::json document = golden_expectations(folder);
  for (const auto& [name, expected] : document["files"].items()) {
    if (expected.contains("error")) continue;
    SCOPED_TRACE(name);
    ++files;
    const WeightFile file = read_weight_file(golden_path(name, folder));
    EXPECT_EQ(file.format, expected["format"]);
    EXPECT_EQ(file.layout, expected["layout"]);
    EXPECT_EQ(nlohmann::json(file.metadata), expected["metadata"]);
    nlohmann::json tensors = nlohmann::json::object();
    for (const auto& [key, tensor] : file.tensors) tensors[key] = describe(tensor);
    EXPECT_EQ(tensors, expected["tensors"]);
  }
  return files;
}

// The same for those that are refused.
int check_refused(const std::string& folder) {
  int files = 0;
  const nlohmann::json document = golden_expectations(folder);
  for (const auto& [name, expected] : document["files"].items()) {
    if (!expected.contains("error")) continue;
    SCOPED_TRACE(name);
    ++files;
    const std::string path = golden_path(name, folder);
    const std::string message = corrupt_message([&] { read_weight_file(path); });
    EXPECT_THAT(message, HasSubstr("expected "));
    EXPECT_THAT(message, HasSubstr(path));
    for (const std::string words : expected["error"]) EXPECT_THAT(message, HasSubstr(words));
  }
  return files;
}

TEST(WeightFile, ReadsWhatPythonSaved) { EXPECT_EQ(check_readable("weights"), 18); }

TEST(WeightFile, ReadsNestedCheckpointsAndTorchScript) {
  EXPECT_EQ(check_readable("weights_layouts"), 7);
}

TEST(WeightFile, RefusesHostileAndOtherFilesByName) {
  EXPECT_EQ(check_refused("weights"), 8);
  const WeightFile file = read_weight_file(golden_path("hostile_system.pth"));
  EXPECT_EQ(file.unusual_calls, std::vector<std::string>{"posix.system"});
  EXPECT_EQ(check_refused("weights_layouts"), 3);
  EXPECT_FALSE(std::filesystem::exists("/tmp/submask_was_hacked"));
}

TEST(WeightFile, SaysWhatAnotherFileIs) {
  const std::filesystem::path path = scratch_path("other");
  const std::pair<std::string, std::string> cases[] = {
      {"", "an empty file"},
      {"\xff\xd8\xff\xe0 and more", "a JPEG image"},
      {"conv1.weight = 3\nand so on\n", "a text file"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
       "a pointer of Git LFS"},
      {"<!DOCTYPE html>\n<html>404</html>", "a page in HTML"},
      {std::string("\x01\x02\x00\x03", 4), "other content"},
      {"PK\x03\x04 cut off", "truncated"},
      {"\x80\x02", "truncated"},
      {"\x80\x02K\x01.", "a pickle of something else"}};
  for (const auto& [content, words] : cases) {
    write_scratch(path, content);
    EXPECT_THAT(corrupt_message([&] { read_weight_file(path); }), HasSubstr(words));
  }
  try {
    read_weight_file(path.parent_path() / "missing");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
  }
}

TEST(WeightFile, KeepsTensorsAfterTheFileIsReplaced) {
  const std::filesystem::path path = scratch_path("kept.safetensors");
  const at::Tensor stored = torch::arange(6, torch::kFloat).reshape({2, 3});
  write_safetensors(path, {{"w", stored}}, {});
  const at::Tensor read = read_weight_file(path).tensors.at("w");
  write_safetensors(path, {{"w", stored * 2}}, {});
  EXPECT_TRUE(read.equal(stored));
}

TEST(WeightFile, KeepsAPrefixThatNotAllNamesHave) {
  const std::filesystem::path path = scratch_path("prefix.safetensors");
  write_safetensors(path, {{"module.a", torch::ones(1)}, {"b", torch::ones(1)}}, {});
  const WeightFile file = read_weight_file(path);
  EXPECT_TRUE(file.tensors.contains("module.a"));
  EXPECT_EQ(file.layout, "flat");
}

// What nothing needs may be of any kind; a file of nothing else has no weights.
TEST(WeightFile, PassesOverTensorsOfOtherKinds) {
  const std::filesystem::path path = scratch_path("kinds.safetensors");
  const auto write = [&](const std::string& dtype) {
    const std::string header = R"({"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]},)"
                               R"("b":{"dtype":")" +
                               dtype + R"(","shape":[2],"data_offsets":[2,4]}})";
    const uint64_t size = header.size();
    write_scratch(path, std::string(reinterpret_cast<const char*>(&size), 8) + header + "abcd");
  };
  write("U8");
  const WeightFile file = read_weight_file(path);
  EXPECT_EQ(file.tensors.size(), 1U);
  EXPECT_EQ(file.unread, (std::map<std::string, std::string>{{"a", "F8_E4M3"}}));
  write("F8_E5M2");
  EXPECT_THAT(corrupt_message([&] { read_weight_file(path); }),
              HasSubstr("expected tensors of kinds that are read, got 'a' of F8_E4M3"));
}

TEST(WriteSafetensors, WritesTheBytesOfTheFormatsOwnLibrary) {
  const std::filesystem::path path = scratch_path("again.safetensors");
  const WeightFile file = read_weight_file(golden_path("flat.safetensors"));
  write_safetensors(path, file.tensors, file.metadata);
  EXPECT_EQ(read_text_file(path), read_text_file(golden_path("flat.safetensors")));
}

TEST(WriteSafetensors, StoresViewsContiguous) {
  const std::filesystem::path path = scratch_path("view.safetensors");
  const at::Tensor view = torch::arange(6, torch::kInt).reshape({2, 3}).t();
  write_safetensors(path, {{"view", view}}, {{"key", "line\n\"quoted\" \xc3\xa9"}});
  const WeightFile file = read_weight_file(path);
  EXPECT_TRUE(file.tensors.at("view").equal(view));
  EXPECT_EQ(file.metadata.at("key"), "line\n\"quoted\" \xc3\xa9");
}

TEST(WriteSafetensors, RefusesWhatTheFormatCannotHold) {
  const std::filesystem::path path = scratch_path("refused.safetensors");
  const auto refused = [&](const std::string& name, const at::Tensor& tensor) {
    return error_of(ErrorKind::invalid_argument, [&] {
      write_safetensors(path, {{name, tensor}}, {});
    });
  };
  EXPECT_EQ(refused("c", torch::zeros(1, torch::kComplexFloat)),
            "expected a dtype that safetensors holds of 'c', got ComplexFloat");
  EXPECT_EQ(refused("\xff", torch::zeros(1)), "expected a name in UTF-8, got '?'");
  EXPECT_EQ(refused("__metadata__", torch::zeros(1)), "expected a name once, got '__metadata__'");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(WeightFile, ReadsThePublishedCifarResNets) {
  const nlohmann::json document = golden_expectations();
  for (const auto& [name, expected] : document["shared"].items()) {
    const auto path = std::filesystem::path(SUBMASK_SHARED_DATA) / name;
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
    const WeightFile file = read_weight_file(path);
    EXPECT_EQ(file.format, "legacy pickle");
    EXPECT_EQ(file.layout, "state_dict, module.");
    EXPECT_EQ(file.tensors.size(), expected["count"]);
    Sha256 hash;
    for (const auto& [key, tensor] : file.tensors) {
      hash.update(key);
      hash.update(std::string_view("\0", 1));
      hash.update(tensor_entry(key, tensor).data);
    }
    EXPECT_EQ(hash.hex(), expected["sha256"]);
    const at::Tensor conv1 = file.tensors.at("conv1.weight");
    EXPECT_EQ(conv1.sizes(), at::IntArrayRef({16, 3, 3, 3}));
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(conv1.flatten()[i].item<double>(), expected["conv1.weight"][i]);
    }
  }
}

}  // namespace
}  // namespace submask
