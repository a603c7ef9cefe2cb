// What is wrong with a value, to be told in an error about a request or about a file.
#pragma once

#include <string>

namespace submask {

struct Fault {
  std::string expected, got;  // parts of an error's text
};

}  // namespace submask
