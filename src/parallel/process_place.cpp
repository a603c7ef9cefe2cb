#include "parallel/process_place.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/fail.h"

namespace submask {
namespace {

using Environment = std::function<const char*(const char*)>;

struct Variables {
  const char* size;
  const char* rank;
  const char* local_rank;
  const char* local_size;
  const char* needed;  // set only by this launcher; "": none
  Launcher launcher;
};

// Slurm's tasks of each node are a list, "2(x3),1", of which the first number counts here.
std::optional<int> first_number(const Environment& environment, const char* name) {
  const char* value = *name != '\0' ? environment(name) : nullptr;
  const int parsed = value != nullptr ? std::atoi(value) : 0;
  return parsed > 0 ? std::optional(parsed) : std::nullopt;
}

// The first whose size is set counts. Slurm sets the variables of a step for a batch script too, as
// one of one.
constexpr Variables known[] = {
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK",
     "OMPI_COMM_WORLD_LOCAL_SIZE", "", Launcher::open_mpi},
    {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_STEP_TASKS_PER_NODE",
     "PMIX_RANK", Launcher::open_mpi},
    {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_LOCALID", "", "", Launcher::other},
    {"PMI_SIZE", "PMI_RANK", "MPI_LOCALRANKID", "MPI_LOCALNRANKS", "", Launcher::other},
    {"WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "", Launcher::other},
};

std::optional<int> number(const Environment& environment, const char* name) {
  const char* value = *name != '\0' ? environment(name) : nullptr;
  if (value == nullptr || *value == '\0') return std::nullopt;
  const std::string_view digits = value;
  int parsed = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
  if (error != std::errc() || end != digits.data() + digits.size() || parsed < 0)
    fail_argument(text("a number in ", name), value);
  return parsed;
}

}  // namespace

std::optional<ProcessPlace> process_place(const Environment& environment) {
  for (const Variables& names : known) {
    if (*names.needed != '\0' && environment(names.needed) == nullptr) continue;
    const std::optional<int> size = number(environment, names.size);
    if (!size) continue;
    if (*size == 1) return std::nullopt;
    const std::optional<int> rank = number(environment, names.rank);
    if (!rank || *rank >= *size)
      fail_argument(text(names.rank, " below ", names.size, " ", *size),
                    rank ? text(*rank) : text("none (unset ", names.size, " for one process)"));
    return ProcessPlace{*rank,
                        *size,
                        number(environment, names.local_rank).value_or(0),
                        first_number(environment, names.local_size).value_or(1),
                        names.launcher,
                        names.size};
  }
  return std::nullopt;
}

std::optional<ProcessPlace> process_place() {
  return process_place([](const char* name) { return std::getenv(name); });
}

}  // namespace submask
