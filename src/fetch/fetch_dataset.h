// Data sets as a catalogue names them, fetched into a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fetch/dataset_catalog.h"

namespace submask {

struct FetchedFile {
  CatalogFile file;
  bool was_there = false;
  std::optional<uint64_t> bytes = {};  // as the server states them, of a file that was not there
};

// Fetches what is not in `folder` yet. fetch_hooks() are told of each address with its size, digest
// and licence before the first byte is fetched. Bytes of another digest are not kept. An archive
// is unpacked beside its place and moved there when it is whole, then removed. A killed fetch goes
// on where it was, and of several processes one works. Throws as fetch_weights().
std::vector<FetchedFile> fetch_dataset(const CatalogSet& set, const std::filesystem::path& folder);

}  // namespace submask
