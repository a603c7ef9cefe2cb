#include "naming/checkpoint_layout.h"

#include <algorithm>

namespace submask {
namespace {

// Whether `pattern` matches `name`. Appends the text that each '*' matched to `stars`; a '~'
// matches as much and is forgotten.
bool match(std::string_view pattern, std::string_view name, std::vector<std::string_view>& stars) {
  while (!pattern.empty()) {
    const bool is_star = pattern.front() == '*';
    if (!is_star && pattern.front() != '~') {
      if (name.empty() || name.front() != pattern.front()) return false;
      pattern.remove_prefix(1);
      name.remove_prefix(1);
      continue;
    }
    pattern.remove_prefix(1);
    const size_t end = pattern.empty() ? name.size() : name.find(pattern.front());
    if (end == 0 || end == std::string_view::npos) return false;
    const std::string_view star = name.substr(0, end);
    if (!pattern.empty() && star.find('.') != std::string_view::npos) return false;
    if (is_star) stars.push_back(star);
    name.remove_prefix(end);
  }
  return name.empty();
}

std::string without_wrappers(std::string_view name) {
  std::string result;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('.', begin), name.size());
    const std::string_view word = name.substr(begin, end - begin);
    if (begin == 0 || std::ranges::find(wrapper_words, word) == wrapper_words.end())
      result.append(begin == 0 ? "" : ".").append(word);
    begin = end + 1;
  }
  return result;
}

const NameRule unchanged_names{.from = "*", .to = "*"};

}  // namespace

void add_rules(std::vector<NameRule>& rules, std::span<const Rename> names, const std::string& from,
               const std::string& to) {
  for (const Rename& name : names) {
    NameRule& rule = rules.emplace_back();
    rule.from = from + name.from;
    rule.to = to + name.to;
  }
}

std::optional<RuleTarget> find_target(const CheckpointLayout& layout, std::string_view name) {
  const std::string bare = without_wrappers(name);
  if (layout.rules.empty()) return RuleTarget{&unchanged_names, bare};
  for (const NameRule& rule : layout.rules)
    if (auto network_name = apply_rule(rule, bare)) return RuleTarget{&rule, *network_name};
  return std::nullopt;
}

std::optional<std::string> apply_rule(const NameRule& rule, std::string_view name) {
  std::vector<std::string_view> stars;
  if (!match(rule.from, name, stars)) return std::nullopt;
  std::string result;
  size_t next = 0;
  for (const char c : rule.to) {
    if (c == '*') {
      result += stars.at(next++);
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace submask
