// Words as a shell reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace submask {

// The word as it is where no character means something to a shell, else in single quotes.
std::string shell_word(const std::string& word);

// The words of a line that shell_word() made; a quote that does not end does at the line's end.
std::vector<std::string> shell_words(std::string_view line);

}  // namespace submask
