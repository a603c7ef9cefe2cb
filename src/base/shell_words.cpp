#include "base/shell_words.h"

#include <cctype>

namespace submask {

std::string shell_word(const std::string& word) {
  constexpr std::string_view harmless = "-_=./:,+@%";
  bool quoted = word.empty();
  for (const char c : word)
    quoted |= std::isalnum(static_cast<unsigned char>(c)) == 0 &&
              harmless.find(c) == std::string_view::npos;
  if (!quoted) return word;
  std::string in_quotes = "'";
  for (const char c : word) in_quotes += c == '\'' ? "'\\''" : std::string(1, c);
  return in_quotes + "'";
}

std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool within = false, in_quotes = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_quotes) {
      in_quotes = c != '\'';
      if (in_quotes) word += c;
    } else if (c == '\'') {
      within = in_quotes = true;
    } else if (c == '\\' && i + 1 < line.size()) {
      within = true;
      word += line[++i];
    } else if (c == ' ') {
      if (within) words.push_back(std::move(word));
      word.clear();
      within = false;
    } else {
      within = true;
      word += c;
    }
  }
  if (within) words.push_back(std::move(word));
  return words;
}

}  // namespace submask
