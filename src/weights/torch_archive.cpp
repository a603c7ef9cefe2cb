#include "weights/torch_archive.h"

#include <algorithm>

#include "base/byte_cursor.h"
#include "base/checked.h"
#include "base/quoted_name.h"
#include "weights/torch_dtypes.h"
#include "weights/zip_archive.h"

namespace submask {
namespace {

using Kind = PickleNode::Kind;

constexpr uint8_t pickle_start = 0x80;  // the instruction that names the protocol
constexpr std::string_view legacy_magic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

uint64_t read_count(const PickleNode& node, const std::string& file) {
  if (!node.is(Kind::integer) || node.integer < 0) {
    fail_corrupt("the count of a storage", "another value", file);
  }
  return static_cast<uint64_t>(node.integer);
}

// The folder that holds data.pkl, with its slash.
std::string find_root(const std::vector<ZipEntry>& entries, const std::string& file) {
  constexpr std::string_view pickle_name = "data.pkl";
  std::string root;
  for (const ZipEntry& entry : entries) {
    if (root.empty() && entry.name.ends_with(text("/", pickle_name))) {
      root = entry.name.substr(0, entry.name.size() - pickle_name.size());
    }
  }
  if (root.empty()) fail_corrupt("a PyTorch checkpoint", "a zip archive without data.pkl", file);
  return root;
}

void collect_storages(const Pickle& object, std::map<std::string, StorageReference>& references,
                      const std::string& file) {
  for (const PickleNode& node : object.nodes) {
    if (!is_storage_reference(node)) continue;
    const StorageReference reference = read_storage_reference(node, file);
    references.emplace(reference.key, reference);
  }
}

Bytes content(const ZipEntry& entry, const std::string& file) {
  if (!entry.stored) {
    fail_corrupt("uncompressed entries as PyTorch writes them",
                 text("a compressed ", quoted_name(entry.name)), file);
  }
  return entry.data;
}

void check_byte_order(Bytes content, const std::string& file) {
  const std::string order(content.begin(), content.begin() + std::min<size_t>(content.size(), 16));
  if (order != "little") fail_corrupt("little-endian tensors", quoted_name(order), file);
}

void check_little_endian(const PickleNode& system, const std::string& file) {
  for (const auto& [key, value] : system.entries) {
    if (key->text == "little_endian" && value->integer == 0) {
      fail_corrupt("little-endian tensors", "big-endian ones", file);
    }
  }
}

}  // namespace

const std::string& short_text(const PickleNode& node, const std::string& file) {
  constexpr size_t longest = 1000;
  if (node.text.size() > longest) {
    fail_corrupt(text("a name of at most ", longest, " bytes"), node.text.size(), file);
  }
  return node.text;
}

bool is_storage_reference(const PickleNode& node) {
  if (!node.is(Kind::persistent)) return false;
  const PickleNode& id = *node.items.at(0);
  return id.is(Kind::tuple) && id.items.size() >= 5 && id.items[0]->text == "storage" &&
         id.items[1]->is(Kind::global) && id.items[2]->is(Kind::text);
}

StorageReference read_storage_reference(const PickleNode& node, const std::string& file) {
  if (!is_storage_reference(node)) fail_corrupt("a storage", "another value", file);
  const PickleNode& id = *node.items[0];
  StorageReference reference;
  reference.type = short_text(*id.items[1], file);
  reference.key = short_text(*id.items[2], file);
  reference.stored_count = read_count(*id.items[4], file);
  reference.count = reference.stored_count;
  if (id.items.size() < 6 || id.items[5]->is(Kind::none)) return reference;
  const PickleNode& view = *id.items[5];
  if (view.items.size() != 3) fail_corrupt("a view of a storage", "another value", file);
  reference.offset = read_count(*view.items[1], file);
  reference.count = read_count(*view.items[2], file);
  if (checked_add(reference.offset, reference.count, file) > reference.stored_count) {
    fail_corrupt("a view inside its storage", "one that is larger", file);
  }
  return reference;
}

uint64_t storage_element_bytes(const StorageReference& reference, const std::string& file) {
  for (const TorchDtype& dtype : torch_dtypes) {
    if (dtype.storage == reference.type) return dtype.element_bytes;
  }
  fail_corrupt("a storage of plain numbers", shown_name(reference.type), file);
}

bool looks_like_pickle(Bytes bytes) { return bytes.size() >= 2 && bytes[0] == pickle_start; }

TorchArchive read_torch_zip(Bytes bytes, const std::string& file) {
  const std::vector<ZipEntry> entries = read_zip_directory(bytes, file);
  const std::string root = find_root(entries, file);
  const std::string data = root + "data/";
  TorchArchive archive;
  Bytes object;
  for (const ZipEntry& entry : entries) {
    if (!entry.name.starts_with(root)) continue;
    archive.is_script |= entry.name == root + "constants.pkl";
    if (entry.name == root + "data.pkl") {
      object = content(entry, file);
    } else if (entry.name == root + "byteorder") {
      check_byte_order(content(entry, file), file);
    } else if (entry.name.starts_with(data)) {
      archive.storages[entry.name.substr(data.size())] = content(entry, file);
    }
  }
  archive.object = read_pickle(object, file);
  return archive;
}

TorchArchive read_torch_legacy(Bytes bytes, const std::string& file) {
  size_t position = 0;
  const auto next = [&] {
    Pickle pickle = read_pickle(bytes.subspan(position), file);
    position += pickle.size_bytes;
    return pickle;
  };
  const Pickle magic = next();
  if (!magic.root->is(Kind::big_integer) || magic.root->text != legacy_magic) {
    const auto& calls = magic.unusual_calls;
    fail_corrupt("a PyTorch checkpoint",
                 calls.empty() ? "a pickle of something else"
                               : text("a pickle that asks for a call of ", *calls.begin(),
                                      ", which is not executed"),
                 file);
  }
  constexpr int64_t legacy_version = 1001;
  const Pickle version = next();
  if (!version.root->is(Kind::integer) || version.root->integer != legacy_version) {
    fail_corrupt(text("version ", legacy_version, " of the legacy format"), "another", file);
  }
  check_little_endian(*next().root, file);

  TorchArchive archive;
  archive.object = next();
  std::map<std::string, StorageReference> references;
  collect_storages(archive.object, references, file);
  const Pickle keys = next();
  ByteCursor cursor(bytes.subspan(position), file);
  for (const PickleNode* key : keys.root->items) {
    const auto found = references.find(key->text);
    if (found == references.end()) {
      fail_corrupt("storages that tensors refer to", quoted_name(key->text), file);
    }
    const auto count = cursor.number<uint64_t>();
    if (count != found->second.stored_count) {
      fail_corrupt(text(found->second.stored_count, " elements in a storage"), count, file);
    }
    const uint64_t element_bytes = storage_element_bytes(found->second, file);
    archive.storages[key->text] = cursor.take(checked_multiply(count, element_bytes, file));
  }
  return archive;
}

}  // namespace submask
