#include "data/format/labelled_files.h"

#include <gtest/gtest.h>

#include <submask/error.h>

namespace submask {
namespace {

TEST(LabelledFiles, KeepsNamesWhereTheyAre) {
  LabelledFiles files;
  EXPECT_TRUE(files.empty());
  std::vector<std::string> names;
  for (int i = 0; i < 100'000; ++i)
    names.push_back("class" + std::to_string(i % 7) + "/" + std::to_string(i * 37 % 100'000));
  names.resize(names.size() + 2);  // an empty one and one larger than a block
  names.back().resize(3 << 20, 'n');
  for (size_t i = 0; i < names.size(); ++i) files.add(names[i], static_cast<int64_t>(i % 7));
  const std::string_view first = files.name(0);
  const LabelledFiles copy = files;
  files.add("more", 1);
  ASSERT_EQ(copy.size(), names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    ASSERT_EQ(copy.name(i), names[i]);
    ASSERT_EQ(copy.label(i), static_cast<int64_t>(i % 7));
  }
  EXPECT_EQ(first.data(), copy.name(0).data());
  EXPECT_THROW(copy.name(names.size()), std::out_of_range);
}

TEST(LabelledFiles, SelectionsOutliveTheList) {
  LabelledFiles chosen;
  {
    LabelledFiles files;
    for (const char* name : {"z", "b10", "b9", "a"}) files.add(name, 5);
    files.sort_from(1);
    files.set_label(2, 6);
    const std::vector<size_t> indices{3, 0, 2, 3};
    chosen = files.select(indices);
  }
  EXPECT_EQ(chosen.name(0), "b10");
  EXPECT_EQ(chosen.name(1), "z");
  EXPECT_EQ(chosen.name(2), "b9");
  EXPECT_EQ(chosen.label(2), 6);
  EXPECT_EQ(chosen.label(3), 5);
}

TEST(LiesBelow, RefusesWaysOut) {
  for (const char* name : {"a", "a/b", "./a", "a..b", "..a"}) EXPECT_TRUE(lies_below(name)) << name;
  for (const char* name : {"", "/a", "..", "../a", "a/../../b"})
    EXPECT_FALSE(lies_below(name)) << name;
  EXPECT_FALSE(lies_below(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace submask
