#include "cli/grid_worker.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <set>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>

#include "cli/cell_run.h"
#include "cli/output/progress_line.h"
#include "grid/run_lease.h"

namespace submask::cli {
namespace {

enum class Outlook { ended, ready, waiting, never };

class Worker {
 public:
  Worker(const Grid& grid, const std::vector<std::string>& names,
         const std::filesystem::path& cells, const SharedOptions& shared)
      : grid_(grid), names_(names), leases_(cells), runner_(grid, names, cells, shared) {}

  void run() {
    for (bool waiting = true; waiting;) {
      waiting = false;
      bool ran = false;
      for (size_t cell = 0; cell < names_.size(); ++cell) {
        throw_if_interrupted();
        const Outlook outlook = outlook_of(cell);
        if (outlook == Outlook::ready && take_and_run(cell))
          ran = true;
        else if (outlook == Outlook::ready || outlook == Outlook::waiting)
          waiting = true;
      }
      if (waiting && !ran) std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }

 private:
  Outlook outlook_of(size_t cell) {
    if (ended_.contains(names_[cell])) return Outlook::ended;
    if (std::filesystem::exists(runner_.places(cell).result)) {
      ended_.insert(names_[cell]);
      return Outlook::ended;
    }
    const auto after = grid_.cells[cell].after;
    if (!after) return Outlook::ready;
    const std::filesystem::path learned = runner_.places(*after).result;
    if (!std::filesystem::exists(learned)) {
      const Outlook before = outlook_of(*after);
      return before == Outlook::never ? before : Outlook::waiting;
    }
    return read_cell_file(learned).cell.done ? Outlook::ready : Outlook::never;
  }

  // False where another worker has it.
  bool take_and_run(size_t cell) {
    const auto lease = leases_.take(names_[cell]);
    if (!lease) return false;
    // Between the look and the lease another may have ended it.
    if (std::filesystem::exists(runner_.places(cell).result)) return true;
    tell("start", cell);
    runner_.run(cell);
    tell("end", cell);
    return true;
  }

  void tell(const char* what, size_t cell) const {
    std::printf("%s %s\n", what, names_[cell].c_str());
    std::fflush(stdout);
  }

  const Grid& grid_;
  const std::vector<std::string>& names_;
  LeaseFolder leases_;
  CellRunner runner_;
  std::set<std::string> ended_;
};

}  // namespace

void work(const Grid& grid, const std::vector<std::string>& names,
          const std::filesystem::path& cells, const SharedOptions& shared) {
  // With a parent that was killed a worker stops too, after a checkpoint.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  catch_interrupts();
  Worker(grid, names, cells, shared).run();
}

}  // namespace submask::cli
