#include "serve/http/multipart_form.h"

#include <algorithm>

#include "base/fail.h"
#include "base/lower_case.h"
#include "base/quoted_name.h"
#include "serve/http/header_text.h"

namespace submask {
namespace {

// "form-data; name=\"image\"; label=cat": the first word, and the parameters behind it.
class HeaderValue {
 public:
  explicit HeaderValue(std::string_view value) : rest_(value) {
    word = lower_case(without_blanks(rest_.substr(0, rest_.find(';'))));
    rest_.remove_prefix(std::min(rest_.find(';'), rest_.size()));
    while (!rest_.empty()) read_parameter();
  }

  // "" where there is none.
  std::string parameter(const std::string& name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? "" : found->second;
  }

  std::string word;
  std::map<std::string, std::string> parameters;

 private:
  void read_parameter() {
    rest_.remove_prefix(1);  // the semicolon
    const size_t end = std::min(rest_.find(';'), rest_.size()), equals = rest_.find('=');
    if (equals >= end) {
      if (!without_blanks(rest_.substr(0, end)).empty())
        fail_argument("NAME=VALUE as a parameter of a header", quoted_name(rest_.substr(0, end)));
      return rest_.remove_prefix(end);
    }
    const std::string name = lower_case(without_blanks(rest_.substr(0, equals)));
    rest_ = without_blanks(rest_.substr(equals + 1));
    std::string value = rest_.starts_with('"') ? read_quoted() : read_plain();
    if (!parameters.try_emplace(name, std::move(value)).second)
      fail_argument("each parameter of a header once", quoted_name(name));
  }

  std::string read_plain() {
    const std::string_view value = rest_.substr(0, rest_.find(';'));
    rest_.remove_prefix(value.size());
    return std::string(without_blanks(value));
  }

  std::string read_quoted() {
    std::string value;
    size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      value += rest_[i];
    }
    if (i == rest_.size()) fail_argument("a quote at the end of a header's parameter", "none");
    rest_ = without_blanks(rest_.substr(i + 1));
    if (!rest_.empty() && rest_.front() != ';')
      fail_argument("';' behind a header's parameter", quoted_name(rest_.substr(0, 1)));
    return value;
  }

  std::string_view rest_;
};

class FormReader {
 public:
  FormReader(std::string_view boundary, std::string_view body)
      : delimiter_("\r\n--" + std::string(boundary)), rest_(body) {}

  std::vector<FormPart> read(size_t most_parts) {
    skip_preamble();
    std::vector<FormPart> parts;
    while (!is_end()) {
      if (parts.size() == most_parts)
        fail_argument(text("a form of at most ", most_parts, " parts"), "more");
      parts.push_back(read_part());
    }
    return parts;
  }

 private:
  // The first delimiter may be the first line.
  void skip_preamble() {
    const std::string_view first = std::string_view(delimiter_).substr(2);
    if (rest_.starts_with(first)) return rest_.remove_prefix(first.size());
    const size_t at = rest_.find(delimiter_);
    if (at == std::string_view::npos) fail_argument("a form that begins with its boundary", "none");
    rest_.remove_prefix(at + delimiter_.size());
  }

  // Behind a delimiter: two dashes end the form, a line's end begins a part.
  bool is_end() {
    if (rest_.starts_with("--")) return true;
    const size_t line = rest_.find("\r\n");
    if (line == std::string_view::npos || !without_blanks(rest_.substr(0, line)).empty())
      fail_argument("a line's end behind a form's boundary", quoted_name(rest_.substr(0, 10)));
    rest_.remove_prefix(line);
    return false;
  }

  FormPart read_part() {
    constexpr size_t most_header_bytes = 16 << 10;
    const size_t end = rest_.substr(0, most_header_bytes).find("\r\n\r\n");
    if (end == std::string_view::npos)
      fail_argument(text("headers of at most ", most_header_bytes, " bytes in a part of a form"),
                    "no end of them");
    FormPart part = part_of(rest_.substr(0, end));
    rest_.remove_prefix(end + 4);
    const size_t next = rest_.find(delimiter_);
    if (next == std::string_view::npos)
      fail_argument("a boundary at the end of a part of a form", "none");
    part.content = rest_.substr(0, next);
    rest_.remove_prefix(next + delimiter_.size());
    return part;
  }

  static FormPart part_of(std::string_view headers) {
    FormPart part;
    bool is_named = false;
    while (!headers.empty()) {
      headers.remove_prefix(2);  // the line's end before it
      const std::string_view line = headers.substr(0, headers.find("\r\n"));
      headers.remove_prefix(line.size());
      const size_t colon = line.find(':');
      if (colon == std::string_view::npos)
        fail_argument("NAME: VALUE as a header of a part of a form", quoted_name(line));
      if (lower_case(without_blanks(line.substr(0, colon))) != "content-disposition") continue;
      HeaderValue value(line.substr(colon + 1));
      if (value.word != "form-data") fail_argument("form-data", quoted_name(value.word));
      is_named = value.parameters.contains("name");
      part.name = value.parameter("name");
      part.parameters = std::move(value.parameters);
    }
    if (!is_named) fail_argument("a name for each part of a form", "none");
    return part;
  }

  std::string delimiter_;
  std::string_view rest_;
};

}  // namespace

bool is_multipart_form(std::string_view content_type) {
  return lower_case(without_blanks(content_type.substr(0, content_type.find(';')))) ==
         "multipart/form-data";
}

std::vector<FormPart> parse_multipart_form(std::string_view content_type, std::string_view body,
                                           size_t most_parts) {
  const HeaderValue type(content_type);
  const std::string boundary = type.parameter("boundary");
  constexpr size_t longest_boundary = 70;  // RFC 2046
  if (type.word != "multipart/form-data")
    fail_argument("multipart/form-data", quoted_name(type.word));
  if (boundary.empty() || boundary.size() > longest_boundary)
    fail_argument("a boundary of 1 to 70 letters", quoted_name(boundary));
  return FormReader(boundary, body).read(most_parts);
}

}  // namespace submask
