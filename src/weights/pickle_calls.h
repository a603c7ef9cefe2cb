// The Python functions that checkpoints call. None of them is executed: a call becomes a node. A
// call of another function is told to the user, who may not have known that the file asks for it.
#pragma once

#include <string>

namespace submask {

bool is_usual_call(const std::string& function);  // "module.name"

}  // namespace submask
