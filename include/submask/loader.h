// Batches of transformed images, prepared ahead by worker threads.
//
// Order and augmentation depend only on (seed, epoch, position of the sample in the data set): the
// number of workers and where an epoch was resumed change nothing. A Loader is used from one
// thread.
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

class ImageCache;  // src/data/batch/image_cache.h

enum class CacheKind { ram, disk };
constexpr auto names_of(CacheKind) { return std::array{"ram", "disk"}; }

// Decoded images, or resized ones where every epoch sees the same part of them, kept for the next
// epoch and run. They change no batch.
struct CacheOptions {
  std::optional<CacheKind> kind;  // not set: none are kept
  std::string folder;  // of disk; "": $SUBMASK_CACHE/images, else ~/.cache/submask/images
};

// How images are read, whatever they are for.
struct InputSettings {
  int64_t batch_size = 64;  // images
  int workers = 2;          // threads that read and transform
  // In place of the backbone's (Preprocessing).
  std::optional<int64_t> input_size;  // pixels
  std::optional<double> crop_share;   // (0, 1]
  std::optional<Interpolation> interpolation;
  bool fast_decode = false;      // see Transform
  bool skip_bad_images = false;  // count and leave out, instead of failing
  CacheOptions cache;
};

// From an image of any size to what a network sees. Resizing is Pillow's, antialiased.
struct Transform {
  Preprocessing preprocessing;
  // Of a training image. None: the test transform, the shorter side resized to
  // input_size / crop_share and the centre cut out.
  std::vector<CropRecipe> crops;
  // A JPEG may be decoded scaled down, never below what the crops need: faster, its pixels not
  // Pillow's.
  bool fast_decode = false;
};

struct LoaderOptions {
  int64_t batch_size = 64;
  int workers = 2;
  uint64_t seed = 0;
  bool shuffle = false;
  bool drop_last = false;        // leave out a last batch that is not full
  bool pinned = false;           // batches in page-locked memory, for a GPU
  bool skip_bad_images = false;  // count and list images that do not decode, instead of failing
  std::shared_ptr<ImageCache> cache = nullptr;  // of this very data set and transform
};

struct Batch {
  // One tensor for each kind of crop, uint8 [count * N, 3, S, S], channels last: the first crop of
  // every image, then the second.
  std::vector<at::Tensor> crops;
  at::Tensor labels;             // int64 [N]
  std::vector<int64_t> indices;  // of the samples, in the data set
  int64_t number =
      0;  // of the batch in its epoch, from 0: to resume, start_epoch(epoch, number + 1)

  const at::Tensor& images() const { return crops.front(); }  // where there is one crop an image
};

class Loader {
 public:
  Loader(std::shared_ptr<const Dataset> dataset, Transform transform, LoaderOptions options);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Starts (over) at a batch of an epoch; batches before `first_batch` are not decoded.
  void start_epoch(int64_t epoch, int64_t first_batch = 0);

  // The next batch of the epoch, or nothing at its end. Throws what reading an image threw. With
  // skip_bad_images a batch may be smaller than batch_size; one without any good image is left out,
  // and its number with it.
  std::optional<Batch> next();

  int64_t batches_per_epoch() const;
  // Names of the images skipped so far (each once), sorted.
  std::vector<std::string> bad_images() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// How test images are prepared: as `preprocessing` says but for what the settings change.
Transform test_transform(const InputSettings& settings, const Preprocessing& preprocessing);

// In order, each image once.
LoaderOptions loader_options(const InputSettings& settings);

// uint8 [N, 3, S, S] on any device -> float32, (x / 255 - mean) / std, channels last.
at::Tensor normalise(const at::Tensor& images, const Preprocessing& preprocessing);

}  // namespace submask
