// The record of a run, which gives a cell of a grid its name.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include <submask/run.h>

#include "base/fields.h"
#include "run/opened.h"

namespace submask {

// The options that have one of the effects, of the files that they name the content.
nlohmann::json options_record(const RunSpec& spec, const std::vector<Effect>& effects);

// Returns everything that changes the result of a run or the files that it writes: its resolved
// settings and the digests of weights and images. `after` is a name for the run whose task is
// measured (grids give that of its cell); "": none. Throws as check_run()
// (run_check.h).
nlohmann::json run_record(const RunSpec& spec, const std::string& after, Opened& opened);

// Makes the clip head of a run that has one, so that mistakes in its files show before the run.
void check_texts(const RunSpec& spec, Opened& opened);

}  // namespace submask
