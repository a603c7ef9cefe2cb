// Checks heads. A fault is used in errors about a value and in errors about a file.
#pragma once

#include <optional>
#include <string>

#include <submask/head.h>

namespace submask {

struct HeadFault {
  std::string expected, got;  // parts of an error's text
};

// Not set where the shapes, and the labels and numbers of a bank, are as head.h says.
std::optional<HeadFault> head_fault(const Head& head);

// Throws invalid_argument where the head has a fault.
void check_head(const Head& head);

}  // namespace submask
