// The Python functions that a pickle may call. None of them is executed: a call becomes a node.
#pragma once

#include <string>

namespace submask {

bool is_listed_call(const std::string& function);  // "module.name"

}  // namespace submask
