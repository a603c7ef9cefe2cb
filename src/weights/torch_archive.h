// The two containers that PyTorch saves to. They hold one pickled object and the storages that it
// refers to.
//
// zip: ROOT/data.pkl, ROOT/data/KEY for each storage, ROOT/byteorder. TorchScript's zip also has
// ROOT/constants.pkl and ROOT/code/, which are not read. Legacy (before PyTorch 1.6): five pickles
// (magic number, version, system, the object, the storages' keys), then for each storage the number
// of its elements and the elements.
#pragma once

#include <map>
#include <string>

#include "base/file.h"
#include "weights/pickle.h"

namespace submask {

struct TorchArchive {
  Pickle object;
  bool is_script = false;                 // TorchScript: the object is a module
  std::map<std::string, Bytes> storages;  // by key
};

// A storage as the pickled object refers to it: ("storage", TYPE, KEY, LOCATION, COUNT, VIEW),
// where VIEW is missing, None or (KEY, OFFSET, COUNT) and counts are of elements.
struct StorageReference {
  std::string type;  // "torch.FloatStorage"
  std::string key;
  uint64_t offset = 0;  // of its first element among the stored ones
  uint64_t count = 0;
  uint64_t stored_count = 0;
};

// The text of a node. Throws corrupt_file for a text that is too long for a name, which a pickle
// could repeat for a byte or two each time.
const std::string& short_text(const PickleNode& node, const std::string& file);

// Whether a persistent id is that of a storage; legacy files refer to the sources of classes too.
bool is_storage_reference(const PickleNode& node);

// Throws corrupt_file for any other persistent id.
StorageReference read_storage_reference(const PickleNode& node, const std::string& file);

// Bytes of one element of a storage type; throws corrupt_file for a type that is not read here.
uint64_t storage_element_bytes(const StorageReference& reference, const std::string& file);

bool looks_like_pickle(Bytes bytes);

// Both throw corrupt_file, naming `file`.
TorchArchive read_torch_zip(Bytes bytes, const std::string& file);
TorchArchive read_torch_legacy(Bytes bytes, const std::string& file);

}  // namespace submask
