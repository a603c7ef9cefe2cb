// Which of how many processes this one is, as the program that started it says. No LibTorch.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace submask {

enum class Launcher {
  open_mpi,  // mpirun of OpenMPI, or srun --mpi=pmix
  other      // processes that cannot reach each other through OpenMPI
};

struct ProcessPlace {
  int rank = 0;
  int size = 1;
  int local_rank = 0;  // among the processes on this machine
  int local_size = 1;
  Launcher launcher = Launcher::open_mpi;
  std::string variable;  // that told the size
};

// Reads the variables of OpenMPI (OMPI_COMM_WORLD_SIZE, ...), PMIx under Slurm (PMIX_RANK,
// SLURM_STEP_NUM_TASKS, ...), Slurm alone, MPICH (PMI_SIZE), and RANK, WORLD_SIZE, LOCAL_RANK as
// torchrun sets them. Nothing where the process was started alone. Throws invalid_argument for
// numbers that cannot be.
std::optional<ProcessPlace> process_place(
    const std::function<const char*(const char*)>& environment);
std::optional<ProcessPlace> process_place();  // by this process's environment

}  // namespace submask
