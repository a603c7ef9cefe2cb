#include "data/set/dataset_registry.h"

#include <gtest/gtest.h>
#include <set>

namespace submask {
namespace {

TEST(DatasetRegistry, FindsEveryEntryByItsName) {
  std::set<std::string> names;
  for (const DatasetEntry& entry : dataset_registry()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_EQ(find_dataset(entry.name), &entry);
    EXPECT_EQ(entry.info.spec.substr(0, entry.info.spec.find_first_of(":[")), entry.name);
    EXPECT_TRUE(entry.read != nullptr) << entry.name;
  }
  EXPECT_EQ(find_dataset("cifar"), nullptr);
  EXPECT_EQ(find_dataset(""), nullptr);
}

TEST(DatasetRegistry, PublishedClassNamesAreAsManyAsTheClasses) {
  for (const DatasetEntry& entry : dataset_registry()) {
    if (!entry.published || entry.published("")->class_names.empty()) continue;
    EXPECT_EQ(std::ssize(entry.published("")->class_names), entry.published("")->classes)
        << entry.name;
  }
}

}  // namespace
}  // namespace submask
