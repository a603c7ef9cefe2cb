#include <submask/plot.h>

#include "base/fail.h"
#include "experiment/bar_chart.h"

namespace submask {
namespace {

// Read off the name, so that a picture needs no weights.
std::string kind_of(const std::string& unit) {
  if (unit.find("downsample") != std::string::npos) return "downsample";
  if (unit.find("conv_dw") != std::string::npos) return "depthwise convolution";
  return "convolution";
}

std::string short_name(const std::string& unit) {
  constexpr std::string_view ending = ".weight";
  return unit.ends_with(ending) ? unit.substr(0, unit.size() - ending.size()) : unit;
}

}  // namespace

void plot_masked_fraction(const PackedTask& task, const std::filesystem::path& out) {
  if (task.masks.empty()) fail_argument("a task with a mask to draw", "one without");
  BarChart chart;
  chart.title = "Weights switched off: " + task.backbone;
  chart.x_label = "mask unit, from input to output";
  chart.y_label = "masked fraction (percent)";
  for (const PackedMask& unit : task.masks)
    chart.bars.push_back({short_name(unit.name), 100 * unit.masked_fraction(), kind_of(unit.name)});
  plot_bars(chart, out);
}

}  // namespace submask
