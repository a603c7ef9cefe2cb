#include "report/chart/plot_task.h"

#include "report/chart/layer_chart.h"

namespace submask {

void plot_masked_fraction(const PackedTask& task, const std::filesystem::path& out) {
  plot_bars(layer_chart({task}), out);
}

}  // namespace submask
