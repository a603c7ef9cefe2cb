// The data sets this build knows: each with its name, what users are told of it, the function that
// reads it and what is published of it.
//
// The file of a reader gives the entries of the data sets that it reads, as
// `std::vector<DatasetEntry> NAME_entries()`; dataset_registry.cpp lists these functions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <submask/dataset.h>

#include "data/set/published_set.h"

namespace submask {

struct ReadParts {
  std::shared_ptr<const Dataset> train;
  std::shared_ptr<const Dataset> test;
  std::shared_ptr<const Dataset> validation = nullptr;  // where it was asked for and is there
  std::vector<PassedOver> passed_over = {};
  std::vector<std::string> notes = {};  // as DataSplits::notes
};

struct ReadOptions {
  uint64_t seed = 0;  // of the split, where a set has none of its own
  DecodeRules decode = {};
  // Whether a validation part of the set's own is to be read as such. Otherwise lists count it as
  // training images, and folders pass it over.
  bool own_validation = false;
};

struct DatasetEntry {
  std::string name;                   // what stands before the colon of NAME:LOCATION
  DatasetInfo info;                   // its spec begins with the name
  std::string default_location = {};  // "" where the user has to give one
  PublishedFigures published = {};    // empty where no figures are known
  // Reads the folder, file or files that `location` names.
  std::function<ReadParts(const std::string& location, const ReadOptions& options)> read;
};

// In the order in which `submask datasets` lists them.
const std::vector<DatasetEntry>& dataset_registry();

// Null where no data set has the name.
const DatasetEntry* find_dataset(std::string_view name);

}  // namespace submask
