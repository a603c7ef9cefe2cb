// What all charts share: a size, colours, titles, and the file that they end in.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace submask {

// In CSS pixels, 96 an inch.
constexpr int chart_width = 640, chart_height = 440;
constexpr int character_width = 8;

// Okabe and Ito 2008: told apart with every common form of colour blindness, and in grey print.
constexpr std::array<const char*, 8> chart_colours = {"#0072B2", "#E69F00", "#009E73", "#CC79A7",
                                                      "#56B4E9", "#D55E00", "#F0E442", "#000000"};

// Points of kinds: gnuplot's filled circle, square, triangles, diamond; then hollow ones.
constexpr std::array<int, chart_colours.size()> point_marks = {7, 5, 9, 11, 13, 4, 6, 8};

// The commands that give a chart its title and its axes their labels.
std::string titles(const std::string& title, const std::string& x_label,
                   const std::string& y_label);

// The different kinds in the order in which they come. Throws invalid_argument where there are more
// than colours; `items` is what the message calls those that have kinds ("bars").
std::vector<std::string> distinct_kinds(const std::vector<std::string>& kinds, const char* items);

// Draws a gnuplot script (without its terminal) as svg, png or pdf, by the file's extension, in CSS
// pixels. If this fails, an old file stays as it was. Throws invalid_argument (another extension),
// unavailable (no gnuplot) or io.
void draw_picture(std::string_view script, int width, int height, const std::filesystem::path& out);

}  // namespace submask
