// Which Python functions a pickle may call. None of them is executed: a call of one is a node to be
// read.
#pragma once

#include <string>

namespace submask {

bool is_listed_call(const std::string& function);  // "module.name"

}  // namespace submask
