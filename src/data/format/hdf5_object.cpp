#include "data/format/hdf5_object.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/fail.h"
#include "base/quoted_name.h"
#include "data/format/hdf5_tree.h"

namespace submask {
namespace {

enum MessageType : uint64_t {
  dataspace_message = 0x1,
  datatype_message = 0x3,
  layout_message = 0x8,
  filters_message = 0xB,
  continuation_message = 0x10,
  symbol_table_message = 0x11
};

Bytes* part_of(Hdf5Object& object, uint64_t type) {
  switch (type) {
    case dataspace_message:
      return &object.dataspace;
    case datatype_message:
      return &object.datatype;
    case layout_message:
      return &object.layout;
    case filters_message:
      return &object.filters;
    case symbol_table_message:
      return &object.symbol_table;
    default:
      return nullptr;
  }
}

// Whether the name at this offset in the group's heap of names is `wanted`.
bool is_name(Bytes heap, uint64_t offset, std::string_view wanted) {
  if (offset > heap.size() || heap.size() - offset <= wanted.size()) return false;
  const Bytes name = heap.subspan(offset, wanted.size() + 1);
  return std::equal(wanted.begin(), wanted.end(), name.begin()) && name.back() == 0;
}

Bytes read_heap(const Hdf5File& file, uint64_t address) {
  Hdf5Fields header = file.fields_at(address);
  header.expect_signature("HEAP", "a heap of names");
  header.expect_version(0, "a heap of names");
  header.take(3);
  const uint64_t size = header.number(8);
  header.take(8);  // its free list
  return file.at(header.number(8), size);
}

// Reads a message into `object`. A message may say instead where more messages are; these bytes are
// returned.
std::optional<Bytes> read_message(const Hdf5File& file, Hdf5Fields& block, Hdf5Object& object) {
  const uint64_t type = block.number(2), size = block.number(2), flags = block.number(1);
  block.take(3);
  const Bytes content = block.take(size);
  if (Bytes* part = part_of(object, type)) {
    constexpr uint64_t shared_flag = 2;
    if ((flags & shared_flag) != 0)
      fail_corrupt("an array that describes itself", "a shared description", file.name());
    *part = content;
  }
  if (type != continuation_message) return std::nullopt;
  Hdf5Fields fields(content, file.name());
  const uint64_t begin = fields.number(8);
  return file.at(begin, fields.number(8));
}

}  // namespace

// Blocks that refer to each other in a circle come to an end too: messages are counted over all
// blocks, and the number of blocks is limited.
Hdf5Object read_hdf5_object(const Hdf5File& file, uint64_t address) {
  constexpr size_t most_blocks = 100;
  Hdf5Fields header = file.fields_at(address);
  header.expect_version(1, "an object header");
  header.take(1);
  uint64_t messages_left = header.number(2);
  header.take(4);
  const uint64_t block_bytes = header.number(4);
  header.take(4);
  std::vector<Bytes> blocks{header.take(block_bytes)};
  Hdf5Object object;
  for (size_t i = 0; i < blocks.size(); ++i) {
    Hdf5Fields block(blocks[i], file.name());
    for (; messages_left > 0 && !block.is_empty(); --messages_left)
      if (const auto next = read_message(file, block, object)) blocks.push_back(*next);
    if (blocks.size() > most_blocks)
      fail_corrupt(text("an object header in at most ", most_blocks, " parts"), "more",
                   file.name());
  }
  return object;
}

Hdf5Object find_hdf5_object(const Hdf5File& file, std::string_view wanted) {
  const Hdf5Object root = read_hdf5_object(file, file.root());
  if (root.symbol_table.empty())
    fail_corrupt("a root group with a table of names, as MATLAB writes it", "none", file.name());
  Hdf5Fields table(root.symbol_table, file.name());
  const uint64_t tree = table.number(8);
  const Bytes heap = read_heap(file, table.number(8));
  std::optional<uint64_t> found;
  constexpr uint64_t entry_bytes = 40;
  uint64_t entries_left = file.size_bytes() / entry_bytes;
  visit_hdf5_tree(file, tree, Hdf5TreeType::group, 8, [&](const Hdf5Fields&, uint64_t child) {
    Hdf5Fields node = file.fields_at(child);
    node.expect_signature("SNOD", "a node of names");
    node.expect_version(1, "a node of names");
    node.take(1);
    for (uint64_t count = node.number(2); count > 0; --count) {
      if (entries_left-- == 0)
        fail_corrupt("names that the file has room for", "more", file.name());
      Hdf5Fields entry(node.take(entry_bytes), file.name());
      const uint64_t name = entry.number(8), address = entry.number(8);
      if (is_name(heap, name, wanted)) found = address;
    }
  });
  if (!found) fail_corrupt("an array " + quoted_name(wanted), "none", file.name());
  return read_hdf5_object(file, *found);
}

}  // namespace submask
