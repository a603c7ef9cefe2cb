// Where a Loader's workers find kept images.
//
// A file (of memory alone for kind ram): a header that names the data and the transform, a table of
// one entry an image, then the pixels in the order in which they came. An entry is written after
// its pixels and holds their checksum: what a kill or a full disk left unfinished reads as missing.
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

// Magic (8 bytes), then the SHA-256 in hexadecimal digits of what the file is for, then zeros.
constexpr size_t cache_header_bytes = 128;
constexpr size_t cache_entry_bytes = 24;  // little endian, as the machine is

class ImageCache {
 public:
  struct Contents {
    bool crops = false;        // the crops of each kind, one after the other; else decoded images
    uint64_t crop_bytes = 0;   // of an image's crops
    uint64_t total_bytes = 0;  // expected, of all images
    int64_t images = 0;
    std::string what;  // "resized to 224 x 224"
  };

  // An open file that is handed over; `writes` unless another process does.
  ImageCache(int file, std::string path, bool writes, Contents contents);
  ~ImageCache();
  ImageCache(const ImageCache&) = delete;
  ImageCache& operator=(const ImageCache&) = delete;

  const Contents& contents() const { return contents_; }
  const std::string& path() const { return path_; }  // "" in memory

  // Size of the whole image and the kept pixels; false where there are none (or damaged ones).
  bool read(int64_t index, Image& kept) const;

  // Keeps them, unless another thread has meanwhile or there is no more room.
  void write(int64_t index, const Image& kept);

 private:
  int file_;
  std::string path_;
  std::atomic<bool> writes_;
  Contents contents_;
  std::mutex mutex_;  // guards end_
  uint64_t end_ = 0;  // of what is written
};

}  // namespace submask
