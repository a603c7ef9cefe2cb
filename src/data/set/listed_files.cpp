#include "data/set/listed_files.h"

#include <algorithm>
#include <utility>

#include "base/fail.h"
#include "base/name_list.h"
#include "base/random.h"
#include "data/set/file_dataset.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

void expect_images(const fs::path& folder, const ListedFiles& files, const std::string& list) {
  NameList missing;
  for (const auto* part : {&files.train, &files.test})
    for (size_t i = 0; i < part->size(); ++i) {
      std::error_code unreadable;
      if (!fs::is_regular_file(folder / part->name(i), unreadable))
        missing.add(std::string(part->name(i)));
    }
  if (missing.count() > 0)
    fail_corrupt(text("every image of ", list),
                 text(missing.count(), " missing: ", missing.joined()), folder.string());
}

}  // namespace

TrainAndTest open_listed_files(const fs::path& folder, ListedFiles files, const std::string& list,
                               int64_t pixel_limit) {
  if (files.train.empty()) fail_corrupt("images to train on", "none", list);
  if (files.test.empty()) fail_corrupt("images to test on", "none", list);
  expect_images(folder, files, list);
  return {file_dataset(folder, std::move(files.train), files.class_names, pixel_limit),
          file_dataset(folder, std::move(files.test), files.class_names, pixel_limit)};
}

std::vector<bool> choose_test_images(std::span<const int64_t> labels,
                                     const std::vector<std::string>& class_names, uint64_t seed,
                                     const std::string& source) {
  std::vector<std::vector<size_t>> by_class(class_names.size());
  for (size_t i = 0; i < labels.size(); ++i)
    by_class.at(static_cast<size_t>(labels[i])).push_back(i);
  NameList too_small;
  std::vector<bool> is_test(labels.size());
  for (size_t c = 0; c < by_class.size(); ++c) {
    const std::vector<size_t>& images = by_class[c];
    if (images.size() == 1) too_small.add(class_names[c]);
    if (images.size() < 2) continue;
    const auto order = random_stream(seed, Stream::split, c).permutation(std::ssize(images));
    const size_t test_count = std::max<size_t>(1, (images.size() + 2) / 5);
    for (size_t i = 0; i < test_count; ++i) is_test[images[static_cast<size_t>(order[i])]] = true;
  }
  if (too_small.count() > 0)
    fail_corrupt("two or more images a class to split into training and test",
                 "one in " + too_small.joined(), source);
  return is_test;
}

}  // namespace submask
