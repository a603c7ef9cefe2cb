// The processes that mpirun or srun started together, from the first call of MPI to the last.
#pragma once

#include <optional>

#include "parallel/communicator.h"

namespace submask {

class ProcessGroup {
 public:
  // Joins the other processes where this one was started as one of several (process_place.h), and
  // loads MPI for that. Throws unavailable where that cannot be.
  ProcessGroup();
  // Leaves the others, which do the same; waits for them.
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  const Communicator& communicator() const { return communicator_; }

 private:
  Communicator communicator_;
  void (*leave_)() = nullptr;
  std::optional<CommunicatorScope> scope_;
};

}  // namespace submask
