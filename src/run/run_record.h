// A run in a record: what gives it its numbers, and the command that does the same.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include <submask/run.h>

#include "run/opened.h"

namespace submask {

// Everything that changes the result or which files there are: settings as they are resolved,
// digests of weights and images. `after`: what says the same of the run whose task is measured;
// "": none. Opens network and data, and throws as that does.
nlohmann::json run_record(const RunSpec& spec, const std::string& after, Opened& opened);

}  // namespace submask
