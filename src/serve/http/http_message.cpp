#include "serve/http/http_message.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/lower_case.h"
#include "base/parse_number.h"
#include "serve/http/header_text.h"

namespace submask {

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found = std::ranges::find(
      headers, name, [](const auto& header) { return std::string_view(header.first); });
  return found == headers.end() ? std::string_view() : found->second;
}

HttpResponse error_response(int status, const std::string& line) {
  return {.status = status, .body = json_text(nlohmann::json{{"error", line}}) + "\n"};
}

HttpResponse later_response(int status, const std::string& line, double seconds) {
  HttpResponse response = error_response(status, line);
  constexpr double longest = 86'400;
  const auto whole = static_cast<int64_t>(std::ceil(std::clamp(seconds, 1., longest)));
  response.headers.emplace_back("Retry-After", std::to_string(whole));
  return response;
}

std::optional<std::string> percent_decoded(std::string_view part) {
  std::string text;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '%') {
      text += part[i];
      continue;
    }
    const auto code = parse_number<uint8_t>(part.substr(i + 1, 2), 16);
    if (!code || part.size() < i + 3) return std::nullopt;
    text += static_cast<char>(*code);
    i += 2;
  }
  return text;
}

std::optional<std::map<std::string, std::string>> parse_query(std::string_view query) {
  std::map<std::string, std::string> values;
  while (!query.empty()) {
    std::string pair(query.substr(0, query.find('&')));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    std::ranges::replace(pair, '+', ' ');  // as forms send blanks
    const size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decoded(std::string_view(pair).substr(0, equals));
    const auto value =
        percent_decoded(std::string_view(pair).substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return std::nullopt;
    if (!name->empty()) values[*name] = *value;
  }
  return values;
}

// Not by strftime, whose names are those of the process's language.
std::string http_date(std::chrono::system_clock::time_point time) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm at{};
  ::gmtime_r(&seconds, &at);
  std::array<char, 40> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%s, %02d %s %d %02d:%02d:%02d GMT",
                days.at(static_cast<size_t>(at.tm_wday)), at.tm_mday,
                months.at(static_cast<size_t>(at.tm_mon)), at.tm_year + 1900, at.tm_hour, at.tm_min,
                at.tm_sec);
  return buffer.data();
}

std::vector<std::string> header_words(std::string_view list) {
  std::vector<std::string> words;
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(','));
    list.remove_prefix(std::min(word.size() + 1, list.size()));
    if (!without_blanks(word).empty()) words.push_back(lower_case(without_blanks(word)));
  }
  return words;
}

}  // namespace submask
