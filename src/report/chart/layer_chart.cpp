#include "report/chart/layer_chart.h"

#include <array>
#include <utility>

#include "base/fail.h"
#include "numeric/moments.h"

namespace submask {
namespace {

// The kind of a unit by its name, so that a picture needs no weights. The first match counts: the
// bias of a shortcut belongs to the shortcut.
std::string kind_of(const std::string& unit) {
  constexpr std::array<std::pair<std::string_view, const char*>, 9> kinds = {
      {{"downsample", "downsample"},
       {".bias", "bias"},
       {"conv_dw", "depthwise convolution"},
       {"attn.q.", "q"},
       {"attn.k.", "k"},
       {"attn.v.", "v"},
       {"attn.proj", "out"},
       {"mlp.fc1", "fc1"},
       {"mlp.fc2", "fc2"}}};
  for (const auto& [part, kind] : kinds)
    if (unit.find(part) != std::string::npos) return kind;
  return "convolution";
}

std::string short_name(const std::string& unit) {
  constexpr std::string_view ending = ".weight";
  return unit.ends_with(ending) ? unit.substr(0, unit.size() - ending.size()) : unit;
}

}  // namespace

BarChart layer_chart(const std::vector<PackedTask>& tasks) {
  const PackedTask& first = tasks.front();
  if (first.masks.empty()) fail_argument("a task with a mask to draw", "one without");
  BarChart chart;
  chart.title = "Weights switched off: " + first.backbone;
  if (tasks.size() > 1) chart.title += text(", mean of ", tasks.size(), " tasks");
  chart.x_label = "mask unit, from input to output";
  chart.y_label = "masked fraction (percent)";
  for (size_t i = 0; i < first.masks.size(); ++i) {
    std::vector<double> percents;
    percents.reserve(tasks.size());
    for (const PackedTask& task : tasks) percents.push_back(100 * task.masks[i].masked_fraction());
    const Moments over = moments(percents);
    chart.bars.push_back(
        {short_name(first.masks[i].name), over.mean, kind_of(first.masks[i].name), over.deviation});
  }
  return chart;
}

}  // namespace submask
