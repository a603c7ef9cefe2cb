// Runs gnuplot as a child process: no shell, no start-up file, no path inside the script.
#pragma once

#include <string>
#include <string_view>

namespace submask {

// `text` as a gnuplot string that stands for itself: in single quotes, where gnuplot substitutes
// nothing. A quote in it becomes the apostrophe U+2019 (gnuplot misreads a doubled one at a
// string's start), control characters become spaces, and bytes that are not UTF-8 question marks.
std::string gnuplot_string(std::string_view text);

// What gnuplot writes to its standard output for `script`. Throws unavailable where gnuplot is not
// installed and io where it fails (with the last line it complained in).
std::string run_gnuplot(std::string_view script);

}  // namespace submask
