#include "grid/grid_worker.h"

#include <cassert>
#include <chrono>
#include <thread>

namespace submask {

GridWorker::GridWorker(const Grid& grid, const std::vector<std::string>& names,
                       const std::filesystem::path& cells, const ComputeSettings& compute,
                       const std::string& job)
    : grid_(grid),
      names_(names),
      leases_(cells, {.job = job}),
      runner_(grid, names, cells, compute) {}

void GridWorker::run(const WorkerHooks& hooks) {
  for (bool waiting = true; waiting;) {
    waiting = false;
    bool ran = false;
    for (size_t cell = 0; cell < names_.size(); ++cell) {
      if (hooks.tick) hooks.tick();
      const CellState state = state_of(cell);
      waiting |= state == CellState::waiting;
      if (state != CellState::ready) continue;
      const Outcome outcome = take_and_run(cell, hooks);
      if (outcome == Outcome::stop) return;
      ran |= outcome == Outcome::ran;
      waiting |= outcome == Outcome::held;
    }
    if (waiting && !ran) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

GridWorker::CellState GridWorker::state_of(size_t cell) {
  if (ended_.contains(names_[cell])) return CellState::ended;
  if (std::filesystem::exists(runner_.files(cell).result)) {
    ended_.insert(names_[cell]);
    return CellState::ended;
  }
  const auto after = grid_.cells[cell].after;
  if (!after) return CellState::ready;
  assert(*after < cell);  // so that this ends
  const std::filesystem::path learned_result = runner_.files(*after).result;
  if (!std::filesystem::exists(learned_result)) {
    const CellState learning = state_of(*after);
    return learning == CellState::never ? CellState::never : CellState::waiting;
  }
  return read_cell_file(learned_result).cell.done ? CellState::ready : CellState::never;
}

GridWorker::Outcome GridWorker::take_and_run(size_t cell, const WorkerHooks& hooks) {
  const auto lease = leases_.take(names_[cell]);
  if (!lease) return Outcome::held;
  // Another worker may have run the cell after state_of() and before the lease was taken.
  if (std::filesystem::exists(runner_.files(cell).result)) return Outcome::ran;
  if (hooks.started) hooks.started(cell);
  runner_.run(cell, hooks.run);
  return !hooks.ended || hooks.ended(cell) ? Outcome::ran : Outcome::stop;
}

}  // namespace submask
