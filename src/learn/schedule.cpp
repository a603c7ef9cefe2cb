#include "learn/schedule.h"

#include <cassert>
#include <cmath>
#include <numbers>

namespace submask {

double rate_share(Schedule schedule, double t, double warmup_epochs, double epochs) {
  assert(t >= 0);
  if (t < warmup_epochs) return t / warmup_epochs;
  if (schedule == Schedule::constant || epochs <= warmup_epochs) return 1;
  return 0.5 * (1 + std::cos(std::numbers::pi * (t - warmup_epochs) / (epochs - warmup_epochs)));
}

}  // namespace submask
