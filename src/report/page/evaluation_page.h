// An evaluation as one HTML file to look at: the numbers and the settings behind them, the accuracy
// of each class, the confusion matrix, a reliability diagram, and images of the worst confusions.
//
// The page needs no network and no other file. Names from data sets and files appear as text only.
// The same evaluation gives the same bytes.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <submask/dataset.h>
#include <submask/evaluate.h>

#include "evaluate/classification_report.h"

namespace submask {

struct EvaluationPage {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;  // name and value, as the page shows them
  // The report is on test.labels, and `test` is what extract_features() gave for `dataset`.
  const ClassificationReport& report;
  const Features& test;
  const Dataset& dataset;
};

// Images are embedded as PNG, at most 160 pixels wide or high. Writes atomically. Throws
// invalid_argument where report, features and data set do not belong together, what reading an
// image throws, and io.
void write_evaluation_page(const std::filesystem::path& path, const EvaluationPage& page);

}  // namespace submask
