#include "report/chart/picture.h"

#include <algorithm>

#include "base/fail.h"
#include "base/file.h"
#include "report/chart/gnuplot.h"

namespace submask {
namespace {

std::string terminal(const std::string& extension, int width, int height) {
  const char* common = " noenhanced font 'sans,";
  if (extension == ".svg")
    return text("svg size ", width, ",", height, common, "13' background rgb 'white'");
  if (extension == ".png")  // twice the pixels, for print
    return text("pngcairo size ", 2 * width, ",", 2 * height, common,
                "10' fontscale 2 linewidth 2 background rgb 'white'");
  if (extension == ".pdf")
    return text("pdfcairo size ", width / 96.0, "in,", height / 96.0, "in", common, "10'");
  fail_argument("a picture named .svg, .png or .pdf", text("'", extension, "'"));
}

}  // namespace

std::string titles(const std::string& title, const std::string& x_label,
                   const std::string& y_label) {
  return text("set title ", gnuplot_string(title), "\nset xlabel ", gnuplot_string(x_label),
              "\nset ylabel ", gnuplot_string(y_label), "\n");
}

std::vector<std::string> distinct_kinds(const std::vector<std::string>& kinds, const char* items) {
  std::vector<std::string> distinct;
  for (const std::string& kind : kinds)
    if (std::ranges::find(distinct, kind) == distinct.end()) distinct.push_back(kind);
  if (distinct.size() > chart_colours.size())
    fail_argument(text("at most ", chart_colours.size(), " kinds of ", items), distinct.size());
  return distinct;
}

void draw_picture(std::string_view script, int width, int height,
                  const std::filesystem::path& out) {
  const std::string whole = text("set encoding utf8\nset terminal ",
                                 terminal(out.extension().string(), width, height), "\n", script);
  write_file_atomically(out, as_bytes(run_gnuplot(whole)));
}

}  // namespace submask
