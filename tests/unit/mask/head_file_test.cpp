#include <cmath>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/task_file.h>

#include "backbone/head_tensors.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/names.h"
#include "golden_task.h"
#include "mask/task_arrays.h"
#include "scratch_folder.h"
#include "taskfile/packed_entries.h"
#include "taskfile/packed_json.h"
#include "taskfile/sealed_file.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

const std::vector<std::pair<std::string, Head>>& golden_heads() {
  static const std::vector<std::pair<std::string, Head>> heads = {{"bank", golden_bank()},
                                                                  {"cosine", golden_cosine()}};
  return heads;
}

std::string golden_file(const std::string& kind, HeadForm form) {
  return text(SUBMASK_TEST_DATA "/golden/mask/", kind, "_", name_of(form), ".task");
}

PackedTask with_head(const Head& head, HeadForm form) {
  PackedTask packed = pack_task(golden_task());
  set_head(packed, head, form);
  return packed;
}

void expect_equal(const std::optional<Head>& a, const std::optional<Head>& b) {
  const TensorMap one = head_tensors(a), other = head_tensors(b);
  ASSERT_EQ(one.size(), other.size());
  for (const auto& [name, tensor] : one) EXPECT_TRUE(at::equal(tensor, other.at(name))) << name;
}

// A task file with these tensors as its head, sealed rightly.
void write_tensors(const fs::path& path, const TensorMap& tensors) {
  PackedTask packed = pack_task(golden_task());
  packed.head.clear();
  EntryList list;
  add_packed("", packed, list);
  for (const auto& [name, tensor] : tensors)
    list.add("head." + name, array_of(tensor, tensor.scalar_type()));
  write_sealed_file(path, task_format, {list.sorted(), packed_to_json(packed), ""});
}

std::string refusal(const fs::path& path) {
  try {
    read_packed_task(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
    return error.what();
  }
  return "no error";
}

TEST(HeadFile, IsWrittenAsItAlwaysWas) {
  const fs::path path = scratch_folder() / "golden";
  for (const auto& [kind, head] : golden_heads())
    for (const HeadForm form : {HeadForm::exact, HeadForm::half, HeadForm::int8}) {
      write_task(path, with_head(head, form));
      EXPECT_EQ(read_text_file(path), read_text_file(golden_file(kind, form)))
          << kind << name_of(form);
    }
}

TEST(HeadFile, GoesThroughUnchanged) {
  const fs::path path = scratch_folder() / "again";
  for (const auto& [kind, head] : golden_heads())
    for (const HeadForm form : {HeadForm::exact, HeadForm::half, HeadForm::int8}) {
      const PackedTask read = read_packed_task(golden_file(kind, form));
      expect_equal(packed_head(read), packed_head(with_head(head, form)));
      if (form == HeadForm::exact) expect_equal(packed_head(read), head);
      write_task(path, read);
      EXPECT_EQ(read_text_file(path), read_text_file(golden_file(kind, form)))
          << kind << name_of(form);
    }
}

TEST(HeadFile, GivesBackABank) {
  const BankHead bank = golden_bank();
  for (const HeadForm form : {HeadForm::exact, HeadForm::half, HeadForm::int8}) {
    const PackedTask packed = read_packed_task(golden_file("bank", form));
    const Head head = packed_head(packed).value();
    const auto& read = std::get<BankHead>(head);
    EXPECT_TRUE(at::allclose(read.features, bank.features, 0.01, 0.02)) << name_of(form);
    EXPECT_TRUE(at::equal(read.labels, bank.labels));
    EXPECT_EQ(read.labels.scalar_type(), at::kLong);
    EXPECT_EQ(read.classes, bank.classes);
    EXPECT_EQ(read.knn.k, bank.knn.k);
    EXPECT_EQ(read.knn.temperature, bank.knn.temperature);
  }
}

// In memory it is a double: what is packed has to be what the file gives back.
TEST(HeadFile, RoundsATemperatureAsItIsPacked) {
  BankHead bank = golden_bank();
  bank.knn.temperature = 0.1;
  const PackedTask packed = with_head(bank, HeadForm::exact);
  EXPECT_EQ(std::get<BankHead>(packed_head(packed).value()).knn.temperature, 0.1F);
}

TEST(HeadFile, NoneIsTakenOfNone) {
  PackedTask packed = with_head(golden_bank(), HeadForm::int8);
  EXPECT_GT(packed_head_bytes(packed), 0);
  set_head(packed, std::nullopt);
  EXPECT_EQ(packed_head_bytes(packed), 0);
  write_task(scratch_folder() / "none", packed);
  EXPECT_TRUE(read_packed_task(scratch_folder() / "none").head.empty());
}

TEST(HeadFile, RefusesToPackWhatIsNoHead) {
  PackedTask packed = pack_task(golden_task());
  try {
    set_head(packed, CosineHead{at::zeros({3})});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_STREQ(error.what(), "expected a cosine head of shape [C,D], got [3]");
  }
  expect_equal(packed_head(packed), golden_task().head);
}

TEST(HeadFile, RefusesTensorsOfNoHead) {
  const at::Tensor matrix = at::zeros({2, 4}), vector = at::zeros({2});
  TensorMap bank = head_tensors(golden_bank());
  bank["bank_labels"] = at::tensor({0.F, 1.F, 0.F, NAN, 0.F});
  const std::string names =
      "weight and bias, cosine, or bank, bank_labels and bank_votes as head, got ";
  const std::vector<std::pair<TensorMap, std::string>> cases = {
      {{{"weight", matrix}}, names + "weight [2,4]"},
      {{{"cosine", matrix}, {"bias", vector}}, names + "bias [2], cosine [2,4]"},
      {{{"weight", matrix}, {"bias", at::zeros({3})}},
       "a linear head of weight [C,D] and bias [C] as head, got weight [2,4] and bias [3]"},
      {{{"cosine", at::zeros({3, 4})}}, "a head for 2 classes, got 3"},
      {{{"cosine", matrix.to(at::kHalf)}}, "head.cosine as F32, got F16"},
      {bank, "whole numbers below 2^24 as labels, k and C of a bank as head, got others"},
  };
  const fs::path path = scratch_folder() / "tensors";
  for (const auto& [tensors, message] : cases) {
    write_tensors(path, tensors);
    EXPECT_EQ(refusal(path), "expected " + message + ", in " + path.string());
  }
}

}  // namespace
}  // namespace submask
