// The file of an image cache.
//
// For kind ram it lies in memory only. It has a header that names the data and the transform, a
// table with one entry for each image, then the pixels in the order in which they came. An entry is
// written after its pixels and holds their checksum, so that an image that a kill or a full disk
// left unfinished counts as missing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "data/batch/image_cache.h"

namespace submask {

// Magic (8 bytes), then cache_key() (image_cache.cpp) in hexadecimal digits, then zeros.
constexpr size_t cache_header_bytes = 128;
constexpr size_t cache_entry_bytes = 24;  // little endian, as the machine is

class ImageCache {
 public:
  struct Contents {
    bool crops = false;        // of each kind, one after the other; otherwise decoded images
    uint64_t crop_bytes = 0;   // of all crops of one image
    uint64_t total_bytes = 0;  // expected for all images
    int64_t images = 0;
    std::string form;  // "resized to 224 x 224", "decoded"
  };

  // Takes over an open file. `writes` is false where another process writes to it.
  ImageCache(int file, std::string path, bool writes, Contents contents);
  ~ImageCache();
  ImageCache(const ImageCache&) = delete;
  ImageCache& operator=(const ImageCache&) = delete;

  const Contents& contents() const { return contents_; }
  const std::string& path() const { return path_; }  // "" in memory

  // Reads the size of the whole image and the kept pixels. False where none are kept, or damaged
  // ones.
  bool read(int64_t index, Image& kept) const;

  // Keeps size and pixels, unless there is no room or this process does not write.
  void write(int64_t index, const Image& kept);

 private:
  int file_;
  std::string path_;
  std::atomic<bool> writes_;
  Contents contents_;
  std::mutex mutex_;  // guards end_
  uint64_t end_ = 0;  // of the pixels that are written
};

}  // namespace submask
