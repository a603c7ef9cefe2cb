// Damaged copies of every golden file: each read ends in an Error or in tensors whose every byte
// can be read.
#include <gmock/gmock.h>
#include <random>

#include <torch/types.h>

#include <submask/weight_file.h>

#include "base/random.h"
#include "weight_samples.h"
#include "weights/safetensors_tensors.h"

namespace submask {
namespace {

// True for a file that reads.
bool read_all(const std::filesystem::path& path) {
  try {
    const WeightFile file = read_weight_file(path);
    uint64_t sum = 0;
    for (const auto& [name, tensor] : file.tensors) {
      if (tensor.is_complex()) continue;
      for (const uint8_t byte : tensor_entry(name, tensor).data) sum += byte;
    }
    return sum < ~uint64_t{0};
  } catch (const Error& error) {
    EXPECT_TRUE(error.kind() == ErrorKind::corrupt_file) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(path.string()));
    return false;
  }
}

// By folder and name.
std::vector<std::pair<std::string, std::string>> golden_names() {
  std::vector<std::pair<std::string, std::string>> names;
  for (const char* folder : {"weights", "weights_layouts"}) {
    const nlohmann::json document = golden_expectations(folder);
    for (const auto& item : document["files"].items()) {
      if (!is_directory(golden_path(item.key(), folder))) names.emplace_back(folder, item.key());
    }
  }
  return names;
}

class DamagedFile : public testing::TestWithParam<std::pair<std::string, std::string>> {
 protected:
  const std::string& name() const { return GetParam().second; }
  std::string content() const { return read_text_file(golden_path(name(), GetParam().first)); }
};

TEST_P(DamagedFile, IsRefusedAtEveryShorterLength) {
  const std::string content = this->content();
  const std::filesystem::path path = scratch_path("short_" + name());
  write_scratch(path, content);
  for (size_t length = content.size(); length-- > 0;) {
    std::filesystem::resize_file(path, length);
    EXPECT_FALSE(read_all(path)) << length << " of " << content.size() << " bytes";
  }
}

TEST_P(DamagedFile, NeverDoesWorseThanFail) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::cout << "seed " << seed << "\n";
  const std::string content = this->content();
  const std::filesystem::path path = scratch_path("flipped_" + name());
  Random random({seed});
  for (int round = 0; round < 1000; ++round) {
    std::string damaged = content;
    for (uint64_t flips = 1 + random.below(3); flips > 0; --flips) {
      damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
    }
    write_scratch(path, damaged);
    read_all(path);
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, DamagedFile, testing::ValuesIn(golden_names()),
                         [](const auto& info) {
                           std::string name = info.param.first + "_" + info.param.second;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace submask
