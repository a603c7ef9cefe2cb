// A folder of class folders. Only image files that lie directly in a class folder count, so that
// links in circles do no harm. Hidden folders are no classes.
//
// The images of a part come in turn from each class (the first of every class, then the second of
// every class, and so on), so that its first N, which --train-limit takes, are of every class.
#include "data/set/folder_dataset.h"

#include <algorithm>
#include <utility>

#include "base/fail.h"
#include "base/name_list.h"
#include "base/natural_order.h"
#include "base/visit_folder.h"
#include "data/set/dataset_registry.h"
#include "data/set/file_dataset.h"
#include "data/set/listed_files.h"
#include "image/image.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

// The files of all class folders, class by class, and in natural order within a class.
struct Classes {
  std::vector<std::string> names;  // in natural order
  std::vector<size_t> ends;        // the end of the files of each class
  LabelledFiles files;             // CLASS/FILE
};

bool is_image_name(const fs::path& path) {
  const std::string ending = path.extension().string();
  return !ending.empty() && is_image_ending(std::string_view(ending).substr(1));
}

bool is_folder(const fs::directory_entry& entry) {
  std::error_code broken_link;
  return entry.is_directory(broken_link);
}

Classes list_classes(const fs::path& folder) {
  Classes classes;
  visit_folder(folder, [&](const fs::directory_entry& entry) {
    std::string name = entry.path().filename().string();
    if (name.front() != '.' && is_folder(entry)) classes.names.push_back(std::move(name));
  });
  if (classes.names.empty())
    fail_corrupt("folders of images, one a class", "none", folder.string());
  std::sort(classes.names.begin(), classes.names.end(), NaturalOrder());
  NameList empty;
  for (const std::string& name : classes.names) {
    const size_t begin = classes.files.size();
    visit_folder(folder / name, [&](const fs::directory_entry& entry) {
      if (is_image_name(entry.path()) && !is_folder(entry))
        classes.files.add(name + "/" + entry.path().filename().string(), std::ssize(classes.ends));
    });
    classes.files.sort_from(begin);
    if (classes.files.size() == begin) empty.add(name);
    classes.ends.push_back(classes.files.size());
  }
  if (empty.count() > 0)
    fail_corrupt("images (.jpg .jpeg .png .webp) in every class folder",
                 "none in " + empty.joined(), folder.string());
  return classes;
}

// The classes that `others` lacks.
NameList classes_beyond(const Classes& classes, const Classes& others) {
  NameList missing;
  for (const std::string& name : classes.names)
    if (!std::binary_search(others.names.begin(), others.names.end(), name, NaturalOrder()))
      missing.add(name);
  return missing;
}

// The images for which `is_chosen` is `chosen` (all, where it is empty), in turn from each class.
LabelledFiles take_turns(const Classes& classes, const std::vector<bool>& is_chosen, bool chosen) {
  struct Rest {
    size_t next, end;  // of one class
  };
  std::vector<Rest> rests;  // of the classes that have images left
  for (size_t c = 0; c < classes.ends.size(); ++c)
    rests.push_back({c == 0 ? 0 : classes.ends[c - 1], classes.ends[c]});
  std::vector<size_t> in_turn;
  while (!rests.empty()) {
    for (Rest& rest : rests) {
      while (rest.next < rest.end && !is_chosen.empty() && is_chosen[rest.next] != chosen)
        ++rest.next;
      if (rest.next < rest.end) in_turn.push_back(rest.next++);
    }
    std::erase_if(rests, [](const Rest& rest) { return rest.next == rest.end; });
  }
  return classes.files.select(in_turn);
}

TrainAndTest read_two_folders(const fs::path& folder, const ReadOptions& options) {
  const fs::path train_folder = folder / "train", test_folder = folder / "test";
  const Classes train = list_classes(train_folder), test = list_classes(test_folder);
  if (const NameList missing = classes_beyond(train, test); missing.count() > 0)
    fail_corrupt("every class of train in test", "no " + missing.joined(), test_folder.string());
  if (const NameList extra = classes_beyond(test, train); extra.count() > 0)
    fail_corrupt("every class of test in train", "no " + extra.joined(), train_folder.string());
  return {file_dataset(train_folder, take_turns(train, {}, true), train.names, options.pixel_limit),
          file_dataset(test_folder, take_turns(test, {}, true), test.names, options.pixel_limit)};
}

std::vector<bool> choose_test_part(const Classes& classes, const fs::path& folder, uint64_t seed) {
  std::vector<int64_t> labels(classes.files.size());
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = classes.files.label(i);
  return choose_test_images(labels, classes.names, seed, folder.string());
}

TrainAndTest split_one_folder(const fs::path& folder, const ReadOptions& options) {
  const Classes all = list_classes(folder);
  const std::vector<bool> is_test = choose_test_part(all, folder, options.seed);
  return {file_dataset(folder, take_turns(all, is_test, false), all.names, options.pixel_limit),
          file_dataset(folder, take_turns(all, is_test, true), all.names, options.pixel_limit)};
}

}  // namespace

TrainAndTest read_class_folders(const fs::path& folder, const ReadOptions& options) {
  std::error_code missing;
  const bool has_train = fs::is_directory(folder / "train", missing);
  const bool has_test = fs::is_directory(folder / "test", missing);
  if (has_train && has_test) return read_two_folders(folder, options);
  if (has_train || has_test)
    fail_corrupt("both train/ and test/, or neither", has_train ? "train/ alone" : "test/ alone",
                 folder.string());
  return split_one_folder(folder, options);
}

std::vector<DatasetEntry> folder_entries() {
  return {{.name = "folder",
           .info = {"A folder", "folder:DIR",
                    "DIR/{train,test}/CLASS/IMAGE, or DIR/CLASS/IMAGE split 80:20 by the seed; "
                    ".jpg .jpeg .png .webp",
                    "any images of your own"},
           .read = read_class_folders}};
}

}  // namespace submask
