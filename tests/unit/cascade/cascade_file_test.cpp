#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <limits>

#include <submask/error.h>

#include "backbone/head_tensors.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/random.h"
#include "error_of.h"
#include "scratch_folder.h"
#include "small_cascade.h"
#include "taskfile/sealed_file.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

void put(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void expect_equal(const TensorMap& one, const TensorMap& other) {
  ASSERT_EQ(one.size(), other.size());
  for (const auto& [name, tensor] : one) EXPECT_TRUE(at::equal(tensor, other.at(name))) << name;
}

TEST(CascadeFile, RoundTrips) {
  for (const RouterKind router : {RouterKind::gmm, RouterKind::kmeans}) {
    const Cascade cascade = small_cascade(router);
    const fs::path path = scratch_folder() / "round";
    write_cascade(path, cascade);
    EXPECT_TRUE(is_cascade_file(path));
    const Cascade read = read_cascade(path);
    EXPECT_EQ(read.classes, cascade.classes);
    EXPECT_EQ(read.provenance, cascade.provenance);
    EXPECT_EQ(read.router.kind, router);
    expect_equal(read.router.parameters, cascade.router.parameters);
    EXPECT_TRUE(at::equal(read.router.projection.mean, cascade.router.projection.mean));
    expect_equal(head_tensors(read.unconditional.head), head_tensors(cascade.unconditional.head));
    EXPECT_FALSE(read.conditional.head);
    EXPECT_TRUE(at::equal(read.conditional.projection.components,
                          cascade.conditional.projection.components));
    ASSERT_EQ(read.experts.size(), 2U);
    EXPECT_EQ(read.dispatcher.coded, cascade.dispatcher.coded);
    EXPECT_EQ(read.experts[1].coded, cascade.experts[1].coded);
    EXPECT_EQ(read.experts[1].statistics, cascade.experts[1].statistics);
    write_cascade(scratch_folder() / "again", read);
    EXPECT_EQ(read_text_file(scratch_folder() / "again"), read_text_file(path));
  }
}

// Files of every version must stay readable.
TEST(CascadeFile, OfEveryVersionIsRead) {
  const Cascade read = read_cascade(SUBMASK_TEST_DATA "/golden/cascade/small.cascade");
  const Cascade cascade = small_cascade();
  ASSERT_EQ(read.experts.size(), 2U);
  EXPECT_EQ(read.experts[1].coded, cascade.experts[1].coded);
  EXPECT_EQ(unpack_task(read.dispatcher).units[0].bits,
            unpack_task(cascade.dispatcher).units[0].bits);
  expect_equal(read.router.parameters, cascade.router.parameters);
}

TEST(CascadeFile, IsWrittenAsItAlwaysWas) {
  const fs::path path = scratch_folder() / "golden";
  write_cascade(path, small_cascade());
  EXPECT_EQ(read_text_file(path),
            read_text_file(SUBMASK_TEST_DATA "/golden/cascade/small.cascade"));
}

TEST(CascadeFile, RejectsEveryTruncation) {
  const fs::path path = scratch_folder() / "whole", cut = scratch_folder() / "cut";
  write_cascade(path, small_cascade());
  const std::string whole = read_text_file(path);
  for (size_t length = 0; length < whole.size(); ++length) {
    put(cut, whole.substr(0, length));
    EXPECT_TRUE(error_of(ErrorKind::corrupt_file, [&] { read_cascade(cut); })
                    .ends_with(", in " + cut.string()))
        << length << " of " << whole.size() << " bytes";
  }
}

TEST(CascadeFile, RejectsEveryFlippedByte) {
  const fs::path path = scratch_folder() / "whole", damaged = scratch_folder() / "damaged";
  write_cascade(path, small_cascade());
  const std::string whole = read_text_file(path);
  Random random({2024});
  for (size_t place = 0; place < whole.size(); ++place) {
    std::string changed = whole;
    changed[place] = static_cast<char>(changed[place] ^ (1 << random.below(8)));
    put(damaged, changed);
    EXPECT_TRUE(damage_found([&] { read_cascade(damaged); }).ends_with(", in " + damaged.string()))
        << "byte " << place;
  }
}

TEST(CascadeFile, NamesTheOtherKindOfFile) {
  const fs::path task = scratch_folder() / "task", cascade = scratch_folder() / "cascade";
  write_task(task, small_member(2));
  write_cascade(cascade, small_cascade());
  EXPECT_FALSE(is_cascade_file(task));
  const auto message = [](const auto& read) {
    try {
      read();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(message([&] { read_packed_task(cascade); }),
            "expected a submask task file, got submask-cascade, in " + cascade.string());
  EXPECT_EQ(message([&] { read_cascade(task); }),
            "expected a submask cascade file, got submask-task, in " + task.string());
}

TEST(CascadeFile, KeepsABank) {
  Cascade cascade = small_cascade();
  const BankHead bank{counted({3, 3}, at::kFloat), at::tensor({0, 1, 1}, at::kLong), 2, {2, 0.07F}};
  cascade.conditional.head = bank;
  const fs::path path = scratch_folder() / "bank";
  write_cascade(path, cascade);
  const Cascade cascade_read = read_cascade(path);
  const auto& read = std::get<BankHead>(cascade_read.conditional.head.value());
  EXPECT_TRUE(at::equal(read.features, bank.features));
  EXPECT_TRUE(at::equal(read.labels, bank.labels));
  EXPECT_EQ(read.classes, 2);
  EXPECT_EQ(read.knn.k, 2);
  EXPECT_EQ(read.knn.temperature, 0.07F);
}

TEST(CascadeFile, NamesTheHeadThatIsNone) {
  Cascade cascade = small_cascade();
  cascade.conditional.head = LinearHead{at::ones({2, 3}), at::ones({3})};
  const fs::path path = scratch_folder() / "none";
  write_cascade(path, cascade);
  try {
    read_cascade(path);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
    EXPECT_EQ(error.what(),
              "expected a linear head of weight [C,D] and bias [C] as conditional.head, got weight "
              "[2,3] and bias [3], in " +
                  path.string());
  }
}

// Files that are sealed rightly around parts that do not go together.
TEST(CascadeFile, RejectsPartsThatDoNotGoTogether) {
  using Change = std::function<void(Cascade&)>;
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<std::string, Change>> cases = {
      {"at least one expert", [](Cascade& c) { c.experts.clear(); }},
      {"expert3", [](Cascade& c) { c.experts.push_back(small_member(7)); }},
      {"another backbone", [](Cascade& c) { c.experts[1].weights_identity[0] = 'b'; }},
      {"another input size", [](Cascade& c) { c.experts[0].preprocessing.input_size = 64; }},
      {"an expert's head",
       [](Cascade& c) { set_head(c.experts[0], c.unconditional.head, HeadForm::exact); }},
      {"another kind of router", [](Cascade& c) { c.router.kind = RouterKind::kmeans; }},
      {"a router without means", [](Cascade& c) { c.router.parameters.erase("means"); }},
      {"a router with centres",
       [](Cascade& c) {
         c.router.parameters["centres"] = at::ones({2, 2}, at::kDouble);
       }},
      {"a weight of 0", [](Cascade& c) { c.router.parameters["weights"][0] = 0; }},
      {"a flat component",
       [](Cascade& c) { c.router.parameters["precision_factors"][1][1][1] = 0; }},
      {"NaN", [&](Cascade& c) { c.router.parameters["means"][0][0] = nan; }},
      {"a router of another width",
       [](Cascade& c) { c.router.projection = counted_projection(4, 3, at::kDouble); }},
      {"a projection for fewer experts",
       [](Cascade& c) { c.conditional.projection = counted_projection(8, 3, at::kFloat); }},
      {"a projection to nothing",
       [](Cascade& c) { c.conditional.projection = counted_projection(12, 0, at::kFloat); }},
      {"a scale of another width",
       [](Cascade& c) { c.unconditional.projection.scale = at::ones({5}); }},
      {"a head of another width", [](Cascade& c) { c.conditional.head = c.unconditional.head; }},
      {"a head for other classes", [](Cascade& c) { c.classes.push_back("bird"); }},
      {"a bias for other classes",
       [](Cascade& c) {
         c.unconditional.head = LinearHead{at::ones({2, 4}), at::ones({3})};
       }},
  };
  const fs::path path = scratch_folder() / "parts";
  for (const auto& [name, change] : cases) {
    Cascade cascade = small_cascade();
    cascade.router.parameters["means"] = cascade.router.parameters["means"].clone();
    change(cascade);
    write_cascade(path, cascade);
    try {
      read_cascade(path);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt_file) << name;
      EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos) << name;
    }
  }
}

TEST(CascadeFile, RejectsAnUnknownRouter) {
  const fs::path path = scratch_folder() / "tree";
  write_cascade(path, small_cascade());
  const MappedFile mapped(path);
  SealedParts parts = parse_sealed_file(mapped.bytes(), path.string(), cascade_format);
  std::string& description = parts.description;
  const std::string router = R"("router":"gmm")";
  ASSERT_NE(description.find(router), std::string::npos);
  description.replace(description.find(router), router.size(), R"("router":"tree")");
  write_sealed_file(path, cascade_format, parts);
  try {
    read_cascade(path);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
    EXPECT_EQ(std::string(error.what()),
              "expected a router: gmm or kmeans, got 'tree', in " + path.string());
  }
}

}  // namespace
}  // namespace submask
