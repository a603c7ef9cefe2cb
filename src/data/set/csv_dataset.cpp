// A data set that a CSV file lists.
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "base/name_list.h"
#include "data/format/csv_table.h"
#include "data/set/dataset_registry.h"
#include "data/set/listed_files.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

void expect_training_images(const ListedFiles& files, const std::string& file) {
  std::vector<bool> learned(files.class_names.size());
  for (size_t i = 0; i < files.train.size(); ++i)
    learned[static_cast<size_t>(files.train.label(i))] = true;
  NameList missing;
  for (size_t c = 0; c < learned.size(); ++c)
    if (!learned[c]) missing.add(files.class_names[c]);
  if (missing.count() > 0)
    fail_corrupt("training images of every class", "none of " + missing.joined(), file);
}

ReadParts read_csv(const fs::path& path, const ReadOptions& options) {
  const MappedFile file(path);
  CsvTable table = parse_csv_table(as_text(file.bytes()), file.path());
  if (!table.has_split) {
    std::vector<int64_t> labels;
    for (size_t i = 0; i < table.files.size(); ++i) labels.push_back(table.files.label(i));
    const auto is_test = choose_test_images(labels, table.class_names, options.seed, path.string());
    for (size_t i = 0; i < is_test.size(); ++i)
      if (is_test[i]) table.parts[i] = CsvPart::test;
  }
  std::vector<size_t> train, validation, test;
  for (size_t i = 0; i < table.files.size(); ++i) {
    const bool is_validation = table.parts[i] == CsvPart::validation && options.own_validation;
    (table.parts[i] == CsvPart::test ? test : is_validation ? validation : train).push_back(i);
  }
  ListedFiles files{table.files.select(train), table.files.select(test),
                    table.files.select(validation), std::move(table.class_names)};
  if (!files.train.empty()) expect_training_images(files, path.string());
  return open_listed_files(path.parent_path(), std::move(files), path.string(), options.decode);
}

}  // namespace

std::vector<DatasetEntry> csv_entries() {
  return {{.name = "csv",
           .info = {"A table", "csv:FILE",
                    "a first line path,label or path,label,split (train, val, test), then one line "
                    "an image; paths from the file's folder; without split 80:20 by the seed",
                    "any images of your own"},
           .read = read_csv}};
}

}  // namespace submask
