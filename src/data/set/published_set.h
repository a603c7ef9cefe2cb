// What is published of a data set, by its authors or by CoOp of the split it made, and how the data
// at hand differs from it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <submask/dataset.h>

namespace submask {

struct PublishedSet {
  int64_t train_images = 0, test_images = 0, classes = 0;
  // Empty where the reader names the classes itself, so that there is nothing to compare.
  std::vector<std::string> class_names = {};
};

// Of the data at a location, as there may be several splits of a set.
using PublishedFigures = std::function<std::optional<PublishedSet>(const std::string& location)>;

// Of a set that was split once and for all.
inline PublishedFigures everywhere(PublishedSet set) {
  return [set = std::move(set)](const std::string&) { return set; };
}

// Of the set that NAME:LOCATION names; nothing where no figures are known.
std::optional<PublishedSet> published_set(const std::string& spec);

// "60000 training images, got 59999": what differs, in words; empty where nothing does.
std::vector<std::string> differences(const PublishedSet& published, const DataSplits& data);

}  // namespace submask
