// Data sets: labelled images on disk or in memory, opened by the text that users write after
// --data.
//
// A Dataset does not change, and many threads may read it.
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
  // SHA-256 over names, labels and sizes or contents; computed once.
  virtual std::string digest() const = 0;
  // Names of the images read so far that are damaged and decode all the same (Image::damage),
  // sorted; also those that were read through other views of the same files.
  virtual std::vector<std::string> damaged_images() const { return {}; }
};

struct DataOptions {
  std::string spec;  // NAME:WHERE of dataset_list(): folder:DIR, csv:FILE, dtd:DIR, ...
  // The training images to learn from. "10p" (percent), "4000" (images) and "16/class" take the
  // first of a permutation by the seed. "classes:cat,dog" (a name with a comma in double quotes)
  // and "file:INDICES.txt" (indices of training images, one a line, # comments) name them. The
  // class names, and with them labels and heads, stay those of the whole set. Not set: all.
  std::optional<std::string> labels = {};
  std::optional<int64_t> train_limit = {};  // only the first N training images
  std::optional<int64_t> test_limit = {};   // only the first N test images
  // The images to take out of the training set for validation, written as `labels`; or "split", the
  // validation part that the data set has of its own. Not set: none.
  std::optional<std::string> validation = {};
  uint64_t seed = 0;
  DecodeRules decode = {};
  // The order in which classes are numbered: "natural" (class2 before class10), "text" (by bytes,
  // as torchvision and timm sort folders) or a file with the names of all classes, one a line. Not
  // set: that of the data set, which is the natural one for folders and tables.
  std::optional<std::string> class_order = {};
};

// Files where a data set's images are that a reader did not take.
struct PassedOver {
  std::string what;  // in the plural: "files of other kinds than images"
  int64_t count = 0;
  std::vector<std::string> first;  // ten names at most, in natural order
  bool is_loss = false;  // they may be images that are missing; else nobody's: hidden files, ...
};

struct DataSplits {
  std::shared_ptr<const Dataset> train;
  std::shared_ptr<const Dataset> validation;  // null where none was asked for
  std::shared_ptr<const Dataset> test;
  // The images from which DataOptions::labels chose `train`, and the indices of those that it
  // chose. Null and empty where `labels` is not set.
  std::shared_ptr<const Dataset> labelled_of;
  std::vector<int64_t> labelled;
  std::vector<PassedOver> passed_over;
  std::vector<std::string> notes;  // choices that users may not expect, a sentence each
};

// Applies the limits first, then `validation`, then `labels`, which leaves out validation images
// that it names. The digest of each part depends on the images in it. folder:DIR reads DIR/train
// and DIR/test (or DIR/val, where there is no test), both with one folder for each class; without
// these it splits the images of each class folder of DIR 80:20 by the seed. Images may lie in
// folders within a class folder. It takes images from the classes in turn, so that a limit keeps
// every class. Throws
// invalid_argument (an unknown spec or class name, a number of images that is not possible),
// corrupt_file (with the damaged file, the empty class folder, the class that test lacks or the bad
// lines of an index file) or io.
DataSplits open_data(const DataOptions& options);

// A data set of the images with these indices.
std::shared_ptr<const Dataset> subset(std::shared_ptr<const Dataset> dataset,
                                      std::vector<int64_t> indices);

// Image files without labels (every label is 0), for prediction.
std::shared_ptr<const Dataset> image_list(std::vector<std::string> paths,
                                          const DecodeRules& rules = {});

struct DatasetInfo {
  std::string name, spec, layout, source;  // for `submask datasets`
};
const std::vector<DatasetInfo>& dataset_list();

}  // namespace submask
