// What users ask of Slurm for the tasks of a grid.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"

namespace submask {

struct SlurmSettings {
  int64_t gpus_per_task = 0;
  std::string time, partition, account, constraint;
  std::vector<std::string> sbatch;
};

const Fields<SlurmSettings>& slurm_fields();

// What stands after "#SBATCH " in a script. A word of the user's own comes after the others, so
// that it wins. Throws invalid_argument for a word with a line break.
std::vector<std::string> sbatch_settings(const SlurmSettings& settings);

}  // namespace submask
