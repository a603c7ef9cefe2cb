// What evaluate says beyond accuracy: more JSON keys, and the page of --report.
#pragma once

#include <string>

#include <submask/dataset.h>
#include <submask/evaluate.h>

#include "cli/option/shared_options.h"
#include "evaluate/classification_report.h"

namespace submask::cli {

// top5_accuracy, ece and class_accuracy {name: share, null without samples} into a result.
void add_details(const ClassificationReport& report, const std::vector<std::string>& class_names,
                 Json& result);

// What the training set is like by its features, as training_set {classes, ...}.
void add_training_set(const Dataset& dataset, const Features& features, Json& result);

// The page of the features in `test` and of the numbers in `result` so far, but for times: the same
// evaluation gives the same page.
void write_page(const std::string& path, const ClassificationReport& report, const Features& test,
                const Dataset& dataset, const Json& result);

}  // namespace submask::cli
