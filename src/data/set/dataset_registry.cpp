#include "data/set/dataset_registry.h"

#include <algorithm>
#include <iterator>

namespace submask {

// Each is defined in the file of its reader. A new one is declared here and listed below.
std::vector<DatasetEntry> idx_entries();
std::vector<DatasetEntry> cifar_entries();
std::vector<DatasetEntry> svhn_entries();
std::vector<DatasetEntry> resisc45_entries();
std::vector<DatasetEntry> clevr_entries();
std::vector<DatasetEntry> inatloc_entries();
std::vector<DatasetEntry> coop_entries();
std::vector<DatasetEntry> folder_entries();
std::vector<DatasetEntry> csv_entries();
std::vector<DatasetEntry> tar_entries();

namespace {

std::vector<DatasetEntry> all_entries() {
  std::vector<DatasetEntry> all;
  for (const auto& entries_of_reader :
       {idx_entries, cifar_entries, svhn_entries, resisc45_entries, clevr_entries, inatloc_entries,
        coop_entries, folder_entries, csv_entries, tar_entries})
    std::ranges::move(entries_of_reader(), std::back_inserter(all));
  return all;
}

}  // namespace

const std::vector<DatasetEntry>& dataset_registry() {
  static const std::vector<DatasetEntry> entries = all_entries();
  return entries;
}

const DatasetEntry* find_dataset(std::string_view name) {
  const auto& entries = dataset_registry();
  const auto found = std::ranges::find(entries, name, &DatasetEntry::name);
  return found == entries.end() ? nullptr : &*found;
}

const std::vector<DatasetInfo>& dataset_list() {
  static const std::vector<DatasetInfo> list = [] {
    std::vector<DatasetInfo> infos;
    for (const DatasetEntry& entry : dataset_registry()) infos.push_back(entry.info);
    return infos;
  }();
  return list;
}

}  // namespace submask
