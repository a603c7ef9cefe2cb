// One run of `submask cascade`: learns, measures, writes the cascade.
#pragma once

#include <string>

#include "cli/option/cascade_options.h"

namespace submask::cli {

// Where the result goes.
std::string default_out(const CascadeOptions& options);

// What --json prints.
Json learn_cascade(Backbone& backbone, const CascadeOptions& options, OpenedData& opened);

}  // namespace submask::cli
