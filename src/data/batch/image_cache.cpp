// Decides what the cache of a data set and a transform keeps, and opens its file.
#include "data/batch/image_cache.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <submask/loader.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/names.h"
#include "data/batch/image_cache_file.h"
#include "data/batch/transform.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view magic = "submimg1";

ImageCache::Contents plan_contents(const Dataset& dataset, const Transform& transform) {
  ImageCache::Contents contents;
  contents.images = dataset.size();
  const auto kinds = crop_kinds(transform);
  contents.crops = std::all_of(kinds.begin(), kinds.end(), has_fixed_geometry);
  if (contents.crops) {
    for (const CropRecipe& kind : kinds) {
      contents.crop_bytes += static_cast<uint64_t>(3 * kind.size * kind.size);
      contents.form +=
          text(contents.form.empty() ? "resized to " : ", ", kind.size, " x ", kind.size);
    }
    contents.total_bytes = contents.crop_bytes * static_cast<uint64_t>(dataset.size());
    return contents;
  }
  contents.form = "decoded";
  // Estimated from a few images, evenly spread.
  constexpr int64_t most_samples = 16;
  const int64_t samples = std::min(most_samples, dataset.size());
  uint64_t bytes = 0;
  int64_t good = 0;
  for (int64_t i = 0; i < samples; ++i) {
    try {
      bytes += dataset.image(i * dataset.size() / samples).pixels.size();
      ++good;
    } catch (const Error& error) {  // the loader will report a bad image
      if (error.kind() != ErrorKind::corrupt_file) throw;
    }
  }
  contents.total_bytes = bytes / static_cast<uint64_t>(std::max<int64_t>(good, 1)) *
                         static_cast<uint64_t>(dataset.size());
  return contents;
}

// A hash of everything that the kept pixels depend on.
std::string cache_key(const Dataset& dataset, const Transform& transform,
                      const ImageCache::Contents& contents) {
  Sha256 hash;
  hash.update(text(dataset.digest(), ' ', shorter_side(transform)));
  if (contents.crops) {
    const Preprocessing& steps = transform.preprocessing;
    hash.update(text(name_of(steps.interpolation), ' ', steps.crop_share, ' ',
                     name_of(steps.resize), ' ', name_of(steps.crop_offset)));
    for (const int value : steps.fill) hash.update(text(' ', value));
    for (const CropRecipe& kind : crop_kinds(transform))
      hash.update(text(' ', kind.crop, ' ', kind.size));
  }
  return hash.hex();
}

uint64_t available_memory() {
  std::ifstream lines("/proc/meminfo");
  for (std::string name; lines >> name;) {
    uint64_t kilobytes = 0;
    if (name == "MemAvailable:" && lines >> kilobytes) return kilobytes * 1024;
  }
  return UINT64_MAX;  // unknown
}

void expect_room(uint64_t wanted, uint64_t available, const std::string& where) {
  if (wanted > available)
    fail_argument(text(wanted, " free bytes ", where, " for the cache"), available);
}

fs::path default_folder() {
  if (const char* cache = std::getenv("SUBMASK_CACHE"); cache != nullptr && *cache != '\0')
    return fs::path(cache) / "images";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') fail_argument("a folder for the cache", "none");
  return fs::path(home) / ".cache/submask/images";
}

[[noreturn]] void fail_file(const fs::path& path) {
  fail(ErrorKind::io, "cannot write the image cache ", path.string(), ": ", std::strerror(errno));
}

std::shared_ptr<ImageCache> open_in_memory(ImageCache::Contents contents) {
  expect_room(contents.total_bytes, available_memory(), "of memory");
  const int file = memfd_create("submask images", MFD_CLOEXEC);
  if (file < 0) fail_file("in memory");
  return std::make_shared<ImageCache>(file, "", true, std::move(contents));
}

// A file that begins with another key is overwritten. The process that holds the lock writes.
std::shared_ptr<ImageCache> open_on_disk(const fs::path& folder, const std::string& key,
                                         ImageCache::Contents contents) {
  std::error_code error;
  fs::create_directories(folder, error);
  const fs::path path = folder / (key.substr(0, 16) + ".images");
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) fail_file(path);
  const bool writes = flock(file, LOCK_EX | LOCK_NB) == 0;
  auto cache = std::shared_ptr<ImageCache>();
  std::array<char, cache_header_bytes> header{}, expected{};
  std::copy(magic.begin(), magic.end(), expected.begin());
  std::copy(key.begin(), key.end(), expected.begin() + magic.size());
  const bool is_ours =
      pread(file, header.data(), header.size(), 0) == static_cast<ssize_t>(header.size()) &&
      header == expected;
  if (!is_ours && writes) {
    const uint64_t available = fs::space(folder, error).available;
    if (contents.total_bytes > available) {
      close(file);
      fs::remove(path, error);
      expect_room(contents.total_bytes, available, "in " + folder.string());
    }
    if (ftruncate(file, 0) != 0 || pwrite(file, expected.data(), expected.size(), 0) !=
                                       static_cast<ssize_t>(expected.size())) {
      close(file);
      fail_file(path);
    }
  }
  return std::make_shared<ImageCache>(file, path.string(), writes, std::move(contents));
}

}  // namespace

std::shared_ptr<ImageCache> open_image_cache(const Dataset& dataset, const Transform& transform,
                                             const CacheOptions& options) {
  if (!options.kind) return nullptr;
  check_transform(transform);
  ImageCache::Contents contents = plan_contents(dataset, transform);
  if (options.kind == CacheKind::ram) return open_in_memory(std::move(contents));
  const fs::path folder = options.folder.empty() ? default_folder() : fs::path(options.folder);
  const std::string key = cache_key(dataset, transform, contents);
  return open_on_disk(folder, key, std::move(contents));
}

}  // namespace submask
