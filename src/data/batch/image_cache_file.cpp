#include "data/batch/image_cache_file.h"

#include <cassert>
#include <cstring>
#include <unistd.h>
#include <utility>

#include "base/fail.h"
#include "base/hash.h"

namespace submask {
namespace {

struct CacheEntry {
  uint64_t offset = 0;  // 0: the image is not kept
  uint64_t sum = 0;     // XXH64 of width, height and pixels
  uint32_t width = 0, height = 0;
};
static_assert(sizeof(CacheEntry) == cache_entry_bytes);

bool read_at(int file, void* to, size_t bytes, uint64_t offset) {
  auto* next = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t got = pread(file, next, bytes, static_cast<off_t>(offset));
    if (got <= 0) return false;
    next += got;
    offset += static_cast<uint64_t>(got);
    bytes -= static_cast<size_t>(got);
  }
  return true;
}

bool write_at(int file, const void* from, size_t bytes, uint64_t offset) {
  const auto* next = static_cast<const char*>(from);
  while (bytes > 0) {
    const ssize_t put = pwrite(file, next, bytes, static_cast<off_t>(offset));
    if (put <= 0) return false;
    next += put;
    offset += static_cast<uint64_t>(put);
    bytes -= static_cast<size_t>(put);
  }
  return true;
}

uint64_t checksum(const Image& kept) {
  XxHash64 hash;
  const uint32_t size[2] = {static_cast<uint32_t>(kept.width), static_cast<uint32_t>(kept.height)};
  hash.update(Bytes(reinterpret_cast<const uint8_t*>(size), sizeof size));
  hash.update(Bytes(kept.pixels));
  return hash.value();
}

uint64_t kept_bytes(const ImageCache::Contents& contents, uint64_t width, uint64_t height) {
  return contents.crops ? contents.crop_bytes : 3 * width * height;
}

uint64_t entry_offset(int64_t index) {
  return cache_header_bytes + static_cast<uint64_t>(index) * cache_entry_bytes;
}

}  // namespace

ImageCache::ImageCache(int file, std::string path, bool writes, Contents contents)
    : file_(file), path_(std::move(path)), writes_(writes), contents_(std::move(contents)) {
  const off_t size = lseek(file_, 0, SEEK_END);
  end_ = std::max(static_cast<uint64_t>(size), entry_offset(contents_.images));
}

ImageCache::~ImageCache() { close(file_); }

bool ImageCache::read(int64_t index, Image& kept) const {
  assert(index >= 0 && index < contents_.images);
  constexpr uint32_t longest_side = 1 << 20;
  CacheEntry entry;
  if (!read_at(file_, &entry, sizeof entry, entry_offset(index)) || entry.offset == 0 ||
      entry.width == 0 || entry.height == 0 || entry.width > longest_side ||
      entry.height > longest_side)
    return false;
  const uint64_t bytes = kept_bytes(contents_, entry.width, entry.height);
  const auto size = static_cast<uint64_t>(lseek(file_, 0, SEEK_END));
  if (entry.offset > size || bytes > size - entry.offset) return false;
  kept.width = static_cast<int>(entry.width);
  kept.height = static_cast<int>(entry.height);
  kept.pixels.resize(bytes);
  return read_at(file_, kept.pixels.data(), bytes, entry.offset) && checksum(kept) == entry.sum;
}

void ImageCache::write(int64_t index, const Image& kept) {
  assert(index >= 0 && index < contents_.images);
  if (!writes_) return;
  CacheEntry entry;
  entry.sum = checksum(kept);
  entry.width = static_cast<uint32_t>(kept.width);
  entry.height = static_cast<uint32_t>(kept.height);
  assert(kept.pixels.size() == kept_bytes(contents_, entry.width, entry.height));
  {
    const std::lock_guard lock(mutex_);
    entry.offset = std::exchange(end_, end_ + kept.pixels.size());
  }
  assert(entry.offset >= entry_offset(contents_.images));  // behind the table
  // A full disk does not stop the run: an image that is not kept is decoded again.
  if (!write_at(file_, kept.pixels.data(), kept.pixels.size(), entry.offset) ||
      !write_at(file_, &entry, sizeof entry, entry_offset(index)))
    writes_ = false;
}

std::string describe(const ImageCache& cache) {
  const ImageCache::Contents& contents = cache.contents();
  constexpr double megabyte = 1e6, gigabyte = 1e9;
  const auto bytes = static_cast<double>(contents.total_bytes);
  std::ostringstream size;
  size.precision(3);
  if (bytes < gigabyte)
    size << bytes / megabyte << " MB";
  else
    size << bytes / gigabyte << " GB";
  return text(size.str(), " in ", cache.path().empty() ? "memory" : cache.path(), " for ",
              contents.images, " images ", contents.form);
}

}  // namespace submask
