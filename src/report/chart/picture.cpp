#include "report/chart/picture.h"

#include <string>

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

void draw_picture(std::string_view script, int width, int height,
                  const std::filesystem::path& out) {
  const std::string whole = text("set encoding utf8\nset terminal ",
                                 terminal(out.extension().string(), width, height), "\n", script);
  write_file_atomically(out, as_bytes(run_gnuplot(whole)));
}

}  // namespace submask
