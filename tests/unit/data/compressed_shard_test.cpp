#include "data/compressed_shard.h"

#include <cstdlib>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "dataset_trees.h"

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
    error_of(ErrorKind::corrupt_file, [&] { inflated(bad); });
    error_of(ErrorKind::corrupt_file, [&] { inflated(whole + "more"); });
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

TEST(CompressedShard, SaysWhereItHadNoRoom) {
  const char* const old = std::getenv("TMPDIR");
  const std::string before = old == nullptr ? "" : old;
  const std::string folder = fresh_folder("no_room").string();
  ::setenv("TMPDIR", folder.c_str(), 1);
  inflated(zstd_of("x"));
  EXPECT_TRUE(fs::is_empty(folder));
  fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
  if (::access(folder.c_str(), W_OK) != 0)  // root may write anyway
    expect_part_of(folder, error_of(ErrorKind::io, [&] { inflated(zstd_of("x")); }));
  if (old == nullptr)
    ::unsetenv("TMPDIR");
  else
    ::setenv("TMPDIR", before.c_str(), 1);
}

}  // namespace
}  // namespace submask
