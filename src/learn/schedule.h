// The rate over a run: linear warm-up, then cosine or constant.
#pragma once

#include <submask/train_settings.h>

namespace submask {

// The share of the full rate at time t in epochs (0 < t <= epochs): t / warmup while warming up,
// then (1 + cos(pi (t - warmup) / (epochs - warmup))) / 2 or 1.
double rate_share(Schedule schedule, double t, double warmup_epochs, double epochs);

}  // namespace submask
