// The weights that come with submask, wherever it runs from.
#pragma once

#include <filesystem>
#include <string>

namespace submask {

// The first NAME.safetensors in: $SUBMASK_ASSETS, the source tree this was built from, the folder
// it was installed to, ../share/submask beside the running program. Throws unavailable, naming them
// all.
std::filesystem::path embedded_weights(const std::string& name);

}  // namespace submask
