// Pictures of what was learned, drawn by gnuplot.
#pragma once

#include <filesystem>

#include <submask/task_file.h>

namespace submask {

// Masked fraction of each mask unit, in network order, as svg, png or pdf by the extension. Throws
// invalid_argument (another extension, no mask in the task), unavailable (no gnuplot) or io.
void plot_masked_fraction(const PackedTask& task, const std::filesystem::path& out);

}  // namespace submask
