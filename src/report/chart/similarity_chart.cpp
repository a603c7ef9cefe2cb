#include "report/chart/similarity_chart.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/fail.h"
#include "report/chart/gnuplot.h"
#include "report/chart/picture.h"

namespace submask {
namespace {

constexpr size_t most_names = 64;
constexpr int column_width = 54, row_height = 34, margins = 110, tree_height = 130;

void check(const SimilarityChart& chart) {
  if (chart.names.size() < 2 || chart.names.size() > most_names)
    fail_argument(text("2 to ", most_names, " names to compare"), chart.names.size());
  for (size_t i = 0; i < chart.names.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (!std::isfinite(chart.values.at(i).at(j)) || !std::isfinite(chart.values.at(j).at(i)))
        fail_argument(text("a finite similarity of ", chart.names[i], " and ", chart.names[j]),
                      chart.values[i][j]);
}

SquareMatrix distances(const SimilarityChart& chart) {
  SquareMatrix all = chart.values;
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = 0; j < all.size(); ++j) all[i][j] = i == j ? 0 : 1 - all[i][j];
  return all;
}

struct SimilarityLayout {
  int width = 0, height = 0, left = 0, below = 0;
};

SimilarityLayout lay_out(const SimilarityChart& chart) {
  size_t longest = 0;
  for (const std::string& name : chart.names) longest = std::max(longest, name.size());
  const int count = static_cast<int>(chart.names.size());
  const int label = std::min(character_width * static_cast<int>(longest) + 20, 260);
  SimilarityLayout layout;
  layout.left = std::max(label, 78);
  layout.below = label;
  layout.width = layout.left + std::max(column_width * count, 220) + margins;
  layout.height = layout.below + std::max(row_height * count, 100) + tree_height + 60;
  return layout;
}

// The lines of the dendrogram: each goes up from one cluster, across, and down to the other.
std::string tree(const std::vector<ClusterMerge>& merges, const std::vector<size_t>& order) {
  struct Top {
    double x = 0, height = 0;
  };
  std::vector<Top> tops(order.size());
  for (size_t i = 0; i < order.size(); ++i) tops[order[i]].x = static_cast<double>(i);
  // Leaves end at 0, or below all merges where a similarity above 1 makes a distance negative.
  double least = 0;
  for (const ClusterMerge& merge : merges) least = std::min(least, merge.height);
  for (Top& leaf : tops) leaf.height = least;
  std::ostringstream lines;
  lines.precision(17);
  lines << "$tree << END\n";
  for (const ClusterMerge& merge : merges) {
    const Top a = tops[merge.a], b = tops[merge.b];
    lines << a.x << " " << a.height << "\n"
          << a.x << " " << merge.height << "\n"
          << b.x << " " << merge.height << "\n"
          << b.x << " " << b.height << "\n\n";
    tops.push_back({(a.x + b.x) / 2, merge.height});
  }
  return lines.str() + "END\n";
}

std::string ticks(const SimilarityChart& chart, const std::vector<size_t>& order) {
  std::ostringstream all;
  for (size_t i = 0; i < order.size(); ++i) {
    std::string name = chart.names[order[i]].substr(0, 32);
    std::replace(name.begin(), name.end(), '%', ' ');  // gnuplot takes it for a printf format
    all << (i == 0 ? "" : ", ") << gnuplot_string(name) << " " << i;
  }
  return all.str();
}

std::string heat_map(const SimilarityChart& chart, const std::vector<size_t>& order) {
  std::ostringstream squares;
  squares.precision(17);
  squares << "$map << END\n";
  for (size_t x = 0; x < order.size(); ++x)
    for (size_t y = 0; y < order.size(); ++y)
      if (const double value = chart.values[order[x]][order[y]]; std::isfinite(value))
        squares << x << " " << y << " " << value << "\n";
  return squares.str() + "END\n";
}

std::string script_of(const SimilarityChart& chart, const SimilarityLayout& layout) {
  const std::vector<ClusterMerge> merges = average_linkage(distances(chart));
  const std::vector<size_t> order = leaf_order(merges);
  const double height = layout.height, width = layout.width;
  const double map_bottom = layout.below / height;
  const double map_top = (height - tree_height - 50) / height;
  std::ostringstream script;
  script << tree(merges, order) << heat_map(chart, order) << "set multiplot\nset lmargin at screen "
         << layout.left / width << "\nset rmargin at screen " << (width - margins) / width
         << "\nset xrange [-0.5:" << order.size() - 1 << ".5]\nunset key\nset border 2\n"
         << "set bmargin at screen " << map_top + 12 / height << "\nset tmargin at screen "
         << (height - 32) / height << "\nset title " << gnuplot_string(chart.title)
         << " offset 0,-0.7\nunset xtics\nset ytics nomirror out\nset ylabel "
         << gnuplot_string("1 - " + chart.measure) << " offset 0.6,0"
         << "\nplot $tree using 1:2 with lines lc rgb '#202020' lw 1.4\n"
         << "unset title\nunset ylabel\nset border 0\nset bmargin at screen " << map_bottom
         << "\nset tmargin at screen " << map_top << "\nset yrange [" << order.size() - 1
         << ".5:-0.5]\nset xtics nomirror scale 0 rotate by 90 right (" << ticks(chart, order)
         << ")\nset ytics nomirror scale 0 (" << ticks(chart, order)
         << ")\nset palette defined (0 '#F7FBFF', 1 '#56B4E9')\nset cblabel "
         << gnuplot_string(chart.measure)
         << "\nplot $map using 1:2:(0.49):(0.49):3 with boxxyerror fs solid 1.0 noborder fc "
            "palette, $map using 1:2:(sprintf('%.3f', $3)) with labels\nunset multiplot\n";
  return script.str();
}

}  // namespace

void plot_similarity(const SimilarityChart& chart, const std::filesystem::path& out) {
  check(chart);
  const SimilarityLayout layout = lay_out(chart);
  draw_picture(script_of(chart, layout), layout.width, layout.height, out);
}

}  // namespace submask
