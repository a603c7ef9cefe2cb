#include "grid/cell_run.h"

#include <new>
#include <sys/utsname.h>
#include <thread>

#include <c10/util/Exception.h>

#include <submask/version.h>

#include "base/fail.h"
#include "base/output_file.h"
#include "grid/cell_name.h"
#include "run/epoch_metrics.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

bool writes_weights(const GridCell& cell) {
  const auto* learn = std::get_if<LearnSpec>(&cell.spec.work);
  return learn != nullptr && learns_weights(learn->method);
}

// The file of a cascade has the same name as that of a task, because both are read in the same way.
const char* learned_file_name(const GridCell& cell) {
  return writes_weights(cell) ? "learned.safetensors" : "learned.task";
}

std::string environment(const ComputeSettings& compute) {
  utsname machine{};
  uname(&machine);
  const ResultJson record = {{"commit", commit()},
                             {"version", version()},
                             {"host", machine.nodename},
                             {"cores", std::thread::hardware_concurrency()},
                             {"threads", compute.threads.value_or(0)},
                             {"device", compute.device}};
  return json_text(record);
}

}  // namespace

CellFiles::CellFiles(const fs::path& cells, const std::string& name, const GridCell& cell)
    : folder(cells / name),
      result(folder / "result.json"),
      learned(folder / learned_file_name(cell)),
      checkpoint(folder / "checkpoint"),
      epochs(folder / "epochs.json") {}

RunSpec linked_spec(const Grid& grid, const std::vector<std::string>& names, const fs::path& cells,
                    size_t cell) {
  RunSpec spec = grid.cells[cell].spec;
  const auto after = grid.cells[cell].after;
  if (!after) return spec;
  const std::string learned = CellFiles(cells, names[*after], grid.cells[*after]).learned.string();
  if (writes_weights(grid.cells[*after]))
    spec.backbone.weights = learned;
  else
    std::get<MeasureSpec>(spec.work).task = learned;
  return spec;
}

void CellRunner::run(size_t cell, const RunHooks& hooks) {
  const CellFiles paths = files(cell);
  make_folder(paths.folder);
  CellFile file;
  file.cell = {names_[cell], false, command_line(linked_spec(grid_, names_, cells_, cell)),
               "",           "",    environment(compute_)};
  try {
    file.cell.result = json_text(run_named(cell, hooks, file.epochs));
    file.cell.done = true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::stopped) throw;
    file.cell.error = error.what();
  } catch (const c10::Error& error) {
    file.cell.error = error.what_without_backtrace();
  } catch (const std::bad_alloc&) {
    file.cell.error = "out of memory";
  } catch (const std::exception& error) {
    file.cell.error = error.what();
  }
  write_cell_file(paths.result, file);
  if (!file.cell.done) return;
  fs::remove_all(paths.checkpoint);
  fs::remove(paths.epochs);
}

// Threads and device of this process, which are in no name.
void CellRunner::set_compute(RunSpec& spec) const {
  spec.compute.threads = compute_.threads;
  if (spec.compute.device == ComputeSettings().device) spec.compute.device = compute_.device;
}

// Throws where the cell no longer has the name that it was planned by.
void CellRunner::check_name(size_t cell) {
  RunSpec spec = grid_.cells[cell].spec;
  set_compute(spec);
  const auto after = grid_.cells[cell].after;
  if (cell_name(grid_.version, spec, after ? names_[*after] : "", opened_) != names_[cell])
    fail(ErrorKind::unavailable,
         "expected the network, images and files by which the cell was named, got others: one has "
         "changed since the grid began");
}

// Runs a cell between two looks at its name. The first is at what this process has open, which it
// may have opened long after the cells were planned. The second is at the files as they are after
// the run, which has read tasks, prompts and images in between.
ResultJson CellRunner::run_named(size_t cell, const RunHooks& hooks,
                                 std::vector<EpochMetrics>& epochs) {
  check_name(cell);
  ResultJson result = run_with_epochs(cell, hooks, epochs);
  opened_.close_data();
  try {
    check_name(cell);
  } catch (const Error&) {
    epochs.clear();
    fs::remove_all(files(cell).folder);
    make_folder(files(cell).folder);
    // Features may have been kept under the digest of other images.
    fs::remove_all(cells_ / "features");
    throw;
  }
  return result;
}

// The spec of the cell with the paths of its files. Features are kept for other cells that measure
// the same network with the same data and transform.
RunSpec CellRunner::spec_to_run(size_t cell) const {
  RunSpec spec = linked_spec(grid_, names_, cells_, cell);
  set_compute(spec);
  const CellFiles paths = files(cell);
  if (std::holds_alternative<MeasureSpec>(spec.work)) {
    spec.feature_cache = (cells_ / "features").string();
    return spec;
  }
  spec.learn()->out = paths.learned.string();
  spec.learn()->change("checkpoint", paths.checkpoint.string());
  return spec;
}

// Runs a cell. For one that learns a single task, it also collects the numbers of every epoch. A
// run that goes on from a checkpoint reports only its own epochs, so the earlier ones are kept in a
// file.
ResultJson CellRunner::run_with_epochs(size_t cell, const RunHooks& hooks,
                                       std::vector<EpochMetrics>& epochs) {
  const RunSpec spec = spec_to_run(cell);
  if (!std::holds_alternative<LearnSpec>(spec.work)) return run_opened(spec, hooks, opened_);
  const fs::path path = files(cell).epochs;
  CellFile epochs_file;
  if (fs::exists(path)) epochs_file = read_cell_file(path);
  RunHooks recording_hooks = hooks;
  recording_hooks.training = [&](const std::string& stage) {
    TrainHooks training = hooks.training ? hooks.training(stage) : TrainHooks();
    training.progress = [&, inner = training.progress](const TrainProgress& progress) {
      if (inner) inner(progress);
      if (!progress.epoch_done) return;
      std::erase_if(epochs_file.epochs,
                    [&](const EpochMetrics& each) { return each.epoch >= progress.epoch; });
      epochs_file.epochs.push_back({progress.epoch, json_text(epoch_metrics(progress))});
      write_cell_file(path, epochs_file);
    };
    return training;
  };
  ResultJson result = run_opened(spec, recording_hooks, opened_);
  epochs = epochs_file.epochs;
  return result;
}

}  // namespace submask
