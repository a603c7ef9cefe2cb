// Version 7.3 of MATLAB's files; tests/reference/make_mat_files.py says what is in them.
#include "data/format/mat_file.h"
#include "data/set/dataset_trees.h"

namespace submask {
namespace {

std::string golden_73(const std::string& name) {
  return read_text_file(golden_folder() / "svhn73" / name);
}

MatArray read_array(const std::string& content, const std::string& name) {
  return read_mat_array(as_bytes(content), name, "FILE");
}

std::string array_error(const std::string& content, const std::string& name) {
  return error_of(ErrorKind::corrupt_file, [&] { read_array(content, name); });
}

TEST(MatFile73, IsTheSameDataSetAsVersion5) {
  const DataSplits old = open_spec("svhn:" + (golden_folder() / "svhn").string()),
                   data = open_spec("svhn:" + (golden_folder() / "svhn73").string());
  EXPECT_EQ(data.train->digest(), old.train->digest());
  EXPECT_EQ(data.test->digest(), old.test->digest());
}

TEST(MatFile73, ReadsNumbersInEveryForm) {
  const std::string forms = golden_73("forms.mat");
  const auto expect_counting = [&](const std::string& name, int modulus) {
    const MatArray array = read_array(forms, name);
    EXPECT_EQ(array.shape, (std::vector<uint64_t>{6, 35})) << name;
    ASSERT_EQ(array.values.size(), 6U * 35);
    size_t i = 0;
    for (int column = 0; column < 35; ++column)
      for (int row = 0; row < 6; ++row)
        ASSERT_EQ(array.values[i++], (row * 35 + column) % 251 % modulus) << name;
  };
  for (const char* name : {"int8", "int16", "uint32", "int64", "float32", "float64"})
    expect_counting(name, 100);
  for (const char* name : {"shuffled", "deflated", "plain", "name0", "name299"})
    expect_counting(name, 251);
}

TEST(MatFile73, RefusesOtherForms) {
  const std::string forms = golden_73("forms.mat");
  expect_part_of("0 to 255, got -35", array_error(forms, "negative"));
  expect_part_of("0 to 255, got 17.5", array_error(forms, "fraction"));
  expect_part_of("little-endian", array_error(forms, "big_endian"));
  expect_part_of("filter 3", array_error(forms, "checked"));
  expect_part_of("one that is not there", array_error(forms, "missing"));
  expect_part_of("got a group", array_error(forms, "group"));
  expect_part_of("array 'absent', got none", array_error(forms, "absent"));
  expect_part_of("array 'name', got none", array_error(forms, "name"));
}

TEST(MatFile73, RefusesCutFiles) {
  const std::string small = golden_73("small.mat");
  for (const char* name : {"X", "y", "z"}) {
    read_array(small, name);
    size_t needed = small.size();
    for (size_t size = 0; size < small.size(); ++size) try {
        read_array(small.substr(0, size), name);
        needed = std::min(needed, size);
      } catch (const Error& error) {
        ASSERT_EQ(error.kind(), ErrorKind::corrupt_file) << error.what();
        ASSERT_EQ(needed, small.size()) << size;  // never again, once it was enough
      }
    EXPECT_GT(needed, small.size() / 8) << name;
  }
}

// Whatever byte is changed, the file is read or refused.
TEST(MatFile73, SurvivesDamage) {
  const std::string small = golden_73("small.mat");
  for (size_t i = 512; i < small.size(); ++i)
    for (const char change : {'\x01', '\x02', '\x08', '\x80', '\xFF'}) {
      std::string bad = small;
      bad[i] = static_cast<char>(bad[i] ^ change);
      for (const char* name : {"X", "y", "z"}) try {
          EXPECT_LE(read_array(bad, name).values.size(), 4096U);
        } catch (const Error& error) {
          ASSERT_EQ(error.kind(), ErrorKind::corrupt_file) << error.what();
        }
    }
}

// The bytes from the first `signature` on, changed.
std::string with_bytes(std::string file, const std::string& signature, size_t offset,
                       const std::string& bytes) {
  return file.replace(file.find(signature) + offset, bytes.size(), bytes);
}

TEST(MatFile73, RefusesTreesThatGoOnForEver) {
  const std::string small = golden_73("small.mat");
  const size_t tree = small.find("TREE") - 512;  // addresses count from the superblock
  std::string itself;
  for (int i = 0; i < 8; ++i) itself += static_cast<char>(tree >> 8 * i);
  const std::string higher = with_bytes(small, "TREE", 5, "\1");
  expect_part_of("level of at most 0", array_error(with_bytes(higher, "TREE", 32, itself), "X"));
  expect_part_of("level of at most 16", array_error(with_bytes(small, "TREE", 5, "\x11"), "X"));
  array_error(with_bytes(small, "TREE", 6, "\xFF\xFF"), "X");
  array_error(with_bytes(small, "SNOD", 6, "\xFF\xFF"), "X");
}

}  // namespace
}  // namespace submask
