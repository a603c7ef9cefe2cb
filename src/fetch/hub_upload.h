// Files put onto the Hugging Face hub, by its HTTP interface.
#pragma once

#include <string>
#include <vector>

#include "fetch/hub_files.h"

namespace submask {

struct UploadedFile {
  std::string path;  // in the repository
  std::string content;
};

struct HubCommit {
  std::string message;
  std::vector<UploadedFile> files;
  bool is_private = false;  // of a repository that is not there yet
};

// The files that a model has; none where it is not there yet. Needs no token for a public one.
std::vector<std::string> list_hub_files(const HubSpec& spec);

// Makes the model where it is not there, and one commit of the files on its revision; large files
// go where the hub says (git LFS). Returns the commit's address. Throws io: no token, no right, no
// network.
std::string upload_to_hub(const HubSpec& spec, const HubCommit& commit);

}  // namespace submask
