#include "grid/cell_run.h"

#include <new>
#include <sys/utsname.h>
#include <thread>

#include <c10/util/Exception.h>

#include <submask/version.h>

#include "base/fail.h"
#include "run/epoch_metrics.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

bool writes_weights(const GridCell& cell) {
  const auto* learn = std::get_if<LearnSpec>(&cell.spec.work);
  return learn != nullptr && learns_all_weights(learn->method);
}

// A cascade's too is read as a task's.
const char* learned_name(const GridCell& cell) {
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
      learned(folder / learned_name(cell)),
      checkpoint(folder / "checkpoint"),
      epochs(folder / "epochs.json") {}

void CellRunner::run(size_t cell, const RunHooks& hooks) {
  const CellFiles places = files(cell);
  fs::create_directories(places.folder);
  CellFile file;
  file.cell = {names_[cell], false, command_line(grid_.cells[cell].spec),
               "",           "",    environment(compute_)};
  try {
    file.cell.result = json_text(run_logged(cell, hooks, file.epochs));
    file.cell.done = true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted) throw;
    file.cell.error = error.what();
  } catch (const c10::Error& error) {
    file.cell.error = error.what_without_backtrace();
  } catch (const std::bad_alloc&) {
    file.cell.error = "out of memory";
  } catch (const std::exception& error) {
    file.cell.error = error.what();
  }
  write_cell_file(places.result, file);
  if (!file.cell.done) return;
  fs::remove_all(places.checkpoint);
  fs::remove(places.epochs);
}

// The cell's spec with the places where its files go. Features of one network, data and transform
// are kept for the other cells that look at them.
RunSpec CellRunner::spec_to_run(size_t cell) const {
  RunSpec spec = grid_.cells[cell].spec;
  spec.compute.threads = compute_.threads;
  if (spec.compute.device == ComputeSettings().device) spec.compute.device = compute_.device;
  const CellFiles places = files(cell);
  if (auto* measure = std::get_if<MeasureSpec>(&spec.work)) {
    spec.feature_cache = (cells_ / "features").string();
    if (const auto after = grid_.cells[cell].after) {
      const std::string learned = files(*after).learned.string();
      (writes_weights(grid_.cells[*after]) ? spec.backbone.weights : measure->task) = learned;
    }
    return spec;
  }
  spec.learn()->out = places.learned.string();
  spec.learn()->change("checkpoint", places.checkpoint.string());
  return spec;
}

// With the numbers of each epoch of a run that learns one task. A run that goes on from a
// checkpoint tells only of its own epochs.
ResultJson CellRunner::run_logged(size_t cell, const RunHooks& hooks,
                                  std::vector<EpochMetrics>& epochs) {
  const RunSpec spec = spec_to_run(cell);
  if (!std::holds_alternative<LearnSpec>(spec.work)) return run_opened(spec, hooks, opened_);
  const fs::path path = files(cell).epochs;
  CellFile so_far;
  if (fs::exists(path)) so_far = read_cell_file(path);
  RunHooks logged = hooks;
  logged.training = [&](const std::string& stage) {
    TrainHooks training = hooks.training ? hooks.training(stage) : TrainHooks();
    training.progress = [&, show = training.progress](const TrainProgress& progress) {
      if (show) show(progress);
      if (!progress.epoch_done) return;
      std::erase_if(so_far.epochs,
                    [&](const EpochMetrics& each) { return each.epoch >= progress.epoch; });
      so_far.epochs.push_back({progress.epoch, json_text(epoch_metrics(progress))});
      write_cell_file(path, so_far);
    };
    return training;
  };
  ResultJson result = run_opened(spec, logged, opened_);
  epochs = so_far.epochs;
  return result;
}

}  // namespace submask
