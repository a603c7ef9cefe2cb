// What evaluate says beyond accuracy.
#pragma once

#include <string>

#include <submask/dataset.h>
#include <submask/evaluate.h>

#include "evaluate/classification_report.h"
#include "run/result_json.h"

namespace submask {

// top5_accuracy, ece and class_accuracy {name: share, null without samples} into a result.
void add_details(const ClassificationReport& report, const std::vector<std::string>& class_names,
                 ResultJson& result);

// What the training set is like by its features, as training_set {classes, ...}.
void add_training_set(const Dataset& dataset, const Features& features, ResultJson& result);

}  // namespace submask
