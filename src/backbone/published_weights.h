// Where each backbone's weights are published, as --weights takes it.
#pragma once

#include <string>

namespace submask {

// "hf:ORG/NAME" or an address with the file's SHA-256; "" for a backbone without a usual file. Of
// timm's weights those that timm itself takes where none are named.
std::string published_weights(const std::string& backbone);

}  // namespace submask
