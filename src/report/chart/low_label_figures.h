// Figures of accuracy against the number of labels.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "report/table/low_label_table.h"

namespace submask {

// plot_low_labels() draws accuracy over labelled images (logarithmic), with a curve for each method
// and a band of +- one deviation. plot_methods_at() draws the methods side by side at one number of
// labelled images. Both throw as plot_masked_fraction() (plot_task.h), the second also
// invalid_argument where no summary has this number.
void plot_low_labels(const std::vector<LowLabelSummary>& summaries, const std::string& title,
                     const std::filesystem::path& out);
void plot_methods_at(const std::vector<LowLabelSummary>& summaries, int64_t labelled_images,
                     const std::string& title, const std::filesystem::path& out);

}  // namespace submask
