#include "data/set/published_set.h"

#include <algorithm>
#include <string_view>

#include "base/fail.h"
#include "base/name_list.h"
#include "data/set/dataset_registry.h"

namespace submask {
namespace {

void compare(int64_t expected, int64_t got, const char* counted, std::vector<std::string>& found) {
  if (expected != got) found.push_back(text(expected, ' ', counted, ", got ", got));
}

// The names that `others` lacks. Both are sorted.
NameList names_beyond(const std::vector<std::string>& names,
                      const std::vector<std::string>& others) {
  NameList beyond;
  for (const std::string& name : names)
    if (!std::binary_search(others.begin(), others.end(), name)) beyond.add(name);
  return beyond;
}

}  // namespace

std::optional<PublishedSet> published_set(const std::string& spec) {
  constexpr std::string_view coop = "coop:";  // coop:dtd:DIR is dtd:DIR
  std::string_view name = spec;
  if (name.starts_with(coop)) name.remove_prefix(coop.size());
  const size_t colon = std::min(name.find(':'), name.size());
  const DatasetEntry* entry = find_dataset(name.substr(0, colon));
  if (entry == nullptr || !entry->published) return std::nullopt;
  return entry->published(std::string(name.substr(std::min(colon + 1, name.size()))));
}

std::vector<std::string> differences(const PublishedSet& published, const DataSplits& data) {
  std::vector<std::string> found, names = data.train->class_names();
  std::vector<std::string> expected_names = published.class_names;
  compare(published.train_images, data.train->size(), "training images", found);
  compare(published.test_images, data.test->size(), "test images", found);
  compare(published.classes, std::ssize(names), "classes", found);
  if (published.class_names.empty()) return found;
  std::ranges::sort(names);
  std::ranges::sort(expected_names);
  const NameList missing = names_beyond(expected_names, names);
  const NameList unknown = names_beyond(names, expected_names);
  if (missing.count() > 0)
    found.push_back("the classes " + missing.joined() + ", got " +
                    (unknown.count() > 0 ? unknown.joined() : "none"));
  else if (unknown.count() > 0)
    found.push_back("no classes beyond the published, got " + unknown.joined());
  return found;
}

}  // namespace submask
