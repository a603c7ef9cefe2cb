#include "serve/api/infer_message.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <numeric>

#include "base/fail.h"
#include "base/json_text.h"
#include "base/parse_number.h"
#include "base/quoted_name.h"
#include "serve/http/base64.h"

namespace submask {
namespace {

using InputJson = nlohmann::json;  // sorted: a client may name many members
using OutputJson = nlohmann::ordered_json;
static_assert(std::endian::native == std::endian::little, "tensors are little-endian");

constexpr size_t most_json_bytes = 16 << 20;  // JSON takes many times its size in memory
constexpr size_t most_composite = 1 << 19;    // lists, objects and members of it
constexpr int deepest_json = 64;              // as parse_json() has it
constexpr size_t most_inputs = 16, most_outputs = 16;
constexpr size_t most_texts = 10'000;  // of an input: an empty one has 4 bytes, and takes 32

const InputJson& member(const InputJson& object, const char* key, InputJson::value_t type,
                        const std::string& kind) {
  const auto found = object.find(key);
  if (found == object.end() || found->type() != type)
    fail_argument(text(kind, " as \"", key, "\""),
                  found == object.end() ? "none" : found->type_name());
  return *found;
}

std::string text_member(const InputJson& object, const char* key) {
  return member(object, key, InputJson::value_t::string, "a text").get<std::string>();
}

// Optional members of an optional object of parameters.
const InputJson* parameter(const InputJson& object, const char* key) {
  const auto parameters = object.find("parameters");
  if (parameters == object.end()) return nullptr;
  if (!parameters->is_object())
    fail_argument("an object as \"parameters\"", parameters->type_name());
  const auto found = parameters->find(key);
  return found == parameters->end() ? nullptr : &*found;
}

std::optional<int64_t> whole_parameter(const InputJson& object, const char* key) {
  const InputJson* value = parameter(object, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_integer() ||
      (value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX) ||
      value->get<int64_t>() < 0)
    fail_argument(text("a whole number as the parameter \"", key, "\""), shown(json_text(*value)));
  return value->get<int64_t>();
}

std::optional<bool> bool_parameter(const InputJson& object, const char* key) {
  const InputJson* value = parameter(object, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean())
    fail_argument(text("true or false as the parameter \"", key, "\""), shown(json_text(*value)));
  return value->get<bool>();
}

// The elements of a shape; checked, so that sizes that are made of it fit.
int64_t elements_of(const std::vector<int64_t>& shape) {
  constexpr int64_t most = int64_t{1} << 32;
  int64_t count = 1;
  for (const int64_t size : shape) {
    if (size < 1 || size > most / count)
      fail_argument("a shape of 1 to 2^32 elements", text("a size of ", size));
    count *= size;
  }
  return count;
}

std::vector<int64_t> shape_of(const InputJson& input) {
  std::vector<int64_t> shape;
  constexpr size_t most_dimensions = 8;
  for (const InputJson& size :
       member(input, "shape", InputJson::value_t::array, "a list of sizes")) {
    if (!size.is_number_unsigned() || size.get<uint64_t>() > INT64_MAX ||
        shape.size() == most_dimensions)
      fail_argument("a shape of at most 8 whole numbers", shown(json_text(input["shape"])));
    shape.push_back(size.get<int64_t>());
  }
  return shape;
}

// Lists within lists, or one list, give the same elements.
void walk(const InputJson& data, const std::function<void(const InputJson&)>& take) {
  if (!data.is_array()) return take(data);
  for (const InputJson& element : data) walk(element, take);
}

[[noreturn]] void fail_element(const InferInput& input, const std::string& type,
                               const InputJson& got) {
  fail_argument(text(type, " in the data of ", quoted_name(input.name)), shown(json_text(got)));
}

template <typename Value, typename Convert>
std::vector<Value> elements(const InputJson& data, Convert convert) {
  std::vector<Value> values;
  walk(data, [&](const InputJson& element) { values.push_back(convert(element)); });
  return values;
}

void read_json_data(const InputJson& data, const std::string& datatype, InferInput& input) {
  if (datatype == "BYTES")
    input.data = elements<std::string>(data, [&](const InputJson& element) {
      const auto bytes = element.is_string() ? base64_decoded(element.get_ref<const std::string&>())
                                             : std::nullopt;
      if (!bytes)
        fail_element(input, "base64 (images as they are go behind the JSON, as binary data)",
                     element);
      return *bytes;
    });
  else if (datatype == "UINT8")
    input.data = elements<uint8_t>(data, [&](const InputJson& element) {
      if (!element.is_number_unsigned() || element.get<uint64_t>() > UINT8_MAX)
        fail_element(input, "0 to 255", element);
      return element.get<uint8_t>();
    });
  else
    input.data = elements<float>(data, [&](const InputJson& element) {
      if (!element.is_number()) fail_element(input, "numbers", element);
      return element.get<float>();
    });
}

// Each text has its length before it, in 4 bytes.
std::vector<std::string> texts_in(std::string_view bytes, const std::string& name) {
  std::vector<std::string> texts;
  while (!bytes.empty()) {
    if (texts.size() == most_texts)
      fail_argument(text("at most ", most_texts, " elements of ", quoted_name(name)), "more");
    uint32_t size = 0;
    if (bytes.size() >= sizeof size) std::memcpy(&size, bytes.data(), sizeof size);
    if (bytes.size() < sizeof size || bytes.size() - sizeof size < size)
      fail_argument(
          text("4 bytes of length and so many bytes for each element of ", quoted_name(name)),
          text(bytes.size(), " bytes"));
    texts.emplace_back(bytes.substr(sizeof size, size));
    bytes.remove_prefix(sizeof size + size);
  }
  return texts;
}

template <typename Value>
std::vector<Value> numbers_in(std::string_view bytes, const std::string& name) {
  if (bytes.size() % sizeof(Value) != 0)
    fail_argument(text("a multiple of ", sizeof(Value), " bytes for ", quoted_name(name)),
                  bytes.size());
  std::vector<Value> values(bytes.size() / sizeof(Value));
  if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

void read_binary_data(std::string_view bytes, const std::string& datatype, InferInput& input) {
  if (datatype == "BYTES")
    input.data = texts_in(bytes, input.name);
  else if (datatype == "UINT8")
    input.data = numbers_in<uint8_t>(bytes, input.name);
  else
    input.data = numbers_in<float>(bytes, input.name);
}

// `binary` is what follows the JSON; the input's bytes are taken from its beginning.
InferInput read_input(const InputJson& json, std::string_view& binary) {
  if (!json.is_object()) fail_argument("an object as an input", json.type_name());
  InferInput input{text_member(json, "name"), shape_of(json), {}};
  const std::string datatype = text_member(json, "datatype");
  if (datatype != "BYTES" && datatype != "UINT8" && datatype != "FP32")
    fail_argument("the datatype BYTES, UINT8 or FP32 of " + quoted_name(input.name),
                  quoted_name(datatype));
  const int64_t count = elements_of(input.shape);
  if (const auto size = whole_parameter(json, "binary_data_size")) {
    if (json.contains("data"))
      fail_argument("data or binary_data_size of " + quoted_name(input.name), "both");
    if (std::cmp_greater(*size, binary.size()))
      fail_argument(text(*size, " bytes of ", quoted_name(input.name), " behind the JSON"),
                    binary.size());
    read_binary_data(binary.substr(0, static_cast<size_t>(*size)), datatype, input);
    binary.remove_prefix(static_cast<size_t>(*size));
  } else {
    read_json_data(member(json, "data", InputJson::value_t::array, "a list"), datatype, input);
  }
  const auto got = std::visit([](const auto& data) { return data.size(); }, input.data);
  if (std::cmp_not_equal(got, count))
    fail_argument(text(count, " elements of ", quoted_name(input.name), ", as its shape says"),
                  got);
  return input;
}

WantedOutput read_output(const InputJson& json, bool is_binary_usual) {
  if (!json.is_object()) fail_argument("an object as an output", json.type_name());
  return {text_member(json, "name"), bool_parameter(json, "binary_data").value_or(is_binary_usual),
          whole_parameter(json, "classification").value_or(0)};
}

std::string_view json_part(std::string_view body, std::string_view json_bytes) {
  if (json_bytes.empty()) return body;
  const auto size = parse_number<size_t>(json_bytes);
  if (!size || *size > body.size())
    fail_argument(text("Inference-Header-Content-Length of at most ", body.size()),
                  quoted_name(json_bytes));
  return body.substr(0, *size);
}

OutputJson output_json(const InferOutput& output, std::string& binary) {
  OutputJson json = {{"name", output.name},
                     {"datatype", output.data.index() == 0 ? "BYTES" : "FP32"},
                     {"shape", output.shape}};
  if (!output.is_binary) {
    std::visit([&](const auto& data) { json["data"] = data; }, output.data);
    return json;
  }
  const size_t before = binary.size();
  if (const auto* texts = std::get_if<std::vector<std::string>>(&output.data)) {
    for (const std::string& element : *texts) {
      const auto size = static_cast<uint32_t>(element.size());
      binary.append(reinterpret_cast<const char*>(&size), sizeof size);
      binary += element;
    }
  } else {
    const auto& numbers = std::get<std::vector<float>>(output.data);
    binary.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
  }
  json["parameters"] = {{"binary_data_size", binary.size() - before}};
  return json;
}

}  // namespace

InferRequest parse_infer_request(std::string_view body, std::string_view json_bytes) {
  const std::string_view words = json_part(body, json_bytes);
  if (words.size() > most_json_bytes)
    fail_argument(text("at most ", most_json_bytes, " bytes of JSON (the rest as binary data)"),
                  words.size());
  const JsonExtent extent = extent_of(words);
  if (extent.composite > most_composite)
    fail_argument(text("at most ", most_composite, " lists, objects and members in JSON"), "more");
  if (extent.depth > deepest_json)
    fail_argument(text("JSON of at most ", deepest_json, " levels"), extent.depth);
  const auto json = InputJson::parse(words, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!json.is_object())
    fail_argument("a request as a JSON object", json.is_discarded() ? "no JSON" : json.type_name());
  InferRequest request;
  if (json.contains("id")) request.id = text_member(json, "id");
  request.timeout_us = whole_parameter(json, "timeout");
  request.is_binary_usual = bool_parameter(json, "binary_data_output").value_or(false);
  std::string_view binary = body.substr(words.size());
  const InputJson& inputs = member(json, "inputs", InputJson::value_t::array, "a list");
  if (inputs.size() > most_inputs)
    fail_argument(text("at most ", most_inputs, " inputs"), inputs.size());
  for (const InputJson& input : inputs) request.inputs.push_back(read_input(input, binary));
  if (!binary.empty())
    fail_argument("binary data of the inputs alone", text(binary.size(), " bytes more"));
  if (!json.contains("outputs")) return request;
  const InputJson& outputs = member(json, "outputs", InputJson::value_t::array, "a list");
  if (outputs.size() > most_outputs)
    fail_argument(text("at most ", most_outputs, " outputs"), outputs.size());
  for (const InputJson& output : outputs)
    request.outputs.push_back(read_output(output, request.is_binary_usual));
  return request;
}

InferBody infer_body(const InferResponse& response) {
  OutputJson json = {{"model_name", response.model}, {"model_version", response.version}};
  if (!response.id.empty()) json["id"] = response.id;
  std::string binary;
  auto& outputs = json["outputs"] = OutputJson::array();
  bool has_binary = false;
  for (const InferOutput& output : response.outputs) {
    outputs.push_back(output_json(output, binary));
    has_binary = has_binary || output.is_binary;
  }
  InferBody body{json_text(json), {}};
  if (has_binary) {
    body.json_bytes = body.bytes.size();
    body.bytes += binary;
  }
  return body;
}

}  // namespace submask
