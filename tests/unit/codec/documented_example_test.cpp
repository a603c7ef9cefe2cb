// The examples of docs/mask_format.md, read from the page itself.
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "codec/gap_table.h"
#include "codec/logistic.h"
#include "codec/magnitude.h"
#include "codec/mask_codec.h"
#include "codec/mask_model.h"
#include "codec/packed_bits.h"

namespace submask {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(std::string(SUBMASK_TEST_DATA) + path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The indented lines below a heading, up to the next one.
std::vector<std::string> example(const std::string& heading) {
  std::istringstream page(contents("/../docs/mask_format.md"));
  std::vector<std::string> lines;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with('#')) inside = line == "## " + heading;
    if (inside && line.starts_with("    ")) lines.push_back(line.substr(4));
  }
  return lines;
}

std::string bytes_of(std::istringstream digits) {
  std::string bytes;
  for (std::string byte; digits >> byte && byte != "#";)
    bytes.push_back(static_cast<char>(std::stoi(byte, nullptr, 16)));
  return bytes;
}

TEST(DocumentedExample, TaskFileIsTheGoldenOne) {
  std::string file, header;
  for (const std::string& line : example("A task file")) {
    if (line.starts_with('{') || line.starts_with('"') || line.starts_with('\\')) {
      header += line;
      continue;
    }
    if (!header.empty()) file += header.append((8 - header.size() % 8) % 8, ' ');
    header.clear();
    ASSERT_EQ(std::stoul(line, nullptr, 16), file.size()) << line;
    file += bytes_of(std::istringstream(line.substr(4)));
  }
  EXPECT_EQ(file, contents("/golden/mask/small.task"));
}

// Lines of a label and what follows it.
std::map<std::string, std::string> labelled() {
  std::map<std::string, std::string> lines;
  for (const std::string& line : example("A block")) {
    const size_t end = line.find(' ');
    lines[line.substr(0, end)] = line.substr(end);
  }
  return lines;
}

std::vector<int64_t> numbers(const std::string& line) {
  std::istringstream words(line);
  std::vector<int64_t> values;
  for (int64_t value = 0; words >> value;) values.push_back(value);
  EXPECT_FALSE(values.empty()) << line;
  return values;
}

// The block that the page describes.
struct Example {
  std::vector<float> weights;
  std::vector<bool> off;
  std::vector<uint8_t> bits = std::vector<uint8_t>(36), parent = bits, middle = bits;
  std::map<std::string, std::string> lines = labelled();

  Example() {
    for (size_t i = 0; i < 288; ++i) {
      const int v = static_cast<int>(37 * i % 64);
      weights.push_back(static_cast<float>(2 * v - 63) / 128);
      off.push_back((v >= 30 && v <= 33) || i == 7 || i == 100 || i == 101 || i == 200);
      const bool off_in_parent = (v >= 31 && v <= 34) || i == 7;
      bits[i / 8] = static_cast<uint8_t>(bits[i / 8] | (off[i] ? 0 : 1) << i % 8);
      parent[i / 8] = static_cast<uint8_t>(parent[i / 8] | (off_in_parent ? 0 : 1) << i % 8);
      middle[i / 8] = static_cast<uint8_t>(middle[i / 8] | (i % 9 == 4 && v < 40 ? 0 : 1) << i % 8);
    }
  }

  MaskBlock block(bool has_parent) const {
    return {.shape = {.outputs = 8, .inputs = 4, .kernel = 9, .kernel_width = 3},
            .weights = weights,
            .parent = has_parent ? std::span(parent) : std::span<const uint8_t>(),
            .off_share = static_cast<uint32_t>(numbers(lines.at("off_share")).at(0))};
  }
};

void expect_coded(const std::vector<uint8_t>& bits, MaskProfile profile, const MaskBlock& block,
                  const std::string& line) {
  const std::string written = bytes_of(std::istringstream(line));
  const std::vector<uint8_t> coded(written.begin(), written.end());
  std::vector<uint8_t> decoded(bits.size());
  ASSERT_TRUE(decode_mask(profile, block, coded, decoded));
  EXPECT_EQ(decoded, bits);
  EXPECT_EQ(encode_mask(profile, block, bits), coded);
}

TEST(DocumentedExample, BlockIsCodedAsWritten) {
  const Example example;
  for (const auto& [label, profile, has_parent] : {std::tuple("plain", MaskProfile::plain, false),
                                                   std::tuple("small", MaskProfile::small, false),
                                                   std::tuple("small+", MaskProfile::small, true),
                                                   std::tuple("fast", MaskProfile::fast, false),
                                                   std::tuple("fast+", MaskProfile::fast, true)}) {
    SCOPED_TRACE(label);
    expect_coded(example.bits, profile, example.block(has_parent), example.lines.at(label));
  }
  expect_coded(example.middle, MaskProfile::fast, example.block(/*has_parent=*/false),
               example.lines.at("middle"));
}

TEST(DocumentedExample, WeightsHaveTheWrittenSizes) {
  const Example example;
  EXPECT_EQ(off_share(count_on(example.bits), std::ssize(example.weights)),
            example.block(/*has_parent=*/false).off_share);
  const MagnitudeScale scale(example.weights);
  const auto keys = numbers(example.lines.at("keys")), bins = numbers(example.lines.at("bins"));
  ASSERT_EQ(keys.size(), bins.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(magnitude_key(example.weights[i]), keys[i]);
    EXPECT_EQ(scale.bin(example.weights[i]), bins[i]);
  }
}

TEST(DocumentedExample, ProbabilitiesAreTheWrittenOnes) {
  const Example example;
  const Logistic& tables = Logistic::tables();
  std::vector<int64_t> probabilities, logits;
  for (const int32_t logit : {-2815, -256, 0, 1, 256, 2815})
    probabilities.push_back(tables.probability(logit));
  for (const uint32_t probability : {0U, 16U, 5006U, 32768U, 65535U})
    logits.push_back(tables.logit(probability));
  EXPECT_EQ(probabilities, numbers(example.lines.at("P")));
  EXPECT_EQ(logits, numbers(example.lines.at("L")));

  for (const bool has_parent : {false, true}) {
    const MaskBlock block = example.block(has_parent);
    MaskModel model(block);
    const auto expected = numbers(example.lines.at(has_parent ? "p+" : "p"));
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(model.predict(), expected[i]) << "weight " << i;
      model.learn(example.off[i]);
    }
  }
}

TEST(DocumentedExample, TablesOfGapsAreTheWrittenOnes) {
  const Example example;
  const std::string coded = bytes_of(std::istringstream(example.lines.at("fast")));
  uint64_t packed = 0;
  for (size_t i = 6; i-- > 0;) packed = packed << 8 | static_cast<uint8_t>(coded.at(i));
  for (const int64_t step : numbers(example.lines.at("steps"))) {
    EXPECT_EQ(static_cast<int64_t>(packed & 31), step);
    packed >>= 5;
  }
  EXPECT_EQ(packed, 0U);

  const GapTable& table = GapTable::for_step(8);
  EXPECT_EQ(table.shift(), numbers(example.lines.at("shift")).at(0));
  const auto frequencies = numbers(example.lines.at("frequency"));
  ASSERT_EQ(frequencies.size(), GapTable::symbols);
  for (uint32_t symbol = 0; symbol < GapTable::symbols; ++symbol)
    EXPECT_EQ(table.slots_of(symbol).count, frequencies[symbol]);
}

}  // namespace
}  // namespace submask
