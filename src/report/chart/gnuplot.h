// Runs gnuplot as a child process: no shell, no start-up file, no path inside the script.
#pragma once

#include <string>
#include <string_view>

namespace submask {

// A gnuplot string of this text: in single quotes, where gnuplot substitutes nothing. A quote in it
// becomes the apostrophe U+2019 (gnuplot misreads a doubled quote at the start of a string),
// control characters become spaces, and bytes that are not UTF-8 question marks.
std::string gnuplot_string(std::string_view text);

// Runs the script and returns what gnuplot writes to its standard output. Throws unavailable where
// gnuplot is not installed, and io with the last line of its complaint where it fails.
std::string run_gnuplot(std::string_view script);

}  // namespace submask
