// Where data sets are published, with the digests that tell whether they came whole.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace submask {

struct CatalogFile {
  std::string url;
  std::string digest;  // "MD5 ..." or "SHA-256 ...", in small hex digits
  std::string path;    // what it is kept as, below the folder of --out
  bool is_archive;     // `path` is then the folder that it is unpacked as
};

struct CatalogSet {
  std::string name;
  std::string licence;
  std::string reader;    // NAME of NAME:LOCATION, as --data takes it
  std::string location;  // below the folder of --out; "": the folder itself
  std::vector<CatalogFile> files;
};

// The sets that submask knows, in the order of their names.
const std::vector<CatalogSet>& published_catalog();

// A catalogue of one's own, as docs/data.md describes it. Throws corrupt_file.
std::vector<CatalogSet> read_catalog(const std::filesystem::path& path);

}  // namespace submask
