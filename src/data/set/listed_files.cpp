#include "data/set/listed_files.h"

#include <algorithm>
#include <utility>

#include "base/fail.h"
#include "base/name_list.h"
#include "base/random.h"
#include "data/set/file_dataset.h"
#include "data/set/passed_over.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

// Looks for the files of a list in their folder.
class ListedFileFinder {
 public:
  explicit ListedFileFinder(const fs::path& folder) : folder_(folder) {}

  // The files that are there, by the names that lead to them.
  LabelledFiles find(const LabelledFiles& files) {
    LabelledFiles found;
    std::vector<size_t> kept;
    for (size_t i = 0; i < files.size(); ++i) {
      const std::string name(files.name(i));
      if (leads_to_leftover(name)) {
        passed_over_.add(listed_leftovers, name);
        continue;
      }
      kept.push_back(i);
      if (is_there(name)) continue;
      const std::string changed = with_slashes(name);
      if (changed != name && is_there(changed))
        with_backslashes_.add(name);
      else
        missing_.add(name);
    }
    if (with_backslashes_.count() == 0)
      return kept.size() == files.size() ? files : files.select(kept);
    for (const size_t i : kept) {
      const std::string name(files.name(i));
      found.add(is_there(name) ? name : with_slashes(name), files.label(i));
    }
    return found;
  }

  const NameList& missing() const { return missing_; }

  void report(ReadParts& parts) const {
    parts.passed_over = passed_over_.list();
    if (with_backslashes_.count() > 0)
      parts.notes.push_back(
          text(with_backslashes_.count(),
               " paths with backslashes were read with slashes: ", with_backslashes_.joined()));
  }

 private:
  static constexpr PassReason listed_leftovers{"listed files that systems left behind", false};

  // A link that leads nowhere is there, and does not decode.
  bool is_there(const std::string& name) const {
    std::error_code unreadable;
    const fs::path path = folder_ / name;
    return fs::is_regular_file(path, unreadable) || fs::is_symlink(path, unreadable);
  }

  static std::string with_slashes(std::string name) {
    std::replace(name.begin(), name.end(), '\\', '/');
    return name;
  }

  const fs::path& folder_;
  PassedOverFiles passed_over_;
  NameList missing_, with_backslashes_{3};
};

}  // namespace

ReadParts open_listed_files(const fs::path& folder, ListedFiles files, const std::string& list,
                            const DecodeRules& rules) {
  ListedFileFinder finder(folder);
  for (LabelledFiles* part : {&files.train, &files.test, &files.validation})
    *part = finder.find(*part);
  if (finder.missing().count() > 0)
    fail_corrupt(text("every image of ", list),
                 text(finder.missing().count(), " missing: ", finder.missing().joined()),
                 folder.string());
  if (files.train.empty()) fail_corrupt("images to train on", "none", list);
  if (files.test.empty()) fail_corrupt("images to test on", "none", list);
  ReadParts parts;
  parts.train = file_dataset(folder, std::move(files.train), files.class_names, rules);
  parts.test = file_dataset(folder, std::move(files.test), files.class_names, rules);
  if (!files.validation.empty())
    parts.validation = file_dataset(folder, std::move(files.validation), files.class_names, rules);
  finder.report(parts);
  return parts;
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
