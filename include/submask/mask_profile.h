// How the bits of a mask are coded in a file.
#pragma once

#include <array>

namespace submask {

enum class MaskProfile {
  plain,  // the bits as they are; can be read without the backbone's weights
  small,  // fewest bytes, about 10 million weights a second and core
  fast,   // about a tenth more bytes, hundreds of millions of weights a second
};
constexpr auto names_of(MaskProfile) { return std::array{"plain", "small", "fast"}; }

}  // namespace submask
