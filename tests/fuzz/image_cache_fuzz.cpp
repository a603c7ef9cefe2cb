// Any bytes as the file of an image cache, as they are and with the checksums that the entries of
// the table should have. What is read fits its size and is what the file has; what is written is
// read again.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include "base/hash.h"
#include "data/batch/image_cache_file.h"
#include "reader_check.h"

namespace {

using submask::Bytes;
using submask::Image;
using submask::ImageCache;

// The first three bytes choose it.
ImageCache::Contents chosen_contents(Bytes choice) {
  ImageCache::Contents contents;
  contents.images = choice[0] % 8;
  contents.crops = choice[0] >= 128;
  if (contents.crops) contents.crop_bytes = uint64_t{3} * choice[1] * choice[2];
  return contents;
}

struct Entry {
  uint64_t offset, sum;
  uint32_t width, height;
};
static_assert(sizeof(Entry) == submask::cache_entry_bytes);

uint64_t bytes_of(const Entry& entry, const ImageCache::Contents& contents) {
  return contents.crops ? contents.crop_bytes : uint64_t{3} * entry.width * entry.height;
}

Entry read_entry(Bytes file, int64_t index) {
  Entry entry{};
  const size_t offset = submask::cache_header_bytes + static_cast<size_t>(index) * sizeof entry;
  if (offset + sizeof entry <= file.size()) std::memcpy(&entry, file.data() + offset, sizeof entry);
  return entry;
}

// The bytes with the right checksum in every entry whose pixels lie in them.
std::vector<uint8_t> with_checksums(Bytes bytes, const ImageCache::Contents& contents) {
  std::vector<uint8_t> file(bytes.begin(), bytes.end());
  for (int64_t i = 0; i < contents.images; ++i) {
    const Entry entry = read_entry(file, i);
    const uint64_t count = bytes_of(entry, contents);
    if (entry.offset == 0 || entry.offset > file.size() || count > file.size() - entry.offset)
      continue;
    submask::XxHash64 hash;
    const uint32_t size[2] = {entry.width, entry.height};
    hash.update(Bytes(reinterpret_cast<const uint8_t*>(size), sizeof size));
    hash.update(Bytes(file).subspan(entry.offset, count));
    const uint64_t sum = hash.value();
    std::memcpy(file.data() + submask::cache_header_bytes + static_cast<size_t>(i) * sizeof entry +
                    offsetof(Entry, sum),
                &sum, sizeof sum);
  }
  return file;
}

int file_of(Bytes bytes) {
  const int file = memfd_create("fuzzed cache", MFD_CLOEXEC);
  if (file < 0 || write(file, bytes.data(), bytes.size()) != std::ssize(bytes)) std::abort();
  return file;
}

void check_kept(Bytes file, int64_t index, const Image& kept,
                const ImageCache::Contents& contents) {
  const Entry entry = read_entry(file, index);
  if (kept.width < 1 || kept.height < 1 || kept.pixels.size() != bytes_of(entry, contents) ||
      !std::equal(kept.pixels.begin(), kept.pixels.end(),
                  file.begin() + std::ssize(file.first(entry.offset))))
    std::abort();
}

void check_cache(Bytes file, const ImageCache::Contents& contents) {
  submask::check_reader(file, /*factor=*/4, [&] {
    ImageCache cache(file_of(file), "", /*writes=*/true, contents);
    Image kept;
    for (int64_t i = 0; i < contents.images; ++i)
      if (cache.read(i, kept)) check_kept(file, i, kept, contents);
    if (contents.images == 0) return;
    const size_t bytes = contents.crops ? contents.crop_bytes : 6;
    const Image written{2, 1, std::vector<uint8_t>(bytes, 0x5A)};
    cache.write(contents.images - 1, written);
    if (!cache.read(contents.images - 1, kept) || kept.width != 2 || kept.height != 1 ||
        kept.pixels != written.pixels)
      std::abort();
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t choice_bytes = 3;
  if (size < choice_bytes) return 0;
  const Bytes bytes(data, size), file = bytes.subspan(choice_bytes);
  const ImageCache::Contents contents = chosen_contents(bytes.first(choice_bytes));
  check_cache(file, contents);
  check_cache(with_checksums(file, contents), contents);
  return 0;
}
