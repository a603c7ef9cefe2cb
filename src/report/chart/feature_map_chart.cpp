// Draws the maps of feature_map.h.
#include <algorithm>
#include <sstream>

#include <ATen/ATen.h>

#include "base/ceil_div.h"
#include "base/fail.h"
#include "numeric/feature_matrix.h"
#include "report/chart/feature_map.h"
#include "report/chart/gnuplot.h"
#include "report/chart/picture.h"

namespace submask {
namespace {

constexpr int panel_side = 320, title_height = 40, line_height = 17, mark_width = 50,
              lines_a_column = 20;
constexpr size_t most_in_legend = 40;  // with more classes there is no legend

// Every eight classes share a mark and differ in colour.
std::string style_of(size_t label, const char* size) {
  return text("pt ", point_marks[label / chart_colours.size() % point_marks.size()], " ps ", size,
              " lc rgb '", chart_colours[label % chart_colours.size()], "'");
}

// A block of data for the points of each class: $pMAP_CLASS.
std::string blocks_of(const FeatureMap& map, size_t number, size_t classes) {
  const at::Tensor points = map.points.contiguous();
  const at::Tensor labels =
      class_vector(map.labels, points.size(0), static_cast<int64_t>(classes), "labels");
  std::vector<std::ostringstream> blocks(classes);
  const auto* const at = points.const_data_ptr<double>();
  const auto* const label = labels.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < points.size(0); ++i)
    blocks[static_cast<size_t>(label[i])] << at[2 * i] << " " << at[2 * i + 1] << "\n";
  std::string all;
  for (size_t c = 0; c < classes; ++c)
    all += text("$p", number, "_", c, " << END\n", blocks[c].str(), "END\n");
  return all;
}

std::string plot_of(const FeatureMap& map, size_t number, size_t classes) {
  std::string plot;
  for (int64_t c = 0; c < static_cast<int64_t>(classes); ++c) {
    if (!(map.labels == c).any().item<bool>()) continue;
    plot += text(plot.empty() ? "plot " : ", ", "$p", number, "_", c, " using 1:2 with points ",
                 style_of(static_cast<size_t>(c), "0.35"), " notitle");
  }
  return plot + "\n";
}

struct Size {
  int width = 0, height = 0;
};

Size legend_size(const std::vector<std::string>& names) {
  if (names.size() > most_in_legend) return {};
  size_t longest = 0;
  for (const std::string& name : names) longest = std::max(longest, name.size());
  const int count = static_cast<int>(names.size()), columns = ceil_div(count, lines_a_column);
  return {columns * (mark_width + character_width * static_cast<int>(longest)),
          line_height * (std::min(count, lines_a_column) + 1)};
}

// A legend of all classes, as the keys of points that are not drawn.
std::string legend_of(const std::vector<std::string>& names) {
  std::string plot = text(
      "unset title\nunset border\nset key inside left center vertical Left reverse samplen 1 "
      "maxrows ",
      lines_a_column, "\nset xrange [0:1]\nset yrange [0:1]\nplot ");
  for (size_t c = 0; c < names.size(); ++c)
    plot += text(c == 0 ? "" : ", ", "NaN with points ", style_of(c, "0.8"), " title ",
                 gnuplot_string(names[c]));
  return plot + "\n";
}

}  // namespace

void plot_feature_maps(const std::vector<FeatureMap>& maps,
                       const std::vector<std::string>& class_names,
                       const std::filesystem::path& out) {
  if (maps.empty()) fail_argument("at least one map to draw", "none");
  const Size legend = legend_size(class_names);
  const int panels = panel_side * static_cast<int>(maps.size()), width = panels + legend.width,
            height = std::max(panel_side + title_height, legend.height);
  std::string script =
                  "set multiplot\nunset tics\nset border 15 lc rgb '#999999'\n"
                  "set offsets graph 0.03, graph 0.03, graph 0.03, graph 0.03\n",
              plots;
  for (size_t i = 0; i < maps.size(); ++i) {
    script += blocks_of(maps[i], i, class_names.size());
    const double left = panel_side * static_cast<double>(i);
    plots += text("set lmargin at screen ", (left + 10) / width, "\nset rmargin at screen ",
                  (left + panel_side - 10) / width, "\nset tmargin at screen ",
                  1.0 - static_cast<double>(title_height) / height, "\nset bmargin at screen ",
                  10.0 / height, "\nset title ", gnuplot_string(maps[i].title), "\n",
                  plot_of(maps[i], i, class_names.size()));
  }
  if (legend.width > 0)
    plots += text("set lmargin at screen ", (panels + 5.0) / width,
                  "\nset rmargin at screen 1\nset tmargin at screen 1\nset bmargin at screen 0\n",
                  legend_of(class_names));
  draw_picture(script + plots + "unset multiplot\n", width, height, out);
}

}  // namespace submask
