// A folder of class folders. Image files count that lie in a class folder or in folders within it,
// as in torchvision's ImageFolder; hidden files and folders are no images and no classes. What is
// not taken is counted (passed_over.h).
//
// The images of a part come in turn from each class (the first of every class, then the second of
// every class, and so on), so that its first N, which --train-limit takes, are of every class.
#include "data/set/folder_dataset.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <sys/stat.h>
#include <utility>

#include "base/fail.h"
#include "base/lower_case.h"
#include "base/name_list.h"
#include "base/natural_order.h"
#include "base/visit_folder.h"
#include "data/set/class_order.h"
#include "data/set/dataset_registry.h"
#include "data/set/file_dataset.h"
#include "data/set/listed_files.h"
#include "data/set/passed_over.h"
#include "image/image.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

constexpr PassReason other_kinds{"files of other kinds than images", true},
    outside_classes{"files outside class folders", true},
    beside_parts{"folders and files beside the training and test parts", true},
    validation_part{"images of a validation part (--validation split takes them)", true},
    repeated_folders{"links to folders that the class has already", false};

// The files of all class folders, class by class, and in natural order within a class.
struct Classes {
  std::vector<std::string> names;  // in natural order
  std::vector<size_t> ends;        // the end of the files of each class
  LabelledFiles files;             // CLASS/FILE, CLASS/FOLDER/FILE, ...
};

bool is_image_name(const fs::path& path) {
  const std::string ending = path.extension().string();
  return !ending.empty() && is_image_ending(std::string_view(ending).substr(1));
}

bool is_folder(const fs::directory_entry& entry) {
  std::error_code broken_link;
  return entry.is_directory(broken_link);
}

// The images below a folder. Names are given from `root` on, with '/' between them.
class ImageTree {
 public:
  // `shown` stands before the names of files that are passed over.
  ImageTree(const fs::path& root, std::string shown, PassedOverFiles& passed_over)
      : root_(root), shown_(std::move(shown)), passed_over_(passed_over) {}

  void add_folder(const std::string& name, int64_t label, LabelledFiles& files) {
    const size_t begin = files.size();
    visited_.clear();
    is_new(root_);
    add_below(name, label, files);
    files.sort_from(begin);
  }

 private:
  void add_below(const std::string& name, int64_t label, LabelledFiles& files) {
    if (!is_new(root_ / name)) return passed_over_.add(repeated_folders, shown_ + name);
    std::vector<std::string> nested;
    visit_folder(root_ / name, [&](const fs::directory_entry& entry) {
      const std::string file = entry.path().filename().string(), path = name + "/" + file;
      if (is_leftover(file))
        passed_over_.add(leftovers, shown_ + path);
      else if (is_folder(entry))
        nested.push_back(path);
      else if (is_image_name(entry.path()))
        files.add(path, label);
      else
        passed_over_.add(other_kinds, shown_ + path);
    });
    std::sort(nested.begin(), nested.end(), NaturalOrder());
    for (const std::string& path : nested) add_below(path, label, files);
  }

  // A folder of a class is read once, so that links in circles end.
  bool is_new(const fs::path& folder) {
    struct stat status {};
    return ::stat(folder.c_str(), &status) != 0 ||
           visited_.emplace(status.st_dev, status.st_ino).second;
  }

  fs::path root_;
  std::string shown_;
  PassedOverFiles& passed_over_;
  std::set<std::pair<dev_t, ino_t>> visited_;
};

std::vector<std::string> class_folders(const fs::path& folder, const std::string& shown,
                                       PassedOverFiles& passed_over) {
  std::vector<std::string> names;
  visit_folder(folder, [&](const fs::directory_entry& entry) {
    std::string name = entry.path().filename().string();
    if (is_leftover(name))
      passed_over.add(leftovers, shown + name);
    else if (is_folder(entry))
      names.push_back(std::move(name));
    else
      passed_over.add(outside_classes, shown + name);
  });
  if (names.empty()) fail_corrupt("folders of images, one a class", "none", folder.string());
  std::sort(names.begin(), names.end(), NaturalOrder());
  return names;
}

// `part` is the name of a part's folder, "" where the whole folder is read.
Classes list_classes(const fs::path& folder, const std::string& part,
                     PassedOverFiles& passed_over) {
  const std::string shown = part.empty() ? "" : part + "/";
  const fs::path root = folder / part;
  Classes classes;
  classes.names = class_folders(root, shown, passed_over);
  NameList empty;
  ImageTree tree(root, shown, passed_over);
  for (const std::string& name : classes.names) {
    const size_t begin = classes.files.size();
    tree.add_folder(name, std::ssize(classes.ends), classes.files);
    if (classes.files.size() == begin) empty.add(name);
    classes.ends.push_back(classes.files.size());
  }
  if (empty.count() > 0)
    fail_corrupt(
        "images (.jpg .jpeg .png .webp .bmp .gif .tif .tiff .ppm .pgm) in every class folder",
        "none in " + empty.joined(), root.string());
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

bool holds_folders(const fs::path& folder) {
  std::error_code missing;
  if (!fs::is_directory(folder, missing)) return false;
  bool found = false;
  visit_folder(folder, [&](const fs::directory_entry& entry) {
    found = found || (!is_leftover(entry.path().filename().string()) && is_folder(entry));
  });
  return found;
}

// The names of the parts' folders, "" where there is none. A class may be called train or test: a
// part is a folder of folders.
struct PartNames {
  explicit PartNames(const fs::path& folder) {
    find(folder, {"train", "training"}, train);
    find(folder, {"test", "testing"}, test);
    find(folder, {"val", "valid", "validation"}, validation);
  }

  // "" where the parts have the usual names.
  std::string note() const {
    const std::string learned = train + "/ is the training part";
    if (test.empty()) return train == "train" ? "" : learned;
    return train == "train" && test == "test" ? "" : learned + ", " + test + "/ the test part";
  }

  std::string train, test, validation;

 private:
  // A folder of class folders whose name says that it is a part: "train", or "Train", "seg_train",
  // "train_images", "training-set".
  static void find(const fs::path& folder, std::initializer_list<const char*> words,
                   std::string& found) {
    for (const char* word : words)
      if (found.empty() && holds_folders(folder / word)) found = word;
    if (!found.empty()) return;
    std::set<std::string> names;
    visit_folder(folder, [&](const fs::directory_entry& entry) {
      const std::string name = entry.path().filename().string();
      const std::string plain = plain_word(name);
      for (const char* word : words)
        if (plain == word && holds_folders(folder / name)) names.insert(name);
    });
    if (names.size() == 1) found = *names.begin();
  }

  static std::string plain_word(const std::string& name) {
    std::string word = lower_case(name);
    for (const char* beside :
         {"seg_", "_set", "-set", " set", "_images", "-images", "_data", "set"})
      if (const size_t at = word.find(beside); at != std::string::npos)
        word.erase(at, std::strlen(beside));
    return word;
  }
};

// The test part has all classes of the training part, and the validation part no others.
std::shared_ptr<const Dataset> read_part(const fs::path& folder, const std::string& part,
                                         const Classes& train, const std::string& train_part,
                                         bool has_all_classes, const ReadOptions& options,
                                         PassedOverFiles& passed_over) {
  const Classes classes = list_classes(folder, part, passed_over);
  const NameList missing = classes_beyond(train, classes);
  if (has_all_classes && missing.count() > 0)
    fail_corrupt(text("every class of ", train_part, " in ", part), "no " + missing.joined(),
                 (folder / part).string());
  if (const NameList extra = classes_beyond(classes, train); extra.count() > 0)
    fail_corrupt(text("every class of ", part, " in ", train_part), "no " + extra.joined(),
                 (folder / train_part).string());
  return renumber_classes(
      file_dataset(folder / part, take_turns(classes, {}, true), classes.names, options.decode),
      train.names);
}

void count_beside(const fs::path& folder, const PartNames& names, bool validation_is_read,
                  PassedOverFiles& passed_over) {
  visit_folder(folder, [&](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    if (is_leftover(name))
      passed_over.add(leftovers, name);
    else if (name != names.train && name != names.test && name != names.validation)
      passed_over.add(beside_parts, name);
  });
  if (names.validation.empty() || validation_is_read) return;
  LabelledFiles images;
  ImageTree(folder, "", passed_over).add_folder(names.validation, 0, images);
  passed_over.add(validation_part, names.validation, std::ssize(images));
}

ReadParts read_part_folders(const fs::path& folder, PartNames names, const ReadOptions& options) {
  ReadParts parts;
  if (names.test.empty()) {
    parts.notes.push_back(text(names.validation, "/ is the test part, as there is no test/"));
    names.test = std::exchange(names.validation, "");
  }
  PassedOverFiles passed_over;
  const Classes train = list_classes(folder, names.train, passed_over);
  parts.train =
      file_dataset(folder / names.train, take_turns(train, {}, true), train.names, options.decode);
  parts.test = read_part(folder, names.test, train, names.train, true, options, passed_over);
  const bool reads_validation = options.own_validation && !names.validation.empty();
  if (reads_validation)
    parts.validation =
        read_part(folder, names.validation, train, names.train, false, options, passed_over);
  count_beside(folder, names, reads_validation, passed_over);
  parts.passed_over = passed_over.list();
  return parts;
}

std::vector<bool> choose_test_part(const Classes& classes, const fs::path& folder, uint64_t seed) {
  std::vector<int64_t> labels(classes.files.size());
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = classes.files.label(i);
  return choose_test_images(labels, classes.names, seed, folder.string());
}

ReadParts split_one_folder(const fs::path& folder, const ReadOptions& options) {
  PassedOverFiles passed_over;
  const Classes all = list_classes(folder, "", passed_over);
  const std::vector<bool> is_test = choose_test_part(all, folder, options.seed);
  ReadParts parts;
  parts.train = file_dataset(folder, take_turns(all, is_test, false), all.names, options.decode);
  parts.test = file_dataset(folder, take_turns(all, is_test, true), all.names, options.decode);
  parts.passed_over = passed_over.list();
  if (all.names.size() == 1 && holds_folders(folder / all.names.front()))
    parts.notes.push_back(text("one class, ", all.names.front(), ", with folders in it: folder:",
                               (folder / all.names.front()).string(), " reads these as classes"));
  return parts;
}

}  // namespace

ReadParts read_class_folders(const fs::path& folder, const ReadOptions& options) {
  const PartNames names(folder);
  const bool has_test = !names.test.empty() || !names.validation.empty();
  if (!names.train.empty() && has_test) {
    ReadParts parts = read_part_folders(folder, names, options);
    if (const std::string note = names.note(); !note.empty()) parts.notes.push_back(note);
    return parts;
  }
  if (!names.train.empty() || !names.test.empty())
    fail_corrupt("both train/ and test/, or neither",
                 names.train.empty() ? "test/ alone" : "train/ alone", folder.string());
  return split_one_folder(folder, options);
}

std::vector<DatasetEntry> folder_entries() {
  return {{.name = "folder",
           .info = {"A folder", "folder:DIR",
                    "DIR/{train,test}/CLASS/IMAGE, or DIR/CLASS/IMAGE split 80:20 by the seed; "
                    ".jpg .jpeg .png .webp .bmp .gif .tif .tiff .ppm .pgm",
                    "any images of your own"},
           .read = read_class_folders}};
}

}  // namespace submask
