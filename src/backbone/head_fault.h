// What is amiss with a head, for errors about a value and errors about a file.
#pragma once

#include <optional>
#include <string>

#include <submask/head.h>

namespace submask {

struct HeadFault {
  std::string expected, got;  // of an error's text
};

// None where shapes, and a bank's labels and numbers, are as head.h says.
std::optional<HeadFault> head_fault(const Head& head);

// Throws invalid_argument where there is one.
void check_head(const Head& head);

}  // namespace submask
