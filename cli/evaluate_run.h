// One run of `submask evaluate`.
#pragma once

#include <optional>

#include "cli/adaptation.h"
#include "cli/option/evaluate_options.h"

namespace submask::cli {

// Measures a backbone, or a task over it: what --json prints.
Json evaluate_one(Backbone& backbone, EvaluateOptions options,
                  const std::optional<Adaptation>& task, OpenedData& opened);

}  // namespace submask::cli
