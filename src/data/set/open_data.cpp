#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/fail.h"
#include "base/name_list.h"
#include "base/nearest_name.h"
#include "base/option_error.h"
#include "base/utf8.h"
#include "data/set/choose_images.h"
#include "data/set/class_order.h"
#include "data/set/dataset_registry.h"

namespace submask {
namespace {

[[noreturn]] void fail_unknown_dataset(const std::string& name) {
  std::vector<std::string> known;
  for (const DatasetEntry& entry : dataset_registry()) known.push_back(entry.name);
  fail_unknown("a data set", name, known, "submask datasets lists them");
}

ReadParts read_spec(const std::string& spec, const ReadOptions& options) {
  const size_t colon = std::min(spec.find(':'), spec.size());
  const std::string name = spec.substr(0, colon);
  const DatasetEntry* entry = find_dataset(name);
  if (entry == nullptr) fail_unknown_dataset(name);
  std::string location = colon == spec.size() ? "" : spec.substr(colon + 1);
  if (location.empty()) location = entry->default_location;
  if (location.empty()) fail_argument(entry->info.spec + " as data", spec);
  return entry->read(location, options);
}

std::shared_ptr<const Dataset> first_images(std::shared_ptr<const Dataset> dataset,
                                            std::optional<int64_t> limit, const char* option) {
  if (limit && *limit < 1) fail_argument(text("a ", option, " of 1 or more"), *limit);
  if (!limit || *limit >= dataset->size()) return dataset;
  std::vector<int64_t> indices(static_cast<size_t>(*limit));
  std::iota(indices.begin(), indices.end(), 0);
  return subset(std::move(dataset), std::move(indices));
}

// The numbers below `size` that are not in `chosen`, which is ascending.
std::vector<int64_t> all_but(const std::vector<int64_t>& chosen, int64_t size) {
  std::vector<int64_t> all(static_cast<size_t>(size)), rest;
  std::iota(all.begin(), all.end(), 0);
  std::set_difference(all.begin(), all.end(), chosen.begin(), chosen.end(),
                      std::back_inserter(rest));
  return rest;
}

// Takes the images of the validation part off the training set, then keeps those that the labels
// option chooses. The numbers in a file of numbers are those of the whole training set.
void choose_training_images(const std::vector<int64_t>& validation, const DataOptions& options,
                            DataSplits& splits) {
  if (validation.empty() && !options.labels) return;
  const auto whole = splits.train;
  const auto rest = all_but(validation, whole->size());
  const std::string labels = options.labels.value_or("");
  if (const auto named = named_images(*whole, labels)) {
    splits.labelled_of = whole;
    std::set_intersection(named->begin(), named->end(), rest.begin(), rest.end(),
                          std::back_inserter(splits.labelled));
    if (splits.labelled.empty()) fail_argument("labels beyond the validation part", labels);
  } else {
    if (!validation.empty()) splits.train = subset(whole, rest);
    if (!options.labels) return;
    splits.labelled_of = splits.train;
    splits.labelled =
        choose_images(*splits.train, labels, random_stream(options.seed, Stream::labels));
  }
  splits.train = subset(splits.labelled_of, splits.labelled);
}

// Checked before a long run, because task files, results and CLIP's texts will hold the names.
void expect_utf8(const std::vector<std::string>& class_names, const std::string& spec) {
  NameList others;
  for (const std::string& name : class_names)
    if (!is_utf8(name)) others.add(name);
  if (others.count() > 0) fail_corrupt("class names in UTF-8", others.joined(), spec);
}

void number_classes(const std::optional<std::string>& order, ReadParts& data) {
  if (order) {
    const auto names = ordered_classes(data.train->class_names(), *order);
    for (auto* part : {&data.train, &data.test, &data.validation})
      *part = renumber_classes(std::move(*part), names);
  }
  if (const std::string note = explain_class_order(data.train->class_names()); !note.empty())
    data.notes.push_back(note);
}

}  // namespace

DataSplits open_data(const DataOptions& options) {
  if (options.decode.pixel_limit < 1)
    fail_argument("a --pixel-limit of 1 or more", options.decode.pixel_limit);
  const bool own_validation = options.validation == "split";
  ReadParts data =
      read_spec(options.spec,
                {.seed = options.seed, .decode = options.decode, .own_validation = own_validation});
  expect_utf8(data.train->class_names(), options.spec);
  if (own_validation && data.validation == nullptr)
    fail_argument("a data set with a validation part of its own for --validation split",
                  options.spec);
  number_classes(options.class_order, data);
  DataSplits splits;
  splits.train = first_images(std::move(data.train), options.train_limit, "training limit");
  splits.test = first_images(std::move(data.test), options.test_limit, "test limit");
  splits.validation = std::move(data.validation);
  splits.passed_over = std::move(data.passed_over);
  splits.notes = std::move(data.notes);
  std::vector<int64_t> validation;
  if (options.validation && !own_validation) {
    with_option_in_errors("validation", [&] {
      validation = choose_images(*splits.train, *options.validation,
                                 random_stream(options.seed, Stream::validation));
      if (std::ssize(validation) == splits.train->size())
        fail_argument("a validation part that leaves images to train on", *options.validation);
    });
    splits.validation = subset(splits.train, validation);
  }
  with_option_in_errors("labels", [&] { choose_training_images(validation, options, splits); });
  return splits;
}

}  // namespace submask
