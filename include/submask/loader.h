// Batches of transformed images, which worker threads prepare ahead.
//
// Order and augmentation depend only on (seed, epoch, index of the sample in the data set), not on
// the number of workers or on where an epoch was resumed. Only one thread may use a Loader.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/recipe.h>

namespace submask {

enum class CacheKind { ram, disk };
constexpr auto names_of(CacheKind) { return std::array{"ram", "disk"}; }

// Keeps decoded images for the next epoch (ram) or also the next run (disk); resized images where
// every epoch sees the same part of them. A cache changes no batch.
struct CacheOptions {
  std::optional<CacheKind> kind;  // not set: no cache
  std::string folder;  // for disk; "": $SUBMASK_CACHE/images, or else ~/.cache/submask/images
};

// How images are read, for learning and for measuring.
struct InputSettings {
  int64_t batch_size = 64;  // images
  int workers = 2;          // threads that read and transform
  // These four replace what the backbone's Preprocessing says.
  std::optional<int64_t> input_size;  // pixels
  std::optional<double> crop_share;   // (0, 1]
  std::optional<Interpolation> interpolation;
  std::optional<ResizeMode> resize;
  bool fast_decode = false;      // see Transform
  bool skip_bad_images = false;  // leave out images that do not decode, instead of failing
  CacheOptions cache;
};

// How an image of any size becomes the input of a network. Resizing is Pillow's, antialiased.
struct Transform {
  Preprocessing preprocessing;
  // For training. Empty: the test transform, which resizes the shorter side to input_size /
  // crop_share and cuts out the centre.
  std::vector<CropRecipe> crops;
  // JPEG files may be decoded at a smaller size, but at least that which the crops need. This is
  // faster; the pixels then differ from Pillow's.
  bool fast_decode = false;
};

// Decoded images, which loaders of one data set with one transform may share, in several threads.
class ImageCache;

// Null where no kind is set. Images are stored when they are first read. Throws invalid_argument
// where the cache would not fit into the free memory or on the disk; io.
std::shared_ptr<ImageCache> open_image_cache(const Dataset& dataset, const Transform& transform,
                                             const CacheOptions& options);

struct LoaderOptions {
  int64_t batch_size = 64;  // images, of all shares together
  // Which consecutive part of every batch is made, of how many. All parts together are the batch
  // that there would be without shares. The part of a small batch may have no image.
  int share = 0;
  int shares = 1;
  int workers = 2;
  uint64_t seed = 0;
  bool shuffle = false;
  bool drop_last = false;        // leave out a last batch that is not full
  bool pinned = false;           // batches in page-locked memory, for a GPU
  bool skip_bad_images = false;  // leave out images that do not decode, instead of failing
  std::shared_ptr<ImageCache> cache = nullptr;  // made for this data set and this transform
};

struct Batch {
  // One tensor for each kind of crop, uint8 [count * N, 3, S, S], channels last: the first crops of
  // all images, then the second crops, and so on.
  std::vector<at::Tensor> crops;
  at::Tensor labels;             // int64 [N]
  std::vector<int64_t> indices;  // of the samples in the data set
  // Of the batch in its epoch, from 0. To resume after it, call start_epoch(epoch, number + 1).
  int64_t number = 0;

  const at::Tensor& images() const { return crops.front(); }  // the first kind of crop
};

class Loader {
 public:
  Loader(std::shared_ptr<const Dataset> dataset, const Transform& transform,
         const LoaderOptions& options);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Starts an epoch, or starts it again, at a batch; earlier batches are not decoded.
  void start_epoch(int64_t epoch, int64_t first_batch = 0);

  // The next batch of the epoch, or nothing at its end. Throws invalid_argument before
  // start_epoch(), and what reading an image threw. With skip_bad_images a batch may be smaller
  // than batch_size; a batch without any good image is left out, and its number too, unless it is
  // one of several shares.
  std::optional<Batch> next();

  int64_t batches_per_epoch() const;
  // Names of the images that were skipped so far, each once, sorted.
  std::vector<std::string> bad_images() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The test transform of `preprocessing` with the changes of the settings.
Transform test_transform(const InputSettings& settings, const Preprocessing& preprocessing);

// Options to read every image once, in the order of the data set.
LoaderOptions loader_options(const InputSettings& settings);

// uint8 [N, 3, S, S] on any device -> float32, (x / 255 - mean) / std, channels last.
at::Tensor normalise(const at::Tensor& images, const Preprocessing& preprocessing);

}  // namespace submask
