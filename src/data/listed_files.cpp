#include "data/listed_files.h"

#include <algorithm>
#include <utility>

#include "base/fail.h"
#include "base/random.h"
#include "weights/quoted_name.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

// The first names of a list that may be long, and how many there are in all.
class NameList {
 public:
  void add(const std::string& name) {
    constexpr int64_t most_shown = 20;
    if (count_++ < most_shown) shown_ += (shown_.empty() ? "" : ", ") + shown_name(name);
    more_ = std::max<int64_t>(0, count_ - most_shown);
  }
  int64_t count() const { return count_; }
  std::string joined() const {
    return more_ == 0 ? shown_ : shown_ + " and " + std::to_string(more_) + " more";
  }

 private:
  std::string shown_;
  int64_t count_ = 0, more_ = 0;
};

void expect_images(const fs::path& folder, const ListedFiles& files, const std::string& list) {
  NameList missing;
  for (const auto* part : {&files.train, &files.test})
    for (const LabelledFile& file : *part) {
      std::error_code unreadable;
      if (!fs::is_regular_file(folder / file.name, unreadable)) missing.add(file.name);
    }
  if (missing.count() > 0)
    fail_corrupt(text("every image of ", list),
                 text(missing.count(), " missing: ", missing.joined()), folder.string());
}

}  // namespace

TrainAndTest open_listed_files(const fs::path& folder, ListedFiles files, const std::string& list) {
  if (files.train.empty()) fail_corrupt("images to train on", "none", list);
  if (files.test.empty()) fail_corrupt("images to test on", "none", list);
  expect_images(folder, files, list);
  return {file_dataset(folder, std::move(files.train), files.class_names),
          file_dataset(folder, std::move(files.test), files.class_names)};
}

bool lies_below(const std::string& name) {
  const fs::path path(name);
  return !name.empty() && name.find('\0') == std::string::npos && !path.is_absolute() &&
         std::find(path.begin(), path.end(), "..") == path.end();
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
