// What the tests of data/ share: golden files, noise images, orders of colour jitter, errors to
// compare.
#pragma once

#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include <submask/dataset.h>
#include <submask/error.h>

#include "base/file.h"
#include "base/random.h"
#include "error_of.h"
#include "image/colour_jitter.h"
#include "scratch_folder.h"

namespace submask {

inline std::filesystem::path golden_folder() {
  return std::filesystem::path(SUBMASK_TEST_DATA) / "golden" / "data";
}

// The lines of a golden text file, comments left out.
inline std::vector<std::string> golden_lines(const std::string& name) {
  std::ifstream file(golden_folder() / name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line.front() != '#') lines.push_back(line);
  return lines;
}

// tests/reference/make_images.py makes the same.
inline Image noise_image(uint64_t key, int width, int height) {
  Random random({key, static_cast<uint64_t>(width), static_cast<uint64_t>(height)});
  Image image{width, height, {}};
  for (int64_t i = int64_t{3} * width * height; i > 0; --i)
    image.pixels.push_back(static_cast<uint8_t>(random.next() >> 56));
  return image;
}

// "hbsc": hue first, then brightness, saturation, contrast.
inline std::array<ColourStep, 4> jitter_order(const std::string& letters) {
  std::array<ColourStep, 4> order{};
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = static_cast<ColourStep>(std::string("bcsh").find(letters.at(i)));
  return order;
}

inline void put_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace submask
