#include "report/chart/bar_chart.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/fail.h"
#include "report/chart/gnuplot.h"
#include "report/chart/picture.h"

namespace submask {
namespace {

// In CSS pixels, 96 an inch.
constexpr int bar_width = 20;
constexpr int margins_width = 110;
constexpr int least_width = 560;
constexpr int plot_height = 320;
constexpr size_t longest_label = 60;  // characters

struct BarLayout {
  int width = 0;
  int height = 0;
  // Labels that are turned by 90 degrees are as wide as a line is high, however long they are.
  bool upright_labels = false;
};

// A label that leaves room for the bars. It keeps both ends, where names of layers differ.
std::string short_label(const std::string& label) {
  if (label.size() <= longest_label) return label;
  const size_t half = longest_label / 2 - 2;
  return label.substr(0, half) + "..." + label.substr(label.size() - half);
}

BarLayout lay_out(const BarChart& chart) {
  size_t longest = 0;
  for (const Bar& bar : chart.bars) longest = std::max(longest, short_label(bar.label).size());
  const int count = static_cast<int>(chart.bars.size());
  const int label_length = character_width * static_cast<int>(longest);
  BarLayout layout;
  layout.width = std::max(least_width, margins_width + bar_width * count);
  layout.upright_labels = label_length + 10 > (layout.width - margins_width) / count;
  layout.height = plot_height + 110 + (layout.upright_labels ? label_length : 20);
  return layout;
}

// gnuplot takes the label of a tick for a printf format, in which %% stands for %.
std::string tick_label(std::string label) {
  for (size_t i = 0; (i = label.find('%', i)) != std::string::npos; i += 2) label.insert(i, "%");
  return gnuplot_string(label);
}

std::vector<std::string> kinds_of(const BarChart& chart) {
  std::vector<std::string> kinds;
  for (const Bar& bar : chart.bars) kinds.push_back(bar.kind);
  return distinct_kinds(kinds, "bars");
}

void check_values(const BarChart& chart) {
  if (chart.bars.empty()) fail_argument("at least one bar to draw", "none");
  for (const Bar& bar : chart.bars)
    if (!std::isfinite(bar.value) || !(bar.deviation >= 0) || !std::isfinite(bar.deviation))
      fail_argument(text("a finite value and a deviation of 0 or more of bar '", bar.label, "'"),
                    text(bar.value, " +- ", bar.deviation));
}

std::string axes(const BarChart& chart, const BarLayout& layout) {
  std::ostringstream script;
  script << titles(chart.title, chart.x_label, chart.y_label)
         << "set border 3\nset grid ytics lt 1 dt 1 lc rgb '#DDDDDD' lw 0.7\nset ytics nomirror "
            "out\n"
         << "set boxwidth 0.8\nset style fill solid 1.0 border lc rgb '#404040'\n"
         << "set key outside top center horizontal reverse Left\n"
         << "set xrange [-0.7:" << chart.bars.size() - 1 << ".7]\n"
         << "set xtics nomirror out scale 0.4"
         << (layout.upright_labels ? " rotate by 90 right" : "") << " ()\n";
  for (size_t i = 0; i < chart.bars.size(); ++i)
    script << "set xtics add (" << tick_label(short_label(chart.bars[i].label)) << " " << i
           << ")\n";
  const auto [low, high] =
      std::minmax_element(chart.bars.begin(), chart.bars.end(),
                          [](const Bar& a, const Bar& b) { return a.value < b.value; });
  if (low->value >= 0) script << "set yrange [0:" << (high->value > 0 ? "*" : "1") << "]\n";
  return script.str();
}

// One series a kind, as a named block of data and an entry of the plot command.
std::string series(const BarChart& chart, const std::vector<std::string>& kinds) {
  std::ostringstream blocks, plot;
  blocks.precision(17);
  for (size_t kind = 0; kind < kinds.size(); ++kind) {
    blocks << "$kind" << kind << " << END\n";
    for (size_t i = 0; i < chart.bars.size(); ++i)
      if (chart.bars[i].kind == kinds[kind])
        blocks << i << " " << chart.bars[i].value << " " << chart.bars[i].deviation << "\n";
    blocks << "END\n";
    plot << (kind == 0 ? "plot " : ", ") << "$kind" << kind << " using 1:2 with boxes fc rgb '"
         << chart_colours[kind] << "' "
         << (kinds.size() > 1 ? "title " + gnuplot_string(kinds[kind]) : "notitle");
  }
  const bool deviates = std::any_of(chart.bars.begin(), chart.bars.end(),
                                    [](const Bar& bar) { return bar.deviation > 0; });
  // Error bars would leave a white dot at the top of each bar, even without a point.
  for (size_t kind = 0; deviates && kind < kinds.size(); ++kind)
    plot << ", $kind" << kind
         << " using ($3 > 0 ? $1 : NaN):($2 - $3):(0):(2 * $3) with vectors heads size graph "
            "0.006,90 lc rgb '#202020' notitle";
  return blocks.str() + plot.str() + "\n";
}

}  // namespace

void plot_bars(const BarChart& chart, const std::filesystem::path& out) {
  check_values(chart);
  const BarLayout layout = lay_out(chart);
  draw_picture(axes(chart, layout) + series(chart, kinds_of(chart)), layout.width, layout.height,
               out);
}

}  // namespace submask
