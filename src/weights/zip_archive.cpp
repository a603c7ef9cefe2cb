#include "weights/zip_archive.h"

#include <algorithm>
#include <cstdint>

#include "base/byte_cursor.h"
#include "base/checked.h"
#include "base/quoted_name.h"

namespace submask {
namespace {

// Signatures and sizes of PKWARE's APPNOTE, sections 4.3.7 to 4.3.16.
constexpr uint32_t local_signature = 0x04034b50;
constexpr uint32_t central_signature = 0x02014b50;
constexpr uint32_t end_signature = 0x06054b50;
constexpr uint32_t end64_signature = 0x06064b50;
constexpr uint32_t locator64_signature = 0x07064b50;
constexpr size_t end_bytes = 22;
constexpr size_t locator64_bytes = 20;
constexpr size_t central_bytes = 46;
constexpr size_t longest_comment = 65535;
constexpr uint32_t in64 = 0xffffffff;  // the value stands in a 64-bit field

struct Directory {
  uint64_t entries = 0;
  uint64_t size = 0;
  uint64_t offset = 0;
};

// A cursor at `offset` from the start of the archive.
ByteCursor cursor_at(Bytes bytes, uint64_t offset, const std::string& file) {
  if (offset > bytes.size()) {
    fail_corrupt(text("offsets inside the ", bytes.size(), " bytes"), offset, file);
  }
  return {bytes.subspan(offset), file};
}

void expect_signature(ByteCursor& cursor, uint32_t signature, const char* part,
                      const std::string& file) {
  const auto found = cursor.number<uint32_t>();
  if (found != signature) fail_corrupt(text("a zip archive's ", part), "other bytes", file);
}

// The offset of the end record: the last one whose comment ends at the end of the file.
uint64_t find_end_record(Bytes bytes, const std::string& file) {
  if (bytes.size() >= end_bytes) {
    const size_t last = bytes.size() - end_bytes;
    const size_t first = last - std::min(last, longest_comment);
    for (size_t offset = last + 1; offset-- > first;) {
      ByteCursor cursor(bytes.subspan(offset), file);
      if (cursor.number<uint32_t>() != end_signature) continue;
      cursor.take(16);
      if (cursor.number<uint16_t>() == last - offset) return offset;
    }
  }
  fail_corrupt("a zip archive's directory at its end", "none (truncated?)", file);
}

Directory read_directory64(Bytes bytes, uint64_t end, const std::string& file) {
  if (end < locator64_bytes) fail_corrupt("a zip64 locator", "none", file);
  ByteCursor locator = cursor_at(bytes, end - locator64_bytes, file);
  expect_signature(locator, locator64_signature, "zip64 locator", file);
  locator.take(4);
  ByteCursor record = cursor_at(bytes, locator.number<uint64_t>(), file);
  expect_signature(record, end64_signature, "zip64 end record", file);
  record.take(28);
  Directory directory;
  directory.entries = record.number<uint64_t>();
  directory.size = record.number<uint64_t>();
  directory.offset = record.number<uint64_t>();
  return directory;
}

Directory find_directory(Bytes bytes, const std::string& file) {
  const uint64_t end = find_end_record(bytes, file);
  ByteCursor record = cursor_at(bytes, end, file);
  record.take(10);
  Directory directory;
  directory.entries = record.number<uint16_t>();
  directory.size = record.number<uint32_t>();
  directory.offset = record.number<uint32_t>();
  if (directory.entries == 0xffff || directory.size == in64 || directory.offset == in64) {
    directory = read_directory64(bytes, end, file);
  }
  if (directory.size > bytes.size() || directory.entries > directory.size / central_bytes) {
    fail_corrupt("a zip directory inside the file", text(directory.entries, " entries"), file);
  }
  return directory;
}

// The values that are in64 stand in the zip64 extra field, in this order; replaces them.
void read_extra64(Bytes extra, std::initializer_list<uint64_t*> values, const std::string& file) {
  constexpr uint16_t extra64 = 1;
  for (ByteCursor cursor(extra, file); cursor.remaining() >= 4;) {
    const auto id = cursor.number<uint16_t>();
    ByteCursor field(cursor.take(cursor.number<uint16_t>()), file);
    if (id != extra64) continue;
    for (uint64_t* value : values) {
      if (*value == in64) *value = field.number<uint64_t>();
    }
    return;
  }
}

ZipEntry read_entry(ByteCursor& central, Bytes bytes, const std::string& file) {
  expect_signature(central, central_signature, "directory entry", file);
  central.take(4);
  const auto flags = central.number<uint16_t>();
  const auto method = central.number<uint16_t>();
  central.take(8);
  uint64_t stored_size = central.number<uint32_t>();
  uint64_t size = central.number<uint32_t>();
  const auto name_bytes = central.number<uint16_t>();
  const auto extra_bytes = central.number<uint16_t>();
  const auto comment_bytes = central.number<uint16_t>();
  central.take(8);
  uint64_t offset = central.number<uint32_t>();
  ZipEntry entry;
  entry.name = central.take_text(name_bytes);
  read_extra64(central.take(extra_bytes), {&size, &stored_size, &offset}, file);
  central.take(comment_bytes);

  constexpr uint16_t encrypted = 1;
  entry.stored = method == 0 && (flags & encrypted) == 0;
  if (entry.stored && size != stored_size) {
    fail_corrupt(text(size, " bytes of ", quoted_name(entry.name)), stored_size, file);
  }
  ByteCursor local = cursor_at(bytes, offset, file);
  expect_signature(local, local_signature, "entry header", file);
  local.take(22);
  const auto local_name_bytes = local.number<uint16_t>();
  const auto local_extra_bytes = local.number<uint16_t>();
  local.take(local_name_bytes);
  local.take(local_extra_bytes);
  entry.data = local.take(stored_size);
  return entry;
}

}  // namespace

bool looks_like_zip(Bytes bytes) {
  return bytes.size() >= 4 && bytes[0] == 'P' && bytes[1] == 'K' && bytes[2] == 3 && bytes[3] == 4;
}

std::vector<ZipEntry> read_zip_directory(Bytes bytes, const std::string& file) {
  const Directory directory = find_directory(bytes, file);
  ByteCursor within = cursor_at(bytes, directory.offset, file);
  ByteCursor central(within.take(directory.size), file);
  std::vector<ZipEntry> entries;
  entries.reserve(directory.entries);
  for (uint64_t i = 0; i < directory.entries; ++i) {
    entries.push_back(read_entry(central, bytes, file));
  }
  return entries;
}

}  // namespace submask
