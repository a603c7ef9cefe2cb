// What `submask evaluate` reports besides accuracy.
#pragma once

#include <string>

#include <submask/dataset.h>
#include <submask/evaluate.h>

#include "evaluate/classification_report.h"
#include "run/result_json.h"

namespace submask {

// Adds top5_accuracy, ece and class_accuracy {name: share, or null for a class without samples}.
void add_details(const ClassificationReport& report, const std::vector<std::string>& class_names,
                 ResultJson& result);

// Adds training_set {classes, ...}, the properties of evaluate/training_set.h.
void add_training_set(const Dataset& dataset, const Features& features, ResultJson& result);

}  // namespace submask
