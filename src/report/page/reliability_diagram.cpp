#include <algorithm>
#include <sstream>

#include "report/page/html_text.h"
#include "report/page/page_figures.h"

namespace submask {
namespace {

// In pixels.
constexpr double left = 46, top = 10, side = 330, gap = 26, counts_height = 60, below = 40;

double x_at(double share) { return left + share * side; }
double y_at(double share) { return top + (1 - share) * side; }

void draw_axes(std::ostringstream& svg) {
  svg << "<rect x=\"" << left << "\" y=\"" << top << "\" width=\"" << side << "\" height=\"" << side
      << "\" fill=\"#fff\" stroke=\"#bbb\"/>\n";
  for (int tick = 0; tick <= 10; tick += 2) {
    const double share = tick / 10.0;
    svg << "<text x=\"" << left - 6 << "\" y=\"" << y_at(share) + 3.5 << "\" text-anchor=\"end\">"
        << share << "</text>\n<text x=\"" << x_at(share) << "\" y=\""
        << top + side + gap + counts_height + 14 << "\" text-anchor=\"middle\">" << share
        << "</text>\n";
  }
  svg << "<text x=\"" << left + side / 2 << "\" y=\"" << top + side + gap + counts_height + 32
      << "\" text-anchor=\"middle\">confidence: probability of the answer</text>\n"
      << "<text transform=\"translate(12 " << top + side / 2
      << ") rotate(-90)\" text-anchor=\"middle\">share of right answers</text>\n"
      << "<text x=\"" << left << "\" y=\"" << top + side + gap - 6
      << "\">samples in each bin</text>\n";
}

void draw_bar(double bin_index, double height, double bottom, const char* colour,
              std::ostringstream& svg) {
  const double width = side / calibration_bins;
  svg << "<rect x=\"" << left + bin_index * width + 1 << "\" y=\"" << bottom - height
      << "\" width=\"" << width - 2 << "\" height=\"" << height << "\" fill=\"" << colour << "\"/>";
}

}  // namespace

std::string reliability_diagram(const ClassificationReport& report) {
  std::ostringstream svg;
  svg.precision(6);
  svg << "<svg width=\"" << left + side + 12 << "\" height=\""
      << top + side + gap + counts_height + below
      << "\" role=\"img\" aria-label=\"reliability diagram\">\n";
  draw_axes(svg);
  int64_t most = 1;
  for (const CalibrationBin& bin : report.bins) most = std::max(most, bin.count);
  for (size_t i = 0; i < report.bins.size(); ++i) {
    const CalibrationBin& bin = report.bins[i];
    if (bin.count == 0) continue;
    const auto bin_index = static_cast<double>(i);
    const double share = static_cast<double>(bin.count) / static_cast<double>(most);
    svg << "<g><title>" << bin.count << " samples, confidence " << percent(bin.confidence)
        << ", right " << percent(bin.accuracy) << "</title>";
    draw_bar(bin_index, bin.accuracy * side, top + side, "#0072B2", svg);
    draw_bar(bin_index, share * counts_height, top + side + gap + counts_height, "#999", svg);
    svg << "<path d=\"M" << x_at(bin_index / calibration_bins) + 1 << ' ' << y_at(bin.confidence)
        << "h" << side / calibration_bins - 2
        << "\" stroke=\"#D55E00\" stroke-width=\"3\" fill=\"none\"/></g>\n";
  }
  svg << "<path d=\"M" << x_at(0) << ' ' << y_at(0) << 'L' << x_at(1) << ' ' << y_at(1)
      << "\" stroke=\"#555\" stroke-dasharray=\"4 4\" fill=\"none\"/>\n</svg>\n";
  return svg.str();
}

}  // namespace submask
