// Networks that no backbone here is, told by the names of their tensors.
#pragma once

#include <string>
#include <vector>

namespace submask {

// "names as in Swin Transformers, which no backbone here is": a sentence's part for an error; ""
// for names that are not known.
std::string foreign_network(const std::vector<std::string>& names);

}  // namespace submask
