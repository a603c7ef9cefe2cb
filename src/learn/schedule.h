// The rate over a run: linear warm-up, then cosine or constant.
#pragma once

#include <submask/train_settings.h>

namespace submask {

// Returns the share of the full rate at time t in epochs (0 < t <= epochs): t / warmup during the
// warm-up, then (1 + cos(pi (t - warmup) / (epochs - warmup))) / 2, or 1 for a constant rate.
double rate_share(Schedule schedule, double t, double warmup_epochs, double epochs);

}  // namespace submask
