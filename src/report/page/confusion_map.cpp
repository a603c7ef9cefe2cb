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

struct MapLayout {
  double cell = 0;    // pixels
  double margin = 0;  // for the labels, left and above
  bool with_counts = false;
};

MapLayout lay_out(const std::vector<int64_t>& chosen, const std::vector<std::string>& names) {
  constexpr double wanted_side = 720, smallest = 9, largest = 44, room_for_counts = 26;
  size_t longest = 0;
  for (const int64_t label : chosen)
    longest = std::max(longest, std::min(names[static_cast<size_t>(label)].size(), longest_label));
  MapLayout layout;
  layout.cell =
      std::floor(std::clamp(wanted_side / static_cast<double>(chosen.size()), smallest, largest));
  layout.margin = std::ceil(label_character * static_cast<double>(longest + 1)) + 8;
  layout.with_counts = layout.cell >= room_for_counts;
  return layout;
}

struct Cell {
  size_t row = 0, column = 0;
  int64_t count = 0;
  double share = 0;  // of the row's samples
};

void draw_labels(const MapLayout& layout, const std::vector<int64_t>& chosen,
                 const std::vector<std::string>& names, std::ostringstream& svg) {
  for (size_t i = 0; i < chosen.size(); ++i) {
    const std::string& name = names[static_cast<size_t>(chosen[i])];
    const std::string label = escaped(shortened(name, longest_label));
    const double middle = layout.margin + (static_cast<double>(i) + 0.5) * layout.cell;
    svg << "<text x=\"" << layout.margin - 5 << "\" y=\"" << middle + 3.5
        << "\" text-anchor=\"end\">" << label << "</text>\n"
        << "<text transform=\"translate(" << middle + 3.5 << ' ' << layout.margin - 5
        << ") rotate(-90)\">" << label << "</text>\n";
  }
}

void draw_cell(const Cell& cell, const MapLayout& layout, const std::string& tooltip,
               std::ostringstream& svg) {
  constexpr double dark = 0.6;  // white digits from here on
  const double x = layout.margin + static_cast<double>(cell.column) * layout.cell;
  const double y = layout.margin + static_cast<double>(cell.row) * layout.cell;
  // The square root, so that rare mistakes can be seen too.
  const double opacity = std::sqrt(cell.share);
  svg << "<g><title>" << tooltip << "</title><rect x=\"" << x << "\" y=\"" << y << "\" width=\""
      << layout.cell << "\" height=\"" << layout.cell << "\" fill=\""
      << (cell.row == cell.column ? right_colour : mistake_colour) << "\" fill-opacity=\""
      << std::round(1000 * opacity) / 1000 << "\"/>";
  if (layout.with_counts)
    svg << "<text class=\"count\" x=\"" << x + layout.cell / 2 << "\" y=\""
        << y + layout.cell / 2 + 3.5 << "\" text-anchor=\"middle\""
        << (opacity > dark ? " fill=\"#fff\"" : "") << '>' << cell.count << "</text>";
  svg << "</g>\n";
}

}  // namespace

std::string confusion_map(const ClassificationReport& report,
                          const std::vector<Confusion>& confusions,
                          const std::vector<int64_t>& chosen,
                          const std::vector<std::string>& class_names) {
  const MapLayout layout = lay_out(chosen, class_names);
  const double side = static_cast<double>(chosen.size()) * layout.cell;
  std::ostringstream svg;
  svg << "<svg width=\"" << layout.margin + side + 1 << "\" height=\"" << layout.margin + side + 1
      << "\" role=\"img\" aria-label=\"confusion matrix\">\n<rect x=\"" << layout.margin
      << "\" y=\"" << layout.margin << "\" width=\"" << side << "\" height=\"" << side
      << "\" fill=\"#fff\" stroke=\"#bbb\"/>\n";
  draw_labels(layout, chosen, class_names, svg);

  std::map<int64_t, size_t> position;
  for (size_t i = 0; i < chosen.size(); ++i) position[chosen[i]] = i;
  const auto draw = [&](int64_t label, int64_t predicted, int64_t count) {
    if (count == 0 || !position.contains(label) || !position.contains(predicted)) return;
    const auto samples = static_cast<double>(report.class_samples[static_cast<size_t>(label)]);
    const Cell cell{position[label], position[predicted], count,
                    static_cast<double>(count) / samples};
    const auto name = [&](int64_t c) { return escaped(class_names[static_cast<size_t>(c)]); };
    draw_cell(cell, layout,
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
