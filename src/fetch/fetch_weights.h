// Weights that users name by where they are published.
#pragma once

#include <string>

namespace submask {

// The file or folder that --weights names, on this machine. A path is returned as it is, and
// nothing is fetched for it. Otherwise what is not in a cache yet is fetched:
//   hf:ORG/NAME[@REVISION][:FILE]  from the Hugging Face hub, into its own cache (hub_files.h)
//   https://HOST/.../FILE          with its SHA-256 in its path, into PyTorch's cache (url_files.h)
//   auto                           `published`, which is one of both
// Throws invalid_argument for another form, io where the network, the server or the disk fails,
// corrupt_file for bytes with another digest.
std::string fetch_weights(const std::string& weights, const std::string& published,
                          const std::string& backbone);

}  // namespace submask
