#include "cli/cell_run.h"

#include <algorithm>
#include <new>
#include <sys/utsname.h>
#include <thread>

#include <c10/util/Exception.h>

#include <submask/error.h>
#include <submask/version.h>

#include "cli/cascade_learning.h"
#include "cli/evaluate_run.h"
#include "cli/output/epoch_metrics.h"
#include "cli/train_run.h"

namespace submask::cli {
namespace {
namespace fs = std::filesystem;

bool learns_weights(const GridCell& cell) {
  return cell.method == "fft" || cell.method == "ssl-ft";
}

// A cascade's too is read as a task's.
const char* learned_name(const GridCell& cell) {
  return learns_weights(cell) ? "learned.safetensors" : "learned.task";
}

std::string environment(const SharedOptions& shared) {
  utsname machine{};
  uname(&machine);
  const Json record = {{"commit", commit()},        {"version", version()},
                       {"host", machine.nodename},  {"cores", std::thread::hardware_concurrency()},
                       {"threads", shared.threads}, {"device", shared.device}};
  return record.dump();
}

}  // namespace

CellPlaces::CellPlaces(const fs::path& cells, const std::string& id, const GridCell& cell)
    : folder(cells / id),
      result(folder / "result.json"),
      learned(folder / learned_name(cell)),
      checkpoint(folder / "checkpoint"),
      epochs(folder / "epochs.json") {}

void CellRunner::run(size_t cell) {
  const CellPlaces place = places(cell);
  fs::create_directories(place.folder);
  CellFile file;
  file.cell = {names_[cell], false, command_line(grid_.cells[cell]), "", "", environment(shared_)};
  try {
    const std::string& command = grid_.cells[cell].command;
    const Json result = command == "train"     ? learn(cell, file.epochs)
                        : command == "cascade" ? learn_cascade(cell)
                                               : measure(cell);
    file.cell.result = result.dump(-1, ' ', false, Json::error_handler_t::replace);
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
  write_cell_file(place.result, file);
  if (!file.cell.done) return;
  fs::remove_all(place.checkpoint);
  fs::remove(place.epochs);
}

template <typename Options>
std::unique_ptr<Options> CellRunner::options_of(size_t cell, Arguments own) const {
  own.push_back("--quiet");
  const GridCell& what = grid_.cells[cell];
  auto options = parse_options<Options>(what.command, override_options(what.arguments, own));
  options->shared.threads = shared_.threads;
  if (std::ranges::none_of(what.arguments,
                           [](const auto& argument) { return argument.starts_with("--device="); }))
    options->shared.device = shared_.device;
  options->shared.apply();
  return options;
}

Json CellRunner::learn(size_t cell, std::vector<EpochMetrics>& epochs) {
  const CellPlaces place = places(cell);
  const auto options = options_of<TrainOptions>(
      cell, {"--out=" + place.learned.string(), "--checkpoint=" + place.checkpoint.string()});
  // A run that goes on from a checkpoint tells only of its own epochs.
  CellFile so_far;
  if (fs::exists(place.epochs)) so_far = read_cell_file(place.epochs);
  Json result = train_one(
      backbones_.load(options->backbone, options->shared), *options, data_,
      [&](const TrainProgress& progress) {
        std::erase_if(so_far.epochs,
                      [&](const EpochMetrics& each) { return each.epoch >= progress.epoch; });
        so_far.epochs.push_back({progress.epoch, epoch_metrics(progress).dump()});
        write_cell_file(place.epochs, so_far);
      });
  epochs = so_far.epochs;
  return result;
}

Json CellRunner::learn_cascade(size_t cell) {
  const CellPlaces place = places(cell);
  const auto options = options_of<CascadeOptions>(
      cell, {"--out=" + place.learned.string(), "--checkpoint=" + place.checkpoint.string()});
  return cli::learn_cascade(backbones_.load(options->backbone, options->shared), *options, data_);
}

// Features of one network, data and transform are kept for the other cells that look at them.
Json CellRunner::measure(size_t cell) {
  const auto options =
      options_of<EvaluateOptions>(cell, {"--feature-cache=" + (cells_ / "features").string()});
  const auto after = grid_.cells[cell].after;
  if (!after)
    return evaluate_one(backbones_.load(options->backbone, options->shared), *options, {}, data_);
  const CellPlaces learned = places(*after);
  if (learns_weights(grid_.cells[*after])) {
    options->backbone.weights = learned.learned.string();
    const auto backbone = options->backbone.load(options->shared);
    return evaluate_one(*backbone, *options, {}, data_);
  }
  options->task = learned.learned.string();
  return evaluate_one(backbones_.load(options->backbone, options->shared), *options,
                      read_adaptation(options->task, options->mode), data_);
}

}  // namespace submask::cli
