// iNatLoc500: species of iNat21 to train on, of iNat17 to test on, as its metadata lists them.
//
// metadata/class_names.txt has one line for each species, metadata/{train,test}/class_labels.txt
// one line IMAGE,LABEL for each image. The validation part is left out: its purpose are its boxes.
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "base/natural_order.h"
#include "base/parse_number.h"
#include "base/quoted_name.h"
#include "base/text_lines.h"
#include "data/set/dataset_registry.h"
#include "data/set/listed_files.h"
#include "data/set/passed_over.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

constexpr const char* names_file = "class_names.txt";

struct LabelledText {
  std::string_view text;
  size_t label = 0;
};

// "TEXT,LABEL"; there may be commas in the text.
std::optional<LabelledText> split_label_behind(std::string_view line) {
  const size_t comma = line.rfind(',');
  if (comma == std::string_view::npos || comma == 0) return std::nullopt;
  const auto label = parse_number<size_t>(line.substr(comma + 1));
  if (!label) return std::nullopt;
  return LabelledText{line.substr(0, comma), *label};
}

// "LABEL,TEXT"
std::optional<LabelledText> split_label_before(std::string_view line) {
  const size_t comma = line.find(',');
  if (comma == std::string_view::npos || comma + 1 == line.size()) return std::nullopt;
  const auto label = parse_number<size_t>(line.substr(0, comma));
  if (!label) return std::nullopt;
  return LabelledText{line.substr(comma + 1), *label};
}

// All lines have the form of the first one: NAME,LABEL as published, or LABEL,NAME, or only the
// names in the order of their labels.
std::vector<std::string> read_class_names(const fs::path& path) {
  const MappedFile file(path);
  std::vector<std::string_view> lines;
  visit_lines(as_text(file.bytes()), [&](std::string_view line, int64_t) {
    if (!line.empty()) lines.push_back(line);
  });
  std::vector<std::string> names(lines.size());
  const auto split = lines.empty()                       ? nullptr
                     : split_label_behind(lines.front()) ? split_label_behind
                     : split_label_before(lines.front()) ? split_label_before
                                                         : nullptr;
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto entry = split == nullptr ? LabelledText{lines[i], i} : split(lines[i]);
    if (!entry || entry->label >= names.size() || !names[entry->label].empty())
      fail_corrupt(text("a name for each label of 0 to ", names.size() - 1), quoted_name(lines[i]),
                   file.path());
    names[entry->label] = entry->text;
  }
  return names;
}

LabelledFiles read_class_labels(const fs::path& path, size_t classes) {
  const MappedFile file(path);
  LabelledFiles images;
  visit_lines(as_text(file.bytes()), [&](std::string_view line, int64_t number) {
    if (line.empty()) return;
    const auto entry = split_label_behind(line);
    if (!entry || entry->label >= classes || !lies_below(entry->text))
      fail_corrupt(text("IMAGE,LABEL in line ", number, " with a label below ", classes),
                   quoted_name(line), file.path());
    images.add(entry->text, static_cast<int64_t>(entry->label));
  });
  return images;
}

constexpr PassReason for_localisation{"images of the validation part, which is for localisation"};

std::vector<PassedOver> pass_over_validation(const fs::path& list, size_t classes) {
  PassedOverFiles passed_over;
  if (std::error_code missing; fs::exists(list, missing)) {
    const LabelledFiles images = read_class_labels(list, classes);
    for (size_t i = 0; i < images.size(); ++i)
      passed_over.add(for_localisation, std::string(images.name(i)));
  }
  return passed_over.list();
}

// The folder of the lists: one whose name begins with metadata, or else `folder` itself.
fs::path find_metadata(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code unreadable;
  for (fs::directory_iterator item(folder, unreadable), end; !unreadable && item != end;
       item.increment(unreadable)) {
    std::error_code missing;
    const std::string name = item->path().filename().string();
    if (name.starts_with("metadata") && fs::exists(item->path() / names_file, missing))
      found.push_back(name);
  }
  std::sort(found.begin(), found.end(), NaturalOrder());
  return found.empty() ? folder : folder / found.front();
}

ReadParts read_inatloc500(const fs::path& folder, const ReadOptions& options) {
  const fs::path metadata = find_metadata(folder);
  ListedFiles files;
  files.class_names = read_class_names(metadata / names_file);
  const size_t classes = files.class_names.size();
  files.train = read_class_labels(metadata / "train" / "class_labels.txt", classes);
  files.test = read_class_labels(metadata / "test" / "class_labels.txt", classes);
  ReadParts parts = open_listed_files(folder, std::move(files), metadata.string(), options.decode);
  std::ranges::move(pass_over_validation(metadata / "val" / "class_labels.txt", classes),
                    std::back_inserter(parts.passed_over));
  return parts;
}

}  // namespace

std::vector<DatasetEntry> inatloc_entries() {
  return {{.name = "inatloc500",
           .info = {"iNatLoc500", "inatloc500:DIR",
                    "metadata/class_names.txt, metadata/{train,test}/class_labels.txt, "
                    "train/SPECIES/IMAGE, test/GROUP/SPECIES/IMAGE; val, which has boxes for "
                    "localisation, is left out and counted",
                    "https://github.com/visipedia/inat_loc"},
           .read = read_inatloc500}};
}

}  // namespace submask
