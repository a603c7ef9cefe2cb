#include "taskfile/sealed_file.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <list>

#include "arrays.h"
#include "error_of.h"
#include "taskfile/description_json.h"
#include "taskfile/pack.h"
#include "taskfile/packed_entries.h"
#include "taskfile/packed_json.h"

namespace submask {
namespace {

const SealedParts parts{{}, "{}", ""};

// Without masks, statistics and head.
PackedTask empty_task() {
  PackedTask task;
  task.weights_identity = std::string(64, 'a');
  task.statistics.shape = {0};
  return task;
}

std::vector<uint8_t> with_version(const std::string& version) {
  std::vector<uint8_t> bytes = sealed_bytes(task_format, parts);
  std::string text(bytes.begin(), bytes.end());
  const std::string was = R"("version":"1")";
  text.replace(text.find(was), was.size(), R"("version":")" + version + '"');
  const uint64_t header = text.size() - 8;
  text.replace(0, 8, reinterpret_cast<const char*>(&header), 8);
  return {text.begin(), text.end()};
}

TEST(SealedFile, VersionsAreNumbers) {
  EXPECT_EQ(parse_sealed_file(with_version("1"), "FILE", task_format).description, "{}");
  for (const char* later : {"2", "10", "2147483647"})
    EXPECT_EQ(error_of(ErrorKind::unsupported_version,
                       [&] { parse_sealed_file(with_version(later), "FILE", task_format); }),
              std::string("expected a task file of version 1 or older, got version ") + later +
                  ", in FILE");
  for (const char* none : {"", "0", "-1", "01", "1.0", " 1", "one", "99999999999"})
    EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                       [&] { parse_sealed_file(with_version(none), "FILE", task_format); }),
              std::string("expected a version of 1 or more, got '") + none + "', in FILE");
}

TEST(SealedFile, OfBothFormatsBeginsAtVersionOne) {
  for (const SealedFormat& format : {task_format, cascade_format}) {
    const std::vector<uint8_t> bytes = sealed_bytes(format, parts);
    EXPECT_NE(std::string(bytes.begin(), bytes.end()).find(R"("version":"1")"), std::string::npos);
  }
}

TEST(SealedFile, OfAnotherFormatIsNamed) {
  EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                     [&] {
                       parse_sealed_file(sealed_bytes(cascade_format, parts), "FILE", task_format);
                     }),
            "expected a submask task file, got submask-cascade, in FILE");
}

// Other files may have tensors of any dtype.
TEST(SealedFile, HasNoTensorsOfUnknownDtypes) {
  const std::vector<uint8_t> data(4);
  std::vector<uint8_t> bytes = sealed_bytes(task_format, {{{"a", "F32", {1}, data}}, "{}", ""});
  const std::string known = "F32", unknown = "F33";
  std::copy(unknown.begin(), unknown.end(),
            std::search(bytes.begin(), bytes.end(), known.begin(), known.end()));
  EXPECT_EQ(
      error_of(ErrorKind::corrupt_file, [&] { parse_sealed_file(bytes, "FILE", task_format); }),
      "expected a known dtype of 'a', got 'F33', in FILE");
}

TEST(SealedFile, SignaturesAndDescriptionsAreSealed) {
  const SealedParts sealed{{}, "description", "signature"};
  const auto bytes = sealed_bytes(task_format, sealed);
  const SealedParts read = parse_sealed_file(bytes, "FILE", task_format);
  EXPECT_EQ(read.description, "description");
  EXPECT_EQ(read.signature, "signature");
  EXPECT_EQ(sealed_digest(sealed), sealed_digest({{}, "description", "another"}));
  EXPECT_NE(sealed_digest(sealed), sealed_digest({{}, "another", "signature"}));
}

TEST(PackedEntries, OfOthersAreNotTaken) {
  PackedReader reader(packed_to_json(empty_task()), "mine.", "FILE");
  const std::vector<uint8_t> data(1);
  EXPECT_FALSE(reader.take({"other.masks", "U8", {1}, data}));
  EXPECT_FALSE(reader.take({"mine.notes", "U8", {1}, data}));
  EXPECT_TRUE(reader.take({"mine.masks", "U8", {1}, data}));
}

// The reader gives values by name, so one name may stand for one buffer alone.
TEST(PackedJson, ANameComesOnce) {
  PackedTask task = empty_task();
  task.norms = {{"bn1", 2}, {"bn1.running_mean", 2}};
  task.statistics = zeros({6});
  EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                     [&] { parse_packed_task(packed_task_bytes(task), "FILE"); }),
            "expected statistics of each buffer once, got bn1.running_mean, in FILE");
}

// What a description says without being read would be signed and not mean anything.
TEST(PackedJson, HasOneForm) {
  const std::string written = packed_to_json(empty_task());
  const auto refusal = [&](const std::string& old_text, const std::string& new_text) {
    std::string other = written;
    other.replace(other.find(old_text), old_text.size(), new_text);
    return error_of(ErrorKind::corrupt_file, [&] {
      parse_packed_task(sealed_bytes(task_format, {{}, other, ""}), "FILE");
    });
  };
  EXPECT_NO_THROW(parse_packed_task(sealed_bytes(task_format, {{}, written, ""}), "FILE"));
  const std::string expected = "expected a description as it is written, got another ";
  EXPECT_EQ(refusal("{", "{ "), expected + "text of the same, in FILE");
  EXPECT_EQ(refusal("{", R"({"comment":1,)"), expected + "'comment', in FILE");
  EXPECT_EQ(refusal(R"("input_size":)", R"("input_size":1,"input_size":)"),
            expected + "text of the same, in FILE");
  EXPECT_EQ(refusal(R"("crop_share":)", R"("crop_share":0.5,"crop":)"),
            expected + "'preprocessing.crop', in FILE");
}

// Steps that are not the usual ones stand in the description, which then needs a reader that knows
// them.
TEST(PackedJson, HasWhatTheUsualPreprocessingLacks) {
  PackedTask task = empty_task();
  const std::string usual = packed_to_json(task);
  EXPECT_NE(usual.find(R"("needs":[])"), std::string::npos);
  task.preprocessing.resize = ResizeMode::border;
  task.preprocessing.crop_offset = CropOffset::down;
  task.preprocessing.fill = {1, 0, 255};
  const std::string written = packed_to_json(task);
  EXPECT_NE(written.find(R"("needs":["preprocessing.crop_offset","preprocessing.fill",)"
                         R"("preprocessing.resize"])"),
            std::string::npos);
  EXPECT_EQ(parse_packed_task(packed_task_bytes(task), "FILE").preprocessing, task.preprocessing);
  const auto refusal = [&](const std::string& old_text, const std::string& new_text) {
    std::string other = written;
    other.replace(other.find(old_text), old_text.size(), new_text);
    return error_of(ErrorKind::corrupt_file, [&] {
      parse_packed_task(sealed_bytes(task_format, {{}, other, ""}), "FILE");
    });
  };
  EXPECT_EQ(refusal("255", "256"), "expected a fill of 0...255, got 256, in FILE");
  EXPECT_NE(refusal("border", "crop").find("expected a resize"), std::string::npos);
  // A description that does not say what it needs is not as it is written.
  EXPECT_NE(refusal(R"("preprocessing.fill",)", "").find("'needs'"), std::string::npos);
}

// The largest norm that a file may name, and the first that is too large.
TEST(PackedJson, NormsHaveALimit) {
  PackedTask task = empty_task();
  task.norms = {{"bn1", int64_t{1} << 24}};
  EXPECT_EQ(packed_from_json(packed_to_json(task), "FILE").norms.at(0).channels, 1 << 24);
  task.norms[0].channels += 1;
  EXPECT_EQ(
      error_of(ErrorKind::corrupt_file, [&] { packed_from_json(packed_to_json(task), "FILE"); }),
      "expected at most 16777216 channels, got 16777217, in FILE");
}

// None of a unit's weights may be on, or all of them.
TEST(PackedJson, CountsLieWithinTheUnit) {
  for (const int64_t on : {0, 6}) EXPECT_FALSE(unit_fault("unit", {2, 3}, on));
  for (const int64_t on : {-1, 7}) EXPECT_TRUE(unit_fault("unit", {2, 3}, on));
}

// The same values of a head in other bytes, other places of tensors, and what belongs to nothing: a
// signature would cover all of them.
TEST(PackedTask, HasOneFile) {
  PackedTask task = empty_task();
  task.classes = {"a", "b"};
  set_head(task, {{"weight", floats({2, 2}, {1, 0.5F, 0.25F, 1})}, {"bias", floats({2}, {0, 1})}},
           HeadForm::int8);
  const auto file_of = [&](const auto& change) {
    EntryList list;
    add_packed("", task, list);
    std::vector<SafetensorsEntry> entries = list.sorted();
    std::list<std::vector<uint8_t>> kept;
    change(entries, kept);
    return sealed_bytes(task_format, {entries, packed_to_json(task), ""});
  };
  const auto entry = [](std::vector<SafetensorsEntry>& entries, const std::string& name) {
    return std::ranges::find_if(
        entries, [&](const SafetensorsEntry& each) { return each.name.ends_with(name); });
  };
  parse_packed_task(file_of([](auto&, auto&) {}), "FILE");
  const auto refused = [&](const auto& change) {
    EXPECT_EQ(
        error_of(ErrorKind::corrupt_file, [&] { parse_packed_task(file_of(change), "FILE"); }),
        "expected a task as its writer writes it, got other tensors for the same task, in "
        "FILE");
  };
  refused([&](auto& entries, auto& kept) {  // half the numbers, twice their unit
    for (const auto& [name, shift] : {std::pair{"weight", -1}, {"weight_exponents", 1}}) {
      const auto found = entry(entries, name);
      auto& bytes = kept.emplace_back(found->data.begin(), found->data.end());
      for (uint8_t& byte : bytes) {
        const auto number = static_cast<int8_t>(byte);
        byte = static_cast<uint8_t>(shift < 0 ? number / 2 : number + 1);
      }
      found->data = bytes;
    }
  });
  refused([&](auto& entries, auto&) {
    std::swap(*entry(entries, "weight"), *entry(entries, "weight_exponents"));
  });
}

TEST(PackedTask, ASignatureHasAForm) {
  PackedTask task = empty_task();
  for (const std::string& none : {std::string(128, 'A'), std::string(126, 'a'), std::string("x")}) {
    task.signature = none;
    EXPECT_NE(error_of(ErrorKind::corrupt_file,
                       [&] { parse_packed_task(packed_task_bytes(task), "FILE"); })
                  .find("expected 128 hexadecimal digits as a signature, got "),
              std::string::npos);
  }
  task.signature = std::string(128, 'a');
  EXPECT_EQ(parse_packed_task(packed_task_bytes(task), "FILE").signature, task.signature);
}

TEST(SealedFile, HasNoMoreMetadataThanItsOwn) {
  std::vector<uint8_t> bytes = sealed_bytes(task_format, parts);
  std::string text(bytes.begin(), bytes.end());
  const std::string begin = R"({"__metadata__":{)";
  text.insert(text.find(begin) + begin.size(), R"("extra":"1",)");
  const uint64_t header = text.size() - 8;
  text.replace(0, 8, reinterpret_cast<const char*>(&header), 8);
  EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                     [&] { parse_sealed_file(as_bytes(text), "FILE", task_format); }),
            "expected the header a task file is written with, got another, in FILE");
}

// A later writer names in `needs` what this reader lacks.
TEST(TaskNeeds, AnUnknownOneIsRefusedByName) {
  PackedTask task = empty_task();
  std::string description = packed_to_json(task);
  const std::string none = R"("needs":[])";
  ASSERT_NE(description.find(none), std::string::npos);
  description.replace(description.find(none), none.size(), R"("needs":["low rank"])");
  const auto bytes = sealed_bytes(task_format, {{}, description, ""});
  EXPECT_EQ(
      error_of(ErrorKind::unsupported_version, [&] { parse_packed_task(bytes, "FILE"); }),
      "expected a file that a reader of version 1 knows all of, got one that needs 'low rank', "
      "in FILE");
  description.replace(description.find("needs"), 5, "other");
  EXPECT_NE(error_of(ErrorKind::corrupt_file,
                     [&] {
                       parse_packed_task(sealed_bytes(task_format, {{}, description, ""}), "FILE");
                     })
                .find("needs"),
            std::string::npos);
}

}  // namespace
}  // namespace submask
