#include "base/strict_json.h"

#include <utility>

#include "base/fail.h"
#include "base/quoted_name.h"

namespace submask {

StrictJson::StrictJson(std::string kind, std::string content, const std::string& file)
    : kind_(std::move(kind)), content_(std::move(content)), file_(file) {}

void StrictJson::parse(Bytes bytes) {
  nlohmann::json_sax<Json>* events = this;
  // Json::sax_parse() would bring the readers of five binary formats, 50 kB of code, of which it
  // chooses when it runs.
  auto text = nlohmann::detail::input_adapter(bytes.begin(), bytes.end());
  nlohmann::detail::parser<Json, decltype(text)>(std::move(text)).sax_parse(events);
}

void StrictJson::refuse(const std::string& got) const {
  const std::string_view item = last_item();
  fail_corrupt(content_, item.empty() ? got : got + " at or after " + quoted_name(item), file_);
}

bool StrictJson::start_object(size_t) {
  on_object_begin();
  names_.emplace_back();
  ++depth_;
  return true;
}

bool StrictJson::end_object() {
  on_object_end();
  names_.pop_back();
  --depth_;
  return true;
}

bool StrictJson::start_array(size_t) {
  on_array_begin();
  ++depth_;
  return true;
}

bool StrictJson::end_array() {
  on_array_end();
  --depth_;
  return true;
}

bool StrictJson::key(std::string& name) {
  if (!names_.back().insert(name).second) refuse("a second " + quoted_name(name));
  on_name(name);
  return true;
}

bool StrictJson::string(std::string& value) {
  on_string(value);
  return true;
}

bool StrictJson::number_unsigned(uint64_t value) {
  on_number(value);
  return true;
}

bool StrictJson::parse_error(size_t position, const std::string&, const Json::exception&) {
  fail_corrupt(kind_ + " in JSON", text("an error at its byte ", position), file_);
}

}  // namespace submask
