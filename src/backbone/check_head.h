// Checks heads in memory.
#pragma once

#include <submask/head.h>

namespace submask {

// Throws invalid_argument where shapes, and the labels and numbers of a bank, are not as head.h
// says.
void check_head(const Head& head);

}  // namespace submask
