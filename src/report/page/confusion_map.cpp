#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "report/page/html_text.h"
#include "report/page/page_figures.h"

namespace submask {
namespace {

constexpr const char* right_colour = "#0072B2";  // Okabe and Ito 2008
constexpr const char* mistake_colour = "#D55E00";
constexpr size_t longest_label = 22;     // characters
constexpr double label_character = 6.2;  // pixels of a letter at most, in the page's small type

struct Grid {
  double cell = 0;    // pixels
  double margin = 0;  // for the labels, left and above
  bool with_counts = false;
};

Grid lay_out(const std::vector<int64_t>& chosen, const std::vector<std::string>& names) {
  constexpr double wanted_side = 720, smallest = 9, largest = 44, room_for_counts = 26;
  size_t longest = 0;
  for (const int64_t label : chosen)
    longest = std::max(longest, std::min(names[static_cast<size_t>(label)].size(), longest_label));
  Grid grid;
  grid.cell =
      std::floor(std::clamp(wanted_side / static_cast<double>(chosen.size()), smallest, largest));
  grid.margin = std::ceil(label_character * static_cast<double>(longest + 1)) + 8;
  grid.with_counts = grid.cell >= room_for_counts;
  return grid;
}

struct Cell {
  size_t row = 0, column = 0;
  int64_t count = 0;
  double share = 0;  // of the row's samples
};

void draw_labels(const Grid& grid, const std::vector<int64_t>& chosen,
                 const std::vector<std::string>& names, std::ostringstream& svg) {
  for (size_t i = 0; i < chosen.size(); ++i) {
    const std::string& name = names[static_cast<size_t>(chosen[i])];
    const std::string label = escaped(shortened(name, longest_label));
    const double middle = grid.margin + (static_cast<double>(i) + 0.5) * grid.cell;
    svg << "<text x=\"" << grid.margin - 5 << "\" y=\"" << middle + 3.5 << "\" text-anchor=\"end\">"
        << label << "</text>\n"
        << "<text transform=\"translate(" << middle + 3.5 << ' ' << grid.margin - 5
        << ") rotate(-90)\">" << label << "</text>\n";
  }
}

void draw_cell(const Cell& cell, const Grid& grid, const std::string& what,
               std::ostringstream& svg) {
  constexpr double dark = 0.6;  // white digits from here on
  const double x = grid.margin + static_cast<double>(cell.column) * grid.cell;
  const double y = grid.margin + static_cast<double>(cell.row) * grid.cell;
  // The root shows rare mistakes too.
  const double opacity = std::sqrt(cell.share);
  svg << "<g><title>" << what << "</title><rect x=\"" << x << "\" y=\"" << y << "\" width=\""
      << grid.cell << "\" height=\"" << grid.cell << "\" fill=\""
      << (cell.row == cell.column ? right_colour : mistake_colour) << "\" fill-opacity=\""
      << std::round(1000 * opacity) / 1000 << "\"/>";
  if (grid.with_counts)
    svg << "<text class=\"count\" x=\"" << x + grid.cell / 2 << "\" y=\"" << y + grid.cell / 2 + 3.5
        << "\" text-anchor=\"middle\"" << (opacity > dark ? " fill=\"#fff\"" : "") << '>'
        << cell.count << "</text>";
  svg << "</g>\n";
}

}  // namespace

std::string confusion_map(const ClassificationReport& report,
                          const std::vector<Confusion>& confusions,
                          const std::vector<int64_t>& chosen,
                          const std::vector<std::string>& class_names) {
  const Grid grid = lay_out(chosen, class_names);
  const double side = static_cast<double>(chosen.size()) * grid.cell;
  std::ostringstream svg;
  svg << "<svg width=\"" << grid.margin + side + 1 << "\" height=\"" << grid.margin + side + 1
      << "\" role=\"img\" aria-label=\"confusion matrix\">\n<rect x=\"" << grid.margin << "\" y=\""
      << grid.margin << "\" width=\"" << side << "\" height=\"" << side
      << "\" fill=\"#fff\" stroke=\"#bbb\"/>\n";
  draw_labels(grid, chosen, class_names, svg);

  std::map<int64_t, size_t> position;
  for (size_t i = 0; i < chosen.size(); ++i) position[chosen[i]] = i;
  const auto draw = [&](int64_t label, int64_t predicted, int64_t count) {
    if (count == 0 || !position.contains(label) || !position.contains(predicted)) return;
    const auto samples = static_cast<double>(report.class_samples[static_cast<size_t>(label)]);
    const Cell cell{position[label], position[predicted], count,
                    static_cast<double>(count) / samples};
    const auto name = [&](int64_t c) { return escaped(class_names[static_cast<size_t>(c)]); };
    draw_cell(cell, grid,
              name(label) + " as " + name(predicted) + ": " + std::to_string(count) + ", " +
                  percent(cell.share),
              svg);
  };
  for (const int64_t label : chosen)
    draw(label, label, report.class_right[static_cast<size_t>(label)]);
  for (const Confusion& confusion : confusions)
    draw(confusion.label, confusion.predicted, std::ssize(confusion.samples));
  svg << "</svg>\n";
  return svg.str();
}

}  // namespace submask
