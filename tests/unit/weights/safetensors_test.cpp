#include "safetensors/safetensors.h"

#include <gmock/gmock.h>

#include "error_of.h"
#include "weight_samples.h"

namespace submask {
namespace {

using testing::HasSubstr;

std::string file_of(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + data;
}

std::string safetensors_refusal(const std::string& header, const std::string& data = "") {
  const std::string content = file_of(header, data);
  return corrupt_message([&] { parse_safetensors(as_bytes(content), "FILE"); });
}

TEST(Safetensors, ReadsEntriesInTheOrderOfTheirData) {
  const std::string content =
      file_of(R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"__metadata__":{"k":"v"},)"
              R"("a":{"dtype":"I8","shape":[1,1],"data_offsets":[0,1]},)"
              R"("none":{"dtype":"F32","shape":[0,7],"data_offsets":[1,1]}}  )",
              "xyz");
  const SafetensorsFile file = parse_safetensors(as_bytes(content), "FILE");
  ASSERT_EQ(file.entries.size(), 3U);
  EXPECT_EQ(file.entries[0].name, "a");
  EXPECT_EQ(file.entries[1].name, "none");
  EXPECT_EQ(file.entries[2].name, "b");
  EXPECT_EQ(file.entries[2].data[1], 'z');
  EXPECT_EQ(file.entries[0].shape, (std::vector<int64_t>{1, 1}));
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"k", "v"}}));
}

TEST(Safetensors, RefusesHeadersOfAnotherForm) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "JSON"},
      {"{", "JSON"},
      {"[]", "an array"},
      {"3", "a number"},
      {R"({"a":1})", "a number"},
      {R"({"a":null})", "null"},
      {R"({"a":{"dtype":"U8","shape":[0]}})", "one without dtype, shape or data_offsets"},
      {R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":1}})", "the field 'more'"},
      {R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}})", "a negative number"},
      {R"({"a":{"dtype":"U8","shape":[0.5],"data_offsets":[0,0]}})", "a fraction"},
      {R"({"a":{"dtype":"U8","shape":[[0]],"data_offsets":[0,0]}})", "an array"},
      {R"({"a":{"dtype":"U8","shape":[{}],"data_offsets":[0,0]}})", "an object"},
      {R"({"a":{"dtype":"U8","dtype":"I8","shape":[0],"data_offsets":[0,0]}})", "a second 'dtype'"},
      {R"({"__metadata__":{"k":1}})", "a number"},
      {R"({"__metadata__":{"k":"v","k":"v"}})", "a second 'k'"},
      {R"({"__metadata__":{},"__metadata__":{}})", "a second '__metadata__'"},
      {std::string(200'000, '['), "an array"}};
  for (const auto& [header, words] : cases) {
    EXPECT_THAT(safetensors_refusal(header), HasSubstr(words)) << header.substr(0, 100);
  }
}

TEST(Safetensors, RefusesRangesThatDoNotFitTheData) {
  const auto one = [](const std::string& dtype, const std::string& shape,
                      const std::string& offsets) {
    return R"({"a":{"dtype":")" + dtype + R"(","shape":[)" + shape + R"(],"data_offsets":[)" +
           offsets + "]}}";
  };
  EXPECT_THAT(safetensors_refusal(one("F32", "1", "0,5"), "abcd"), HasSubstr("inside the file"));
  EXPECT_THAT(safetensors_refusal(one("F32", "1", "4,0"), "abcd"), HasSubstr("inside the file"));
  EXPECT_THAT(safetensors_refusal(one("F32", "1", "0"), "abcd"), HasSubstr("inside the file"));
  EXPECT_THAT(safetensors_refusal(one("F32", "2", "0,4"), "abcd"), HasSubstr("8 bytes of 'a'"));
  EXPECT_THAT(safetensors_refusal(one("U8", "3", "1,4"), "abcd"), HasSubstr("gaps"));
  EXPECT_THAT(safetensors_refusal(one("U8", "3", "0,3"), "abcd"), HasSubstr("3 bytes of data"));
  EXPECT_THAT(safetensors_refusal(one("F32", "4611686018427387904,4", "0,0")), HasSubstr("2^6"));
  EXPECT_THAT(safetensors_refusal(one("F32", "0,4611686018427387904,4", "0,0")), HasSubstr("2^6"));
  EXPECT_THAT(safetensors_refusal(one("U8", "18446744073709551615", "0,0")), HasSubstr("negative"));
  EXPECT_THAT(safetensors_refusal(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
                                  R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
                                  "abcd"),
              HasSubstr("overlaps"));
}

TEST(Safetensors, RefusesAHeaderBeyondTheLimitOrTheFile) {
  std::string content = file_of("{}", "");
  content[7] = 1;
  EXPECT_THAT(corrupt_message([&] { parse_safetensors(as_bytes(content), "FILE"); }),
              HasSubstr("100000000"));
  content = file_of("{}", "");
  content[0] = 3;
  EXPECT_THAT(corrupt_message([&] { parse_safetensors(as_bytes(content), "FILE"); }),
              HasSubstr("truncated"));
}

TEST(Safetensors, ItsOwnHeaderTellsACanonicalFile) {
  const std::vector<uint8_t> data{1, 2, 3, 4};
  const std::vector<SafetensorsEntry> entries{{"mask/a", "U8", {3}, Bytes(data).first(3)},
                                              {"b \"\x01\"", "BOOL", {}, Bytes(data).last(1)}};
  const std::filesystem::path path = scratch_path("entries.safetensors");
  write_safetensors_entries(path, entries, {{"format", "1"}});
  const std::string content = read_text_file(path);
  SafetensorsFile file = parse_safetensors(as_bytes(content), path);
  EXPECT_EQ(file.header.size() % 8, 0U);
  EXPECT_EQ(file.header, safetensors_header(file.entries, file.metadata));
  EXPECT_EQ(file.entries[1].name, entries[1].name);

  std::string padded = content;
  padded.insert(8 + file.header.size(), " ");
  ++padded[0];
  file = parse_safetensors(as_bytes(padded), path);
  EXPECT_NE(file.header, safetensors_header(file.entries, file.metadata));
}

TEST(Safetensors, WriterRefusesDataOfAnotherSize) {
  const std::vector<uint8_t> data(3);
  const std::vector<SafetensorsEntry> entries{{"a", "F32", {1}, data}};
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { safetensors_header(entries, {}); }),
            "expected 4 bytes of 'a', got 3");
  const std::vector<SafetensorsEntry> twice{{"a", "U8", {3}, data}, {"a", "U8", {3}, data}};
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { safetensors_header(twice, {}); }),
            "expected a name once, got 'a'");
  const std::vector<SafetensorsEntry> unknown{{"a", "U9", {0}, {}}};
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { safetensors_header(unknown, {}); }),
            "expected a dtype of safetensors, got 'U9'");
}

}  // namespace
}  // namespace submask
