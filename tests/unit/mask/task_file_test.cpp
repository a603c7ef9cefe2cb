#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/task_file.h>

#include "backbone/head_tensors.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/random.h"
#include "error_of.h"
#include "golden_task.h"
#include "mask/task_arrays.h"
#include "taskfile/packed_entries.h"
#include "taskfile/packed_json.h"
#include "taskfile/sealed_file.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

fs::path temporary(const std::string& name) {
  return fs::path(testing::TempDir()) / text("submask_task_", ::getpid(), "_", name);
}

Task small_task() {
  at::manual_seed(1);
  Task task;
  task.backbone = "resnet20";
  task.weights_identity = std::string(64, 'a');
  task.units = {pack_mask("conv1.weight", at::rand({4, 3, 3, 3}) < 0.8),
                pack_mask("layer1.0.conv1.weight", at::rand({5, 7}) < 0.5)};
  task.statistics = {{"bn1.running_mean", at::randn({4})}, {"bn1.running_var", at::rand({4})}};
  task.head = LinearHead{at::randn({2, 8}), at::randn({2})};
  task.classes = {"cat", "d\"og \xc3\xa9"};
  task.preprocessing.input_size = 32;
  task.provenance = R"({"accuracy":0.5,"method":"fs"})";
  return task;
}

std::string bytes_of(const fs::path& path) { return read_text_file(path); }

// Without the syncing of a file that must last: some tests write thousands.
void put(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void expect_same(const TensorMap& a, const TensorMap& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, tensor] : a) EXPECT_TRUE(at::equal(b.at(name), tensor)) << name;
}

void expect_same(const Task& read, const Task& task) {
  EXPECT_EQ(read.backbone, task.backbone);
  EXPECT_EQ(read.weights_identity, task.weights_identity);
  EXPECT_EQ(read.classes, task.classes);
  EXPECT_EQ(read.preprocessing, task.preprocessing);
  EXPECT_EQ(read.provenance, task.provenance);
  EXPECT_EQ(read.licence, task.licence);
  ASSERT_EQ(read.units.size(), task.units.size());
  for (size_t i = 0; i < task.units.size(); ++i) {
    EXPECT_EQ(read.units[i].bits, task.units[i].bits);
    EXPECT_EQ(read.units[i].shape, task.units[i].shape);
    EXPECT_EQ(read.units[i].on, task.units[i].on);
  }
  expect_same(head_tensors(read.head), head_tensors(task.head));
  expect_same(read.statistics, task.statistics);
}

TEST(TaskFile, RoundTrips) {
  Task task = small_task();
  task.licence = "CC-BY-4.0";
  const fs::path path = temporary("round");
  write_task(path, pack_task(task));
  expect_same(unpack_task(read_packed_task(path)), task);
}

TEST(TaskFile, TheSameTaskGivesTheSameBytes) {
  write_task(temporary("one"), pack_task(small_task()));
  write_task(temporary("two"), pack_task(small_task()));
  EXPECT_EQ(bytes_of(temporary("one")), bytes_of(temporary("two")));
}

TEST(TaskFile, OfEveryVersionIsRead) {
  expect_same(unpack_task(read_packed_task(SUBMASK_TEST_DATA "/golden/mask/small.task")),
              golden_task());
}

TEST(TaskFile, IsWrittenAsItAlwaysWas) {
  write_task(temporary("golden"), pack_task(golden_task()));
  EXPECT_EQ(bytes_of(temporary("golden")), bytes_of(SUBMASK_TEST_DATA "/golden/mask/small.task"));
}

TEST(TaskFile, PacksBitsLowestFirst) {
  at::Tensor mask = at::zeros({10}, at::kBool);
  mask[0] = true;
  mask[3] = true;
  mask[9] = true;
  const UnitMask unit = pack_mask("x", mask);
  EXPECT_EQ(unit.bits, (std::vector<uint8_t>{0b1001, 0b10}));
  EXPECT_EQ(unit.on, 3);
  EXPECT_TRUE(at::equal(unpack_mask(unit), mask));
}

TEST(TaskFile, RejectsEveryTruncation) {
  const fs::path path = temporary("whole"), cut = temporary("cut");
  write_task(path, pack_task(small_task()));
  const std::string whole = bytes_of(path);
  for (size_t length = 0; length < whole.size(); ++length) {
    put(cut, whole.substr(0, length));
    EXPECT_TRUE(error_of(ErrorKind::corrupt_file, [&] { read_packed_task(cut); })
                    .ends_with(", in " + cut.string()))
        << length << " of " << whole.size() << " bytes";
  }
}

TEST(TaskFile, RejectsEveryFlippedByte) {
  const fs::path path = temporary("whole"), damaged = temporary("damaged");
  write_task(path, pack_task(small_task()));
  const std::string whole = bytes_of(path);
  Random random({2024});
  for (size_t place = 0; place < whole.size(); ++place) {
    std::string changed = whole;
    changed[place] = static_cast<char>(changed[place] ^ (1 << random.below(8)));
    put(damaged, changed);
    EXPECT_TRUE(
        damage_found([&] { read_packed_task(damaged); }).ends_with(", in " + damaged.string()))
        << "byte " << place;
  }
}

// Files that are sealed rightly around parts that do not go together.
TEST(TaskFile, RejectsPartsThatDoNotGoTogether) {
  using Change = std::function<void(PackedTask&)>;
  const std::vector<std::pair<std::string, Change>> cases = {
      {"a bias for other classes",
       [](PackedTask& t) { t.head.at("bias") = array_of(at::ones({3})); }},
      {"too many weights on", [](PackedTask& t) { t.masks[0].on = 109; }},
      {"a shape without weights", [](PackedTask& t) { t.masks[0].shape[0] = 0; }},
      {"a shape of 2^40 weights", [](PackedTask& t) { t.masks[0].shape[0] = int64_t{1} << 40; }},
      {"no shape", [](PackedTask& t) { t.masks[0].shape.clear(); }},
      {"a block too many", [](PackedTask& t) { t.masks[0].block_bytes.push_back(0); }},
      {"a longer block", [](PackedTask& t) { ++t.masks[0].block_bytes[0]; }},
      {"bytes after the last block", [](PackedTask& t) { t.coded.push_back(0); }},
      {"a name of two words", [](PackedTask& t) { t.masks[0].name += " x"; }},
      {"fewer statistics", [](PackedTask& t) { t.statistics = array_of(at::ones({7})); }},
      {"statistics of another kind",
       [](PackedTask& t) { t.statistics = array_of(at::ones({8}), at::kDouble); }},
      {"classes without a head's", [](PackedTask& t) { t.classes.pop_back(); }},
  };
  const fs::path path = temporary("parts");
  for (const auto& [name, change] : cases) {
    PackedTask task = pack_task(small_task());
    change(task);
    write_task(path, task);
    try {
      read_packed_task(path);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt_file) << name;
      EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos) << name;
    }
  }
}

TEST(TaskFile, RejectsUnknownWords) {
  const fs::path path = temporary("words");
  const PackedTask packed = pack_task(small_task());
  EntryList list;
  add_packed("", packed, list);
  const std::string record = packed_to_json(packed);
  for (const auto& [was, is] :
       {std::pair{"\"plain\"", "\"tiny\""}, std::pair{"\"exact\"", "\"int4\""},
        std::pair{"\"threshold\"", "\"random\""}, std::pair{"\"bicubic\"", "\"lanczos\""}}) {
    std::string changed = record;
    ASSERT_NE(changed.find(was), std::string::npos);
    changed.replace(changed.find(was), std::string(was).size(), is);
    write_sealed_file(path, task_format, {list.sorted(), changed, ""});
    try {
      read_packed_task(path);
      ADD_FAILURE() << is;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt_file) << is;
      EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos) << is;
    }
  }
}

TEST(TaskFile, NamesTheFileAndTheVersion) {
  const fs::path path = temporary("version");
  write_task(path, pack_task(small_task()));
  std::string later = bytes_of(path);
  const auto place = later.find("\"version\":\"1\"");
  ASSERT_NE(place, std::string::npos);
  later[place + 11] = '9';
  write_file_atomically(path, as_bytes(later));
  try {
    read_packed_task(path);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported_version);
    EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos);
  }
}

TEST(TaskFile, RefusesAnotherSafetensorsFile) {
  const fs::path path = temporary("other");
  write_safetensors(path, {{"x", at::ones({2})}}, {});
  EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { read_packed_task(path); }),
            "expected a submask task file, got another safetensors file, in " + path.string());
  const fs::path missing = temporary("missing");
  EXPECT_EQ(error_of(ErrorKind::io, [&] { read_packed_task(missing); }),
            "cannot open " + missing.string() + ": No such file or directory");
}

}  // namespace
}  // namespace submask
