// Text and pictures as parts of an HTML page. Names of classes and files are foreign input: they
// enter a page only through escaped().
#pragma once

#include <string>
#include <string_view>

#include <submask/dataset.h>

#include "base/file.h"

namespace submask {

// For the content of elements and for quoted attributes. Bytes that are not UTF-8, control
// characters and marks that turn the direction of writing become U+FFFD.
std::string escaped(std::string_view text);

// The first `characters`, and an ellipsis where more follow. Not escaped.
std::string shortened(std::string_view text, size_t characters);

std::string base64(Bytes bytes);

// "93.4%"; "-" for NaN.
std::string percent(double share);

// "data:image/png;base64,..." of an image, scaled down where its longer side has more than
// `longest` pixels.
std::string png_data_uri(const Image& image, int longest);

}  // namespace submask
