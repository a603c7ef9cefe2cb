// What tokenizers need of Unicode: categories, lower case, composed form.
#pragma once

#include <string>
#include <string_view>

namespace submask {

bool is_letter(char32_t code);  // category L
bool is_number(char32_t code);  // category N
bool is_space(char32_t code);   // what Python's str.split() splits at

// Python's str.lower(): one character for one, but for U+0130, and a sigma that ends a word.
std::u32string lower_case(std::u32string_view text);

// Normalisation form C: "e" and a combining acute accent become one character (Unicode annex 15).
std::u32string composed(std::u32string_view text);

// Full-width Latin, half-width Katakana and Hangul, and the ideographic space, in their usual form.
std::u32string usual_width(std::u32string_view text);

}  // namespace submask
