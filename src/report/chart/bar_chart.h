// Bars for reports and papers, drawn by gnuplot.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace submask {

struct Bar {
  std::string label;
  double value = 0;
  // Bars of a kind share a colour; the legend names the kinds, unless there is only one.
  std::string kind = {};
  double deviation = 0;  // half the length of the bar's whisker
};

struct BarChart {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<Bar> bars;  // left to right
};

// Draws the chart as svg, png or pdf, by the extension. If this fails, an old file stays as it was.
// Any text is safe to draw. Throws invalid_argument (another extension, no bars, a value
// that is not finite, more than eight kinds), unavailable (no gnuplot) or io.
void plot_bars(const BarChart& chart, const std::filesystem::path& out);

}  // namespace submask
