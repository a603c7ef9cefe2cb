#include "parallel/process_group.h"

#include <dlfcn.h>
#include <filesystem>

#include "base/fail.h"
#include "parallel/process_place.h"

namespace submask {
namespace {

// The library lies in lib/submask beside the folder of the program, where it is installed and where
// it is built.
std::string library_path() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return (program.parent_path().parent_path() / "lib/submask/libsubmask_mpi.so").string();
}

template <typename Function>
Function* function_of(void* library, const char* name) {
  void* found = dlsym(library, name);
  if (found == nullptr)
    fail(ErrorKind::unavailable, "expected the libsubmask_mpi.so of this program, got one without ",
         name, ", in ", library_path());
  return reinterpret_cast<Function*>(found);
}

}  // namespace

ProcessGroup::ProcessGroup() {
  const auto place = process_place();
  if (!place) return;
  const std::string asked = text("one process of ", place->size, " (", place->variable, ")");
  if (place->launcher != Launcher::open_mpi)
    fail(ErrorKind::unavailable, "expected OpenMPI's mpirun or srun --mpi=pmix to start ", asked,
         ", got another launcher");
  void* library = dlopen(library_path().c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    fail(ErrorKind::unavailable,
         "expected libsubmask_mpi.so, which is built where OpenMPI is "
         "(libopenmpi-dev), for ",
         asked, ", got: ", in_one_line(reason));
  }
  Transport* transport = function_of<Transport*()>(library, "submask_mpi_join")();
  if (transport == nullptr) fail(ErrorKind::unavailable, "expected MPI for ", asked, ", got none");
  communicator_ = Communicator(std::unique_ptr<Transport>(transport));
  leave_ = function_of<void()>(library, "submask_mpi_leave");
  if (communicator_.size() != place->size)
    fail(ErrorKind::unavailable, "expected ", place->size, " processes (", place->variable,
         "), got ", communicator_.size(),
         " from MPI: mpirun belongs to another MPI than this "
         "program's");
  scope_.emplace(communicator_);
}

ProcessGroup::~ProcessGroup() {
  scope_.reset();
  communicator_ = Communicator();
  if (leave_ != nullptr) leave_();
}

}  // namespace submask
