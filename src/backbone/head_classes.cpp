#include "backbone/head_classes.h"

#include <algorithm>

#include "backbone/config_fields.h"

namespace submask {
namespace {

using nlohmann::json;

std::vector<std::string> listed_names(const json& list) {
  const bool has_texts = list.is_array() && std::ranges::all_of(list, [](const json& name) {
                           return name.is_string();
                         });
  return has_texts ? list.get<std::vector<std::string>>() : std::vector<std::string>();
}

// {"0": "cat", "1": "dog"}
std::vector<std::string> numbered_names(const json& names) {
  std::vector<std::string> list;
  if (!names.is_object()) return list;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto name = names.find(std::to_string(i));
    if (name == names.end() || !name->is_string()) return {};
    list.push_back(name->get<std::string>());
  }
  return list;
}

std::vector<std::string> names_in(const WeightFile& file) {
  if (const auto own = file.metadata.find("classes"); own != file.metadata.end())
    return listed_names(json::parse(own->second, nullptr, false));
  const json config = object_in(file.config);
  for (const char* place : {"/label_names", "/pretrained_cfg/label_names"})
    if (const json::json_pointer pointer(place); config.contains(pointer))
      return listed_names(config[pointer]);
  return config.contains("id2label") ? numbered_names(config["id2label"])
                                     : std::vector<std::string>();
}

}  // namespace

std::vector<std::string> head_classes(const WeightFile& file, int64_t classes) {
  std::vector<std::string> names = names_in(file);
  if (names.empty() || std::ssize(names) != classes || names.front() == "LABEL_0") return {};
  return names;
}

}  // namespace submask
