#include "learn/schedule.h"

#include <cmath>
#include <numbers>

#include "base/fail.h"

namespace submask {

double rate_share(const std::string& schedule, double t, double warmup_epochs, double epochs) {
  if (schedule != "cosine" && schedule != "constant")
    fail_argument("a schedule: cosine or constant", schedule);
  if (t < warmup_epochs) return t / warmup_epochs;
  if (schedule == "constant" || epochs <= warmup_epochs) return 1;
  return 0.5 * (1 + std::cos(std::numbers::pi * (t - warmup_epochs) / (epochs - warmup_epochs)));
}

}  // namespace submask
