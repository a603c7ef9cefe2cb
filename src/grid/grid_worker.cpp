#include "grid/grid_worker.h"

#include <chrono>
#include <thread>

namespace submask {

GridWorker::GridWorker(const Grid& grid, const std::vector<std::string>& names,
                       const std::filesystem::path& cells, const ComputeSettings& compute)
    : grid_(grid), names_(names), leases_(cells), runner_(grid, names, cells, compute) {}

void GridWorker::run(const WorkerHooks& hooks) {
  for (bool waiting = true; waiting;) {
    waiting = false;
    bool ran = false;
    for (size_t cell = 0; cell < names_.size(); ++cell) {
      if (hooks.tick) hooks.tick();
      const Outlook outlook = outlook_of(cell);
      waiting |= outlook == Outlook::waiting;
      if (outlook != Outlook::ready) continue;
      const Outcome outcome = take_and_run(cell, hooks);
      if (outcome == Outcome::enough) return;
      ran |= outcome == Outcome::ran;
      waiting |= outcome == Outcome::held;
    }
    if (waiting && !ran) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

GridWorker::Outlook GridWorker::outlook_of(size_t cell) {
  if (ended_.contains(names_[cell])) return Outlook::ended;
  if (std::filesystem::exists(runner_.files(cell).result)) {
    ended_.insert(names_[cell]);
    return Outlook::ended;
  }
  const auto after = grid_.cells[cell].after;
  if (!after) return Outlook::ready;
  const std::filesystem::path learned = runner_.files(*after).result;
  if (!std::filesystem::exists(learned)) {
    const Outlook before = outlook_of(*after);
    return before == Outlook::never ? before : Outlook::waiting;
  }
  return read_cell_file(learned).cell.done ? Outlook::ready : Outlook::never;
}

GridWorker::Outcome GridWorker::take_and_run(size_t cell, const WorkerHooks& hooks) {
  const auto lease = leases_.take(names_[cell]);
  if (!lease) return Outcome::held;
  // Between the look and the lease another may have ended it.
  if (std::filesystem::exists(runner_.files(cell).result)) return Outcome::ran;
  if (hooks.started) hooks.started(cell);
  runner_.run(cell, hooks.run);
  return !hooks.ended || hooks.ended(cell) ? Outcome::ran : Outcome::enough;
}

}  // namespace submask
