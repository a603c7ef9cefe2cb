// Whether the processes of a run were asked for the same.
#pragma once

#include <string>

#include "parallel/communicator.h"

namespace submask {

// Compares a record, the text of a JSON object, of all processes. Collective. Throws
// invalid_argument, which names the first field of rank 0's record that differs, its value there,
// and the rank with another value.
void check_records_agree(const Communicator& processes, const std::string& record);

}  // namespace submask
