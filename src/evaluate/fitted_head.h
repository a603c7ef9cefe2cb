// Heads fitted to labelled images and put into a task: what `submask fit` does, and whoever teaches
// a served task new classes.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <submask/task_file.h>

#include "evaluate/measurement.h"

namespace submask {

enum class ProbeKind {
  lp,   // a linear probe
  knn,  // a bank of the labelled images' features
};
constexpr auto names_of(ProbeKind) { return std::array{"lp", "knn"}; }

struct FitSettings {
  ProbeKind probe = ProbeKind::lp;
  std::optional<double> l2;  // of lp, see LinearProbeOptions
  KnnOptions knn;
};

// The task with a head of the training images in place of its own; its mask stays as it is. The
// network has to be bound to the task.
void fit_head(const FitSettings& settings, const DataSplits& data, Measurement& measurement,
              PackedTask& task);

// Into the task's provenance, beside what its mask was made of: `facts`, a JSON object.
void record_fit(const std::string& facts, PackedTask& task);

// Names of the classes without a training image.
std::vector<std::string> classes_without_images(const Dataset& train);

}  // namespace submask
