// Making, packing, signing, merging and comparing of tasks by the C interface.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "ed25519_keys.h"
#include "small_task.h"

namespace {
namespace fs = std::filesystem;
using submask::another_public_pem, submask::private_pem, submask::public_pem;

fs::path scratch(const std::string& name) {
  const fs::path folder =
      fs::path(testing::TempDir()) / ("submask_capi_" + std::to_string(getpid()));
  fs::create_directories(folder);
  return folder / name;
}

TEST(CMakeTask, IsReadAsItWasWritten) {
  const SmallTask small;
  const TaskPointer task = small.packed(SUBMASK_SMALL);
  const std::string path = scratch("written.task");
  EXPECT_OK(submask_task_write(task.get(), path.c_str()));
  submask_task* read = nullptr;
  EXPECT_OK(submask_task_open(path.c_str(), &read));
  const TaskPointer keep = owned(read);
  EXPECT_EQ(file_bytes(read), file_bytes(task.get()));
  EXPECT_EQ(refusal(SUBMASK_IO, submask_task_write(task.get(), "/missing/x.task")).substr(0, 12),
            "cannot write");
}

TEST(CMakeTask, SmallIsSmallerThanPlain) {
  const SmallTask small;
  EXPECT_LT(file_bytes(small.packed(SUBMASK_SMALL).get()).size(),
            file_bytes(small.packed(SUBMASK_PLAIN).get()).size());
}

TEST(CMakeTask, UnpackedIsPackedToTheSameBytes) {
  const SmallTask small;
  const TaskPointer packed = small.packed(SUBMASK_FAST);
  small.with_options(SUBMASK_FAST, [&](const submask_pack_options& options) {
    submask_task *plain = nullptr, *again = nullptr;
    EXPECT_OK(submask_task_unpack(packed.get(), &options, &plain));
    const TaskPointer keep_plain = owned(plain);
    EXPECT_OK(submask_task_pack(plain, &options, &again));
    const TaskPointer keep = owned(again);
    EXPECT_EQ(file_bytes(again), file_bytes(packed.get()));
  });
}

TEST(CMakeTask, IsCodedAgainstAParent) {
  const SmallTask parent(1);
  SmallTask child(1);
  child.bits[1][5] ^= 0x11;
  const TaskPointer plain_parent = parent.plain();
  child.with_options(SUBMASK_SMALL, [&](submask_pack_options options) {
    options.parent = plain_parent.get();
    options.parent_file = "parent.task";
    options.statistics = SUBMASK_EXACT;
    submask_task *packed = nullptr, *plain = nullptr;
    EXPECT_OK(submask_task_pack(child.plain().get(), &options, &packed));
    const TaskPointer keep = owned(packed);
    EXPECT_LT(file_bytes(packed).size(), file_bytes(child.packed(SUBMASK_SMALL).get()).size());
    std::vector<uint8_t> bits(child.bits[1].size());
    EXPECT_OK(submask_task_decode(packed, 1, child.theta[1].data(), child.theta[1].size(),
                                  parent.bits[1].data(), bits.data(), bits.size()));
    EXPECT_EQ(bits, child.bits[1]);
    EXPECT_OK(submask_task_unpack(packed, &options, &plain));
    EXPECT_EQ(file_bytes(owned(plain).get()), file_bytes(child.plain().get()));
    options.parent = nullptr;
    EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT, submask_task_unpack(packed, &options, &plain)),
              "expected the task that this one is coded against (parent.task), got none");
    options.parent = packed;
    EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT, submask_task_unpack(packed, &options, &plain)),
              "expected an unpacked parent (submask_task_unpack()), got a packed one");
  });
}

TEST(CMakeTask, HeadsAreRounded) {
  const SmallTask small;
  small.with_options(SUBMASK_PLAIN, [&](submask_pack_options options) {
    options.head = SUBMASK_INT8;
    submask_task* packed = nullptr;
    EXPECT_OK(submask_task_pack(small.plain().get(), &options, &packed));
    const TaskPointer keep = owned(packed);
    submask_array head;
    EXPECT_OK(submask_task_head(packed, 1, &head));
    for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(head.data[i], small.head_weight[i], 0.05);
  });
}

std::string key_file(const std::string& name, const char* pem) {
  std::ofstream(scratch(name)) << pem;
  return scratch(name);
}

TEST(CMakeTask, ASignatureIsChecked) {
  const TaskPointer task = SmallTask().packed(SUBMASK_SMALL);
  const std::string key = key_file("public.pem", public_pem),
                    other = key_file("another.pem", another_public_pem);
  int is_signed = -1;
  const char *before = nullptr, *after = nullptr;
  EXPECT_OK(submask_task_describe(task.get(), &before));
  EXPECT_OK(submask_task_verify(task.get(), key.c_str(), &is_signed));
  EXPECT_EQ(is_signed, 0);
  EXPECT_OK(submask_task_sign(task.get(), key_file("private.pem", private_pem).c_str()));
  EXPECT_OK(submask_task_describe(task.get(), &after));
  EXPECT_EQ(nlohmann::json::parse(before)["signed"], false);
  EXPECT_EQ(nlohmann::json::parse(after)["signed"], true);
  EXPECT_OK(submask_task_verify(task.get(), key.c_str(), &is_signed));
  EXPECT_EQ(is_signed, 1);
  EXPECT_OK(submask_task_verify(task.get(), other.c_str(), &is_signed));
  EXPECT_EQ(is_signed, 0);
  EXPECT_EQ(refusal(SUBMASK_CORRUPT_FILE, submask_task_sign(task.get(), key.c_str())),
            "expected an Ed25519 private key in PEM form, without a password, got none, in " + key);
  submask_task* read = nullptr;
  const auto file = file_bytes(task.get());
  EXPECT_OK(submask_task_open_memory(file.data(), file.size(), "memory", &read));
  const TaskPointer keep = owned(read);
  EXPECT_OK(submask_task_verify(read, key.c_str(), &is_signed));
  EXPECT_EQ(is_signed, 1);
  const char* json = nullptr;
  EXPECT_OK(submask_task_describe(read, &json));
  EXPECT_EQ(nlohmann::json::parse(json)["signed"], true);
}

// The limits of a description are inside.
TEST(CMakeTask, TakesTheLargestInput) {
  SmallTask small;
  small.description.replace(small.description.find(":32,"), 4, ":8192,");
  EXPECT_NE(small.plain(), nullptr);
}

// What readers need to know follows from the preprocessing, and a caller does not have to say it.
TEST(CMakeTask, SaysWhatReadersNeed) {
  SmallTask small;
  small.description.replace(small.description.find(":32,"), 4,
                            R"(:32,"crop_offset":"down","resize":"squash",)");
  const TaskPointer task = small.plain();
  ASSERT_NE(task, nullptr);
  const char* described = nullptr;
  EXPECT_OK(submask_task_describe(task.get(), &described));
  EXPECT_NE(std::string(described).find(R"("crop_offset":"down")"), std::string::npos);
}

// What a caller may get wrong, each told in one line.
TEST(CMakeTask, RefusesWhatIsNoTask) {
  const auto refused = [](const auto& change) {
    SmallTask small;
    auto masks = small.masks();
    auto statistics = small.statistics(), head = small.head();
    change(small, masks, statistics, head);
    submask_task* task = nullptr;
    const submask_status status =
        submask_task_new(small.description.c_str(), masks.data(), masks.size(), statistics.data(),
                         statistics.size(), head.data(), head.size(), &task);
    EXPECT_EQ(task, nullptr);
    return refusal(SUBMASK_INVALID_ARGUMENT, status);
  };
  const int64_t negative[] = {-1, 2}, huge[] = {int64_t{1} << 30, int64_t{1} << 30}, three[] = {3};
  EXPECT_EQ(refused([](auto& s, auto&, auto&, auto&) { s.description = "[]"; }),
            "expected a JSON object as the description of a task, got none");
  EXPECT_EQ(refused([](auto& s, auto&, auto&, auto&) { s.description = "{}"; }),
            "expected the description of a task, got key 'backbone' not found");
  EXPECT_EQ(refused([](auto& s, auto&, auto&, auto&) { s.description = "{\"a\xFF"; }).find('\xFF'),
            std::string::npos);
  EXPECT_EQ(refused([](auto& s, auto&, auto&, auto&) {
              s.description.replace(s.description.find("threshold"), 9, "random");
            }),
            "expected a criterion: threshold, topk or flip, got 'random', in the description");
  EXPECT_EQ(refused([](auto& s, auto&, auto&, auto&) {
              s.description.insert(1, R"("needs":["time travel"],)");
            }).substr(0, 47),
            "expected a file that a reader of version 1 know");
  const auto with = [&](const std::string& old_text, const std::string& new_text) {
    return refused([&](auto& s, auto&, auto&, auto&) {
      s.description.replace(s.description.find(old_text), old_text.size(), new_text);
    });
  };
  EXPECT_EQ(with("\"backbone\"", "\"comment\":1,\"backbone\""),
            "expected the fields of a description, got 'comment'");
  EXPECT_EQ(with(":32,", ":32.5,"),
            "expected the fields of a description, got 'preprocessing.input_size'");
  for (const char* size : {"0", "8193"})
    EXPECT_EQ(
        with(":32,", std::string(":") + size + ","),
        std::string("expected an input size in 1...8192, got ") + size + ", in the description");
  EXPECT_EQ(with("[0.5,0.5,0.5],\"std\"", "[0.5,0.5,0.5,1],\"std\""),
            "expected the fields of a description, got 'preprocessing.mean'");
  EXPECT_EQ(with("\"scale\":true", "\"scale\":1").substr(0, 34),
            "expected the description of a task");
  EXPECT_EQ(with(std::string(64, 'a'), "id"),
            "expected 64 small hexadecimal digits as weights_identity, got 'id'");
  EXPECT_EQ(refused([&](auto&, auto& masks, auto&, auto&) {
              masks[0].shape = negative;
              masks[0].rank = 2;
            }),
            "expected a shape of positive sizes for conv1.weight, got -1");
  EXPECT_EQ(refused([&](auto&, auto& masks, auto&, auto&) {
              masks[0].shape = huge;
              masks[0].rank = 2;
            }),
            "expected at most 2^40 elements of conv1.weight, got more");
  EXPECT_EQ(refused([](auto&, auto& masks, auto&, auto&) { masks[0].rank = 65; }),
            "expected at most 64 dimensions of conv1.weight, got 65");
  EXPECT_EQ(refused([](auto&, auto& masks, auto&, auto&) { masks[0].rank = 0; }),
            "expected a shape of one size or more for conv1.weight, got none");
  EXPECT_EQ(refused([](auto&, auto& masks, auto&, auto&) { masks[1].name = "fc weight"; }),
            "expected a unit's name without spaces, got 'fc weight'");
  EXPECT_EQ(refused([](auto&, auto& masks, auto&, auto&) { masks[1].name = ""; }),
            "expected a unit's name without spaces, got ''");
  EXPECT_EQ(refused([](auto&, auto& masks, auto&, auto&) { masks[1].name = masks[0].name; }),
            "expected a mask of each unit once, got conv1.weight");
  EXPECT_EQ(refused([](auto&, auto& masks, auto&, auto&) { masks[1].bits = nullptr; }),
            "expected bits, got a null pointer");
  EXPECT_EQ(refused([](auto&, auto& masks, auto&, auto&) { masks[1].name = nullptr; }),
            "expected a name, got a null pointer");
  const float biases[] = {7, 8, 9};
  EXPECT_EQ(refused([&](auto&, auto&, auto&, auto& head) {
              head[1].shape = three;
              head[1].data = biases;
            }),
            "expected a linear head of weight [C,D] and bias [C], got weight [2,3] and bias [3]");
  EXPECT_EQ(refused([](auto&, auto&, auto&, auto& head) { head[1].name = "weight"; }),
            "expected an array of each name once, got weight");
  EXPECT_EQ(
      refused([](auto&, auto&, auto& statistics, auto&) { statistics[0].name = "bn1.other"; }),
      "expected running means and variances of batch norms as statistics, F32 [C], got "
      "'bn1.other' F32 [4]");
  EXPECT_EQ(refused([](auto&, auto& masks, auto&, auto&) { masks[1].name = "fc\xff"; }),
            "expected a unit's name without spaces, got 'fc?'");
}

TEST(CMakeTask, RefusesWeightsThatDoNotFit) {
  const SmallTask small;
  const TaskPointer plain = small.plain();
  submask_task* packed = nullptr;
  small.with_options(SUBMASK_SMALL, [&](submask_pack_options options) {
    options.weight_count = 1;
    EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT, submask_task_pack(plain.get(), &options, &packed)),
              "expected weights of 2 units, got 1");
    options.weight_count = 2;
    const int64_t none[] = {0};
    auto weights = small.weights();
    weights[0].rank = 1;
    weights[0].shape = none;
    options.weights = weights.data();
    EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT, submask_task_pack(plain.get(), &options, &packed)),
              "expected 1152 weights of conv1.weight, got 0");
    options.weights = nullptr;
    EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT, submask_task_pack(plain.get(), &options, &packed)),
              "expected weights, got a null pointer");
    options.weight_count = 0;
    EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT, submask_task_pack(plain.get(), &options, &packed)),
              "expected the backbone's weights, which masks of the profile small are packed with, "
              "got none");
    options.profile = static_cast<submask_profile>(7);
    EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT, submask_task_pack(plain.get(), &options, &packed)),
              "expected a profile of 0 to 2, got 7");
  });
}

}  // namespace
