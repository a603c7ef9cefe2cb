// The part of Unicode that tokenizers need: categories, lower case, composed form.
#pragma once

#include <string>
#include <string_view>

namespace submask {

bool is_letter(char32_t code);  // category L
bool is_number(char32_t code);  // category N
bool is_space(char32_t code);   // as Python's str.split()

// As Python's str.lower(): one character becomes one, except for U+0130; a sigma at the end of a
// word has its own form.
std::u32string lower_case(std::u32string_view text);

// Normalisation form C: "e" and a combining acute accent become one character (Unicode annex 15).
std::u32string composed(std::u32string_view text);

// Replaces full-width Latin, half-width Katakana and Hangul, and the ideographic space by their
// usual forms.
std::u32string usual_width(std::u32string_view text);

}  // namespace submask
