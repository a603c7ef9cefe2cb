// A folder of class folders. Only image files directly in a class folder count, so that links in
// circles do no harm; hidden folders are no classes.
//
// The images of a split come in turn from each class (the first of every class, then the second of
// every class, and so on), so that its first N, which --train-limit takes, hold every class.
#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "base/fail.h"
#include "data/listed_files.h"
#include "data/natural_order.h"
#include "data/readers.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

// File names by class.
using Classes = std::map<std::string, std::vector<std::string>, NaturalOrder>;

std::string join(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ", ") + name;
  return joined;
}

bool is_image_name(const fs::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending == ".jpg" || ending == ".jpeg" || ending == ".png" || ending == ".webp";
}

template <typename Visit>
void visit_folder(const fs::path& folder, const Visit& visit) {
  std::error_code error;
  for (fs::directory_iterator item(folder, error), end; !error && item != end;
       item.increment(error))
    visit(*item);
  if (error) fail(ErrorKind::io, "cannot read folder ", folder.string(), ": ", error.message());
}

bool is_folder(const fs::directory_entry& entry) {
  std::error_code broken_link;
  return entry.is_directory(broken_link);
}

Classes list_classes(const fs::path& folder) {
  Classes classes;
  visit_folder(folder, [&](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    if (name.front() != '.' && is_folder(entry)) classes[name];
  });
  for (auto& [name, files] : classes) {
    visit_folder(folder / name, [&files = files](const fs::directory_entry& entry) {
      if (is_image_name(entry.path()) && !is_folder(entry))
        files.push_back(entry.path().filename().string());
    });
    std::sort(files.begin(), files.end(), NaturalOrder());
  }
  if (classes.empty()) fail_corrupt("folders of images, one a class", "none", folder.string());
  std::vector<std::string> empty;
  for (const auto& [name, files] : classes)
    if (files.empty()) empty.push_back(name);
  if (!empty.empty())
    fail_corrupt("images (.jpg .jpeg .png .webp) in every class folder", "none in " + join(empty),
                 folder.string());
  return classes;
}

std::vector<std::string> names_missing(const Classes& wanted, const Classes& there) {
  std::vector<std::string> missing;
  for (const auto& [name, files] : wanted)
    if (!there.contains(name)) missing.push_back(name);
  return missing;
}

std::shared_ptr<const Dataset> open_classes(const fs::path& folder, const Classes& classes) {
  std::vector<std::string> names;
  size_t longest = 0;
  for (const auto& [name, files] : classes) {
    names.push_back(name);
    longest = std::max(longest, files.size());
  }
  std::vector<LabelledFile> in_turn;
  for (size_t rank = 0; rank < longest; ++rank) {
    int64_t label = 0;
    for (const auto& [name, files] : classes) {
      if (rank < files.size()) in_turn.push_back({name + "/" + files[rank], label});
      ++label;
    }
  }
  return file_dataset(folder, std::move(in_turn), std::move(names));
}

TrainAndTest read_two_folders(const fs::path& folder) {
  const Classes train = list_classes(folder / "train"), test = list_classes(folder / "test");
  if (const auto missing = names_missing(train, test); !missing.empty())
    fail_corrupt("every class of train in test", "no " + join(missing), (folder / "test").string());
  if (const auto extra = names_missing(test, train); !extra.empty())
    fail_corrupt("every class of test in train", "no " + join(extra), (folder / "train").string());
  return {open_classes(folder / "train", train), open_classes(folder / "test", test)};
}

TrainAndTest split_one_folder(const fs::path& folder, uint64_t seed) {
  Classes train = list_classes(folder), test;
  std::vector<std::string> names;
  std::vector<int64_t> labels;
  for (const auto& [name, files] : train) {
    labels.insert(labels.end(), files.size(), std::ssize(names));
    names.push_back(name);
  }
  const auto is_test = choose_test_images(labels, names, seed, folder.string());
  size_t image = 0;
  for (auto& [name, files] : train)
    for (std::string& file : std::exchange(files, {}))
      (is_test[image++] ? test[name] : files).push_back(std::move(file));
  return {open_classes(folder, train), open_classes(folder, test)};
}

}  // namespace

TrainAndTest read_class_folders(const fs::path& folder, uint64_t seed) {
  std::error_code missing;
  const bool has_train = fs::is_directory(folder / "train", missing);
  const bool has_test = fs::is_directory(folder / "test", missing);
  if (has_train && has_test) return read_two_folders(folder);
  if (has_train || has_test)
    fail_corrupt("both train/ and test/, or neither", has_train ? "train/ alone" : "test/ alone",
                 folder.string());
  return split_one_folder(folder, seed);
}

TrainAndTest read_resisc45(const fs::path& folder, uint64_t seed) {
  return read_class_folders(find_archive(folder, "NWPU-RESISC45"), seed);
}

}  // namespace submask
