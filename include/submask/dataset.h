// Data sets: labelled images on disk or in memory, opened from the text users write after --data.
//
// A Dataset is immutable and safe to read from many threads. Images come out as 8-bit RGB whatever
// the file was: grey, palette, CMYK, 16-bit, with EXIF rotation applied; alpha is dropped, as
// Pillow's convert("RGB") does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace submask {

struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;  // height x width x 3, red first
};

// JPEG, PNG or WebP by content. Throws corrupt_file naming the file (truncated, another kind, or
// more than `pixel_limit` pixels) or io.
Image read_image(const std::filesystem::path& path, int64_t pixel_limit = 100'000'000);

// 8-bit RGB, atomically. Throws io.
void write_png(const Image& image, const std::filesystem::path& path);

class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual int64_t size() const = 0;
  virtual int64_t label(int64_t index) const = 0;  // 0 ... classes-1
  virtual Image image(
      int64_t index) const = 0;  // throws corrupt_file for an image that does not decode
  virtual std::string image_name(int64_t index) const = 0;  // file path, or "FILE#index"
  virtual const std::vector<std::string>& class_names() const = 0;
  virtual std::string digest()
      const = 0;  // SHA-256 over names, labels and sizes or contents; cached
};

struct DataOptions {
  std::string spec;    // NAME:WHERE as dataset_list() has it: folder:DIR, csv:FILE, dtd:DIR, ...
  std::string labels;  // "" all | "10p" percent | "4000" count | "16/class": of the training set, a
                       // seeded permutation
  int64_t train_limit = 0;  // the first N training images; 0 all
  int64_t test_limit = 0;   // the first N test images; 0 all
  std::string validation;   // "" none; or taken off the training set, as many as `labels` would say
  uint64_t seed = 0;
};

struct DataSplits {
  std::shared_ptr<const Dataset> train;
  std::shared_ptr<const Dataset> validation;  // null where none was asked for
  std::shared_ptr<const Dataset> test;
};

// Limits first, then validation, then labels. folder:DIR reads DIR/train and DIR/test (both with
// one folder a class), or, without them, splits DIR's class folders 80:20 by the seed, class by
// class. Its classes are in natural order (class2 before class10), its images in turn from each
// class, so that a limit keeps every class. Throws invalid_argument (unknown spec, a count of
// images that cannot be had), corrupt_file (a damaged file, an empty class folder, a class missing
// from test, each named) or io.
DataSplits open_data(const DataOptions& options);

// The images of `indices` as a data set of their own.
std::shared_ptr<const Dataset> subset(std::shared_ptr<const Dataset> dataset,
                                      std::vector<int64_t> indices);

// Image files without labels (every label is 0), for prediction.
std::shared_ptr<const Dataset> image_list(std::vector<std::string> paths);

struct DatasetInfo {
  std::string name, spec, layout, source;  // for `submask datasets`
};
const std::vector<DatasetInfo>& dataset_list();

}  // namespace submask
