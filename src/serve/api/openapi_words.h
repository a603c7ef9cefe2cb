// Pieces of openapi.json that many routes have.
#pragma once

#include "serve/api/route_table.h"

namespace submask {

inline Json query_parameter(const std::string& name, const std::string& description,
                            const Json& schema) {
  return {{"name", name}, {"in", "query"}, {"description", description}, {"schema", schema}};
}

inline Json text_schema() { return {{"type", "string"}}; }
inline Json whole_schema(int64_t least, int64_t most) {
  return {{"type", "integer"}, {"minimum", least}, {"maximum", most}};
}

// A route without a body whose answer is a JSON object.
inline Json json_operation(const std::string& summary, const Json& parameters = Json::array()) {
  return {{"summary", summary},
          {"parameters", parameters},
          {"responses",
           {{"200",
             {{"description", "the answer"},
              {"content", {{"application/json", {{"schema", {{"type", "object"}}}}}}}}}}}};
}

// The same with images as the body: one as it is, or a form.
inline Json image_operation(const std::string& summary, const Json& parameters,
                            const Json& form_fields) {
  Json operation = json_operation(summary, parameters);
  const Json binary = {{"type", "string"}, {"format", "binary"}};
  operation["requestBody"] = {
      {"required", true},
      {"content",
       {{"image/*", {{"schema", binary}}},
        {"multipart/form-data",
         {{"schema",
           {{"type", "object"}, {"required", {"image"}}, {"properties", form_fields}}}}}}}};
  return operation;
}

inline Json files_schema() {
  return {
      {"type", "array"}, {"minItems", 1}, {"items", {{"type", "string"}, {"format", "binary"}}}};
}

}  // namespace submask
