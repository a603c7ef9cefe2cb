// Data sets: labelled images on disk or in memory, opened from the text users write after --data.
//
// A Dataset is immutable and safe to read from many threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <submask/image.h>

namespace submask {

class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual int64_t size() const = 0;
  virtual int64_t label(int64_t index) const = 0;  // 0 ... classes-1
  // Throws corrupt_file for an image that does not decode.
  virtual Image read(int64_t index, const ImageRequest& request) const = 0;
  Image image(int64_t index) const { return read(index, {}); }
  virtual std::string image_name(int64_t index) const = 0;  // file path, or "FILE#index"
  virtual const std::vector<std::string>& class_names() const = 0;
  // SHA-256 over names, labels and sizes or contents; worked out once.
  virtual std::string digest() const = 0;
};

struct DataOptions {
  std::string spec;  // NAME:WHERE as dataset_list() has it: folder:DIR, csv:FILE, dtd:DIR, ...
  // The training images to learn from: the front of a seeded permutation, as "10p" percent,
  // "4000" images or "16/class"; or by name, as "classes:cat,dog" (a name with a comma in double
  // quotes) or "file:INDICES.txt" (numbers of training images from 0, one a line, # comments).
  // The class names, and with them labels and heads, stay those of the whole set.
  std::optional<std::string> labels = {};
  std::optional<int64_t> train_limit = {};  // the first N training images
  std::optional<int64_t> test_limit = {};   // the first N test images
  std::optional<std::string> validation =
      {};  // taken off the training set, as many as labels would say
  uint64_t seed = 0;
  int64_t pixel_limit = usual_pixel_limit;  // an image file of more does not decode
};

struct DataSplits {
  std::shared_ptr<const Dataset> train;
  std::shared_ptr<const Dataset> validation;  // null where none was asked for
  std::shared_ptr<const Dataset> test;
  // Where `labels` chose the training images: what they were chosen of (null: nothing was), and
  // the numbers that they have there.
  std::shared_ptr<const Dataset> labelled_of;
  std::vector<int64_t> labelled;
};

// Limits first, then validation, then labels; what `labels` names among the validation images is
// left out. Each part's digest covers which images it has. folder:DIR reads DIR/train and DIR/test
// (both with one folder a class), or, without them, splits DIR's class folders 80:20 by the seed,
// class by class. Its classes are in natural order (class2 before class10), its images in turn from
// each class, so that a limit keeps every class. Throws invalid_argument (unknown spec, a count of
// images that cannot be had, unknown class names), corrupt_file (a damaged file, an empty class
// folder, a class missing from test, each named; lines of an index file) or io.
DataSplits open_data(const DataOptions& options);

// The images of `indices` as a data set of their own.
std::shared_ptr<const Dataset> subset(std::shared_ptr<const Dataset> dataset,
                                      std::vector<int64_t> indices);

// Image files without labels (every label is 0), for prediction.
std::shared_ptr<const Dataset> image_list(std::vector<std::string> paths,
                                          int64_t pixel_limit = usual_pixel_limit);

struct DatasetInfo {
  std::string name, spec, layout, source;  // for `submask datasets`
};
const std::vector<DatasetInfo>& dataset_list();

}  // namespace submask
