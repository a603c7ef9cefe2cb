#include "report/analysis/learned_tasks.h"

#include <ATen/ATen.h>

#include <submask/task_file.h>

#include "base/parse_number.h"
#include "base/visit_folder.h"
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
  const Backbone* const pretrained = backbone(cell);
  const auto path = pretrained == nullptr ? std::nullopt : file(cell, "learned.task");
  if (!path) return {};
  return read_task(*path, *pretrained);
}

EpochTasks LearnedTasks::epochs(const FinishedCell& cell) {
  namespace fs = std::filesystem;
  EpochTasks tasks;
  const fs::path folder = cells_ / cell.id / "learned.task.epochs";
  const Backbone* const pretrained = fs::is_directory(folder) ? backbone(cell) : nullptr;
  if (pretrained == nullptr) return tasks;
  visit_folder(folder, [&](const fs::directory_entry& entry) {
    const auto epoch = parse_number<int64_t>(entry.path().stem().string());
    if (epoch && entry.path().extension() == ".task")
      tasks.emplace(*epoch, read_task(entry.path(), *pretrained));
  });
  return tasks;
}

at::Tensor LearnedTasks::weight_change(const FinishedCell& cell) {
  const Backbone* const pretrained = backbone(cell);
  const auto path = pretrained == nullptr ? std::nullopt : file(cell, "learned.safetensors");
  if (!path) return {};
  const auto learned = Backbone::load(cell.option("backbone"), path->string());
  std::vector<at::Tensor> changes;
  for (const MaskUnit& unit : pretrained->mask_units())
    changes.push_back((unit_rows(learned->theta().at(unit.parameter), unit) -
                       unit_rows(pretrained->theta().at(unit.parameter), unit))
                          .flatten());
  return at::cat(changes);
}

}  // namespace submask
