// What is published of data sets: by their authors, or by CoOp of the splits it made.
#include <algorithm>
#include <sstream>
#include <string_view>

#include "base/fail.h"
#include "base/name_list.h"
#include "data/set/dataset_report.h"

namespace submask {
namespace {

struct Entry {
  std::string_view name;
  int64_t train_images, test_images, classes;
  const char* class_names;  // blanks between them
};

constexpr const char* resisc45_names =
    "airplane airport baseball_diamond basketball_court beach bridge chaparral church "
    "circular_farmland cloud commercial_area dense_residential desert forest freeway golf_course "
    "ground_track_field harbor industrial_area intersection island lake meadow medium_residential "
    "mobile_home_park mountain overpass palace parking_lot railway railway_station "
    "rectangular_farmland river roundabout runway sea_ice ship snowberg sparse_residential stadium "
    "storage_tank tennis_court terrace thermal_power_station wetland";

constexpr Entry entries[] = {
    {"fashion-mnist", 60'000, 10'000, 10, ""},
    {"cifar10", 50'000, 10'000, 10, "airplane automobile bird cat deer dog frog horse ship truck"},
    {"cifar100", 50'000, 10'000, 100, ""},
    {"svhn", 73'257, 26'032, 10, "0 1 2 3 4 5 6 7 8 9"},
    // 700 images a class, of which our split takes 140 to test on.
    {"resisc45", 25'200, 6'300, 45, resisc45_names},
    {"clevr_count", 70'000, 15'000, 8, ""},
    // CoOp's, train + val.
    {"dtd", 2'820 + 1'128, 1'692, 47, ""},
    {"eurosat", 13'500 + 5'400, 8'100, 10, ""},
    {"flowers", 4'093 + 1'633, 2'463, 102, ""},
    {"food101", 50'500 + 20'200, 30'300, 101, ""},
    {"oxfordpets", 2'944 + 736, 3'669, 37, ""},
    {"sun397", 15'880 + 3'970, 19'850, 397, ""},
    {"ucf101", 7'639 + 1'898, 3'783, 101, ""},
};

void compare(int64_t expected, int64_t got, const char* what, std::vector<std::string>& found) {
  if (expected != got) found.push_back(text(expected, ' ', what, ", got ", got));
}

// Names of `wanted` that are not among `there`, both sorted.
NameList names_beyond(const std::vector<std::string>& wanted,
                      const std::vector<std::string>& there) {
  NameList beyond;
  for (const std::string& name : wanted)
    if (!std::binary_search(there.begin(), there.end(), name)) beyond.add(name);
  return beyond;
}

}  // namespace

std::optional<PublishedSet> published_set(const std::string& spec) {
  constexpr std::string_view coop = "coop:";  // coop:dtd:DIR is dtd:DIR
  std::string_view name = spec;
  if (name.starts_with(coop)) name.remove_prefix(coop.size());
  name = name.substr(0, name.find(':'));
  const auto* found = std::find_if(std::begin(entries), std::end(entries),
                                   [&](const Entry& entry) { return entry.name == name; });
  if (found == std::end(entries)) return std::nullopt;
  PublishedSet set{found->train_images, found->test_images, found->classes, {}};
  std::istringstream names(found->class_names);
  for (std::string each; names >> each;) set.class_names.push_back(each);
  return set;
}

std::vector<std::string> differences(const PublishedSet& published, const DataSplits& data) {
  std::vector<std::string> found, names = data.train->class_names();
  compare(published.train_images, data.train->size(), "training images", found);
  compare(published.test_images, data.test->size(), "test images", found);
  compare(published.classes, std::ssize(names), "classes", found);
  if (published.class_names.empty()) return found;
  std::sort(names.begin(), names.end());
  const NameList missing = names_beyond(published.class_names, names);
  const NameList unknown = names_beyond(names, published.class_names);
  if (missing.count() > 0)
    found.push_back("the classes " + missing.joined() + ", got " +
                    (unknown.count() > 0 ? unknown.joined() : "none"));
  else if (unknown.count() > 0)
    found.push_back("no classes beyond the published, got " + unknown.joined());
  return found;
}

}  // namespace submask
