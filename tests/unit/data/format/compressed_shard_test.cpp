#include "data/format/compressed_shard.h"

#include <csignal>
#include <cstdlib>
#include <optional>
#include <sys/resource.h>
#include <zlib.h>
#include <zstd.h>

#include "data/set/dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

std::string zstd_of(const std::string& content) {
  std::string compressed(ZSTD_compressBound(content.size()), '\0');
  compressed.resize(
      ZSTD_compress(compressed.data(), compressed.size(), content.data(), content.size(), 3));
  return compressed;
}

std::string gzip_of(const std::string& content) {
  const fs::path path = fresh_folder("gzip_of") / "file.gz";
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  return read_text_file(path);
}

using Compress = std::string (*)(const std::string&);

std::string inflated(const std::string& compressed) {
  const InflatedFile file(as_bytes(compressed), "FILE");
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

// Bytes that do not compress, more than a buffer's worth.
std::string noise() {
  const Image image = noise_image(1, 400, 300);
  return {image.pixels.begin(), image.pixels.end()};
}

TEST(CompressedShard, InflatesOneOrMorePieces) {
  const std::string content = noise(), zeros(1 << 20, '\0');
  for (const Compress compress : {zstd_of, gzip_of}) {
    for (const std::string& each : {content, zeros, std::string("x"), std::string()})
      EXPECT_TRUE(inflated(compress(each)) == each) << each.size();
    EXPECT_TRUE(inflated(compress(content) + compress("") + compress("x")) == content + "x");
  }
  const std::string skipped("\x50\x2A\x4D\x18\x03\0\0\0abc", 11);
  EXPECT_EQ(inflated(skipped + zstd_of("x")), "x");
}

TEST(CompressedShard, RefusesCutAndDamagedData) {
  for (const Compress compress : {zstd_of, gzip_of}) {
    const std::string whole = compress(std::string(5000, 'a') + "end");
    for (size_t size = 4; size < whole.size(); ++size)
      expect_part_of("FILE",
                     error_of(ErrorKind::corrupt_file, [&] { inflated(whole.substr(0, size)); }));
    std::string bad = compress(noise());
    bad.resize(bad.size() / 2);
    expect_part_of("got its end cut off, in FILE",
                   error_of(ErrorKind::corrupt_file, [&] { inflated(bad); }));
    expect_part_of(", in FILE",
                   error_of(ErrorKind::corrupt_file, [&] { inflated(whole + "more"); }));
    for (size_t i = 4; i < whole.size(); ++i) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ 0x55);
      try {
        inflated(changed);
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::corrupt_file) << error.what();
      }
    }
  }
}

TEST(CompressedShard, RefusesToUnpackALotFromALittle) {
  const std::string bomb = zstd_of(std::string((64 << 20) + 1, '\0'));
  expect_part_of("at most 67108864 bytes to unpack, got more, in FILE",
                 error_of(ErrorKind::corrupt_file, [&] { inflated(bomb); }));
}

// Temporary files in an empty folder, and none of more than so many bytes.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t most_bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    if (const char* old = std::getenv("TMPDIR")) old_folder_ = old;
    ::setenv("TMPDIR", folder_.c_str(), 1);
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{most_bytes, old_limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
    if (old_folder_)
      ::setenv("TMPDIR", old_folder_->c_str(), 1);
    else
      ::unsetenv("TMPDIR");
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::string& folder() const { return folder_; }

 private:
  std::string folder_ = fresh_folder("small_disk").string();
  std::optional<std::string> old_folder_;
  rlimit old_limit_{};
  void (*old_handler_)(int);
};

TEST(CompressedShard, SaysWhereThereWasNoRoom) {
  const std::string little = zstd_of("x"), much = zstd_of(noise());
  const SmallDisk disk(1000);
  EXPECT_EQ(inflated(little), "x");
  const std::string message = error_of(ErrorKind::io, [&] { inflated(much); });
  expect_part_of("cannot unpack FILE into a temporary file in " + disk.folder(), message);
  expect_part_of("TMPDIR", message);
  EXPECT_TRUE(fs::is_empty(disk.folder()));
}

}  // namespace
}  // namespace submask
