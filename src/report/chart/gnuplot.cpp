#include "report/chart/gnuplot.h"

#include <cstdint>

#include "base/fail.h"
#include "base/other_program.h"
#include "base/utf8.h"

namespace submask {
std::string gnuplot_string(std::string_view text) {
  std::string result = "'";
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const auto first = static_cast<uint8_t>(text.front());
    if (length == 0) {
      result += '?';
    } else if (first < 0x20 || first == 0x7F) {
      result += ' ';
    } else if (first == '\'') {
      result += "\u2019";
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result + "'";
}

std::string run_gnuplot(std::string_view script) {
  const auto run = run_program({"gnuplot", "-d", "-"}, script);  // -d: without a start-up file
  if (!run)
    fail(ErrorKind::unavailable,
         "expected gnuplot to draw with, got none: install Debian's package gnuplot-nox");
  if (!run->succeeded) fail(ErrorKind::io, "expected gnuplot to draw, got: ", run->last_error());
  if (run->output.empty())
    fail(ErrorKind::io, "expected a picture from gnuplot, got: ", run->last_error());
  return run->output;
}

}  // namespace submask
