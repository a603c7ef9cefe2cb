// The record of a run: everything that changes its result.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include <submask/run.h>

#include "run/opened.h"

namespace submask {

// Everything that changes the result of a run or the files that it writes: its resolved settings
// and the digests of weights and images. `after` stands for the run whose task is measured (grids
// give the name of its cell); "": none. Opens network and data, and throws as that does.
nlohmann::json run_record(const RunSpec& spec, const std::string& after, Opened& opened);

}  // namespace submask
