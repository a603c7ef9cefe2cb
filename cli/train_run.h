// One run of `submask train`: learns, measures, writes what was learned.
#pragma once

#include <functional>
#include <string>

#include "cli/option/train_options.h"

namespace submask::cli {

// Where the result goes.
std::string default_out(const TrainOptions& options);

// What a run learns from. Without labels that is every training image; --labels then chooses those
// that the result is measured by.
InputOptions learned_input(const TrainOptions& options);

using EpochHook = std::function<void(const TrainProgress&)>;

// What --json prints.
Json train_one(Backbone& backbone, const TrainOptions& options, OpenedData& opened,
               const EpochHook& epoch_done = {});

}  // namespace submask::cli
