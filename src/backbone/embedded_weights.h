// Finds the weights that come with submask.
#pragma once

#include <filesystem>
#include <string>

namespace submask {

// Returns the first NAME.safetensors in these folders: $SUBMASK_ASSETS, the assets of the source
// tree and of the installation that this was built for, and ../share/submask relative to the folder
// of the running program. Throws unavailable that names the folders, where none has the file.
std::filesystem::path embedded_weights(const std::string& name);

}  // namespace submask
