#include "report/analysis/learned_tasks.h"

#include <charconv>

#include <ATen/ATen.h>

#include <submask/task_file.h>

#include "mask/unit_rows.h"

namespace submask {

const Backbone* LearnedTasks::backbone(const FinishedCell& cell) {
  const std::string name = cell.option("backbone"), weights = cell.option("weights");
  if (name.starts_with("torchscript:")) {
    left_out_.push_back("a cell over " + name + ", a program");
    return nullptr;
  }
  auto& loaded = backbones_[{name, weights}];
  if (!loaded) loaded = Backbone::load(name, weights);
  return loaded.get();
}

std::optional<std::filesystem::path> LearnedTasks::file(const FinishedCell& cell,
                                                        const char* name) {
  const auto path = cells_ / cell.id / name;
  if (std::filesystem::exists(path)) return path;
  left_out_.push_back("expected what a cell learned, got no file " + path.string());
  return {};
}

std::optional<Task> LearnedTasks::task(const FinishedCell& cell) {
  const Backbone* const under = backbone(cell);
  const auto path = under == nullptr ? std::nullopt : file(cell, "learned.task");
  if (!path) return {};
  return read_task(*path, *under);
}

EpochTasks LearnedTasks::epochs(const FinishedCell& cell) {
  namespace fs = std::filesystem;
  EpochTasks tasks;
  const fs::path folder = cells_ / cell.id / "learned.task.epochs";
  const Backbone* const under = fs::is_directory(folder) ? backbone(cell) : nullptr;
  if (under == nullptr) return tasks;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().stem().string();
    int64_t epoch = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), epoch);
    if (error == std::errc() && end == name.data() + name.size() &&
        entry.path().extension() == ".task")
      tasks.emplace(epoch, read_task(entry.path(), *under));
  }
  return tasks;
}

at::Tensor LearnedTasks::weight_change(const FinishedCell& cell) {
  const Backbone* const before = backbone(cell);
  const auto path = before == nullptr ? std::nullopt : file(cell, "learned.safetensors");
  if (!path) return {};
  const auto after = Backbone::load(cell.option("backbone"), path->string());
  std::vector<at::Tensor> changes;
  for (const MaskUnit& unit : before->mask_units())
    changes.push_back((unit_rows(after->theta().at(unit.parameter), unit) -
                       unit_rows(before->theta().at(unit.parameter), unit))
                          .flatten());
  return at::cat(changes);
}

}  // namespace submask
