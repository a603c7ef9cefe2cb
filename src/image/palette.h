// The colours that an image's indices stand for.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace submask {

// Indices without a colour are black.
class Palette {
 public:
  static constexpr size_t size() { return 256; }

  void set(size_t index, uint8_t red, uint8_t green, uint8_t blue) {
    colours_[index] = {red, green, blue};
  }
  void look_up(uint8_t index, uint8_t* rgb) const { std::copy_n(colours_[index].data(), 3, rgb); }
  void look_up(std::span<const uint8_t> indices, uint8_t* rgb) const {
    for (const uint8_t index : indices) {
      look_up(index, rgb);
      rgb += 3;
    }
  }

 private:
  std::array<std::array<uint8_t, 3>, 256> colours_{};
};

// Each index is its own grey.
inline Palette grey_palette() {
  Palette palette;
  for (size_t i = 0; i < palette.size(); ++i) {
    const auto grey = static_cast<uint8_t>(i);
    palette.set(i, grey, grey, grey);
  }
  return palette;
}

}  // namespace submask
