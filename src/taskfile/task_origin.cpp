#include "taskfile/task_origin.h"

#include "base/json_text.h"

namespace submask {
namespace {

using ReadJson = nlohmann::json;

std::string word_under(const char* key, const ReadJson& record) {
  const auto found = record.find(key);
  return found != record.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<double> number_under(const char* key, const ReadJson& record) {
  const auto found = record.find(key);
  return found != record.end() && found->is_number() ? std::optional(found->get<double>())
                                                     : std::nullopt;
}

}  // namespace

TaskOrigin origin_of(std::string_view provenance) {
  const auto record = try_json<ReadJson>(provenance);
  if (!record.is_object()) return {};
  TaskOrigin origin{.method = word_under("method", record), .data = word_under("data", record)};
  // Trimming removes what was measured before it, so of two later records one has an accuracy.
  const ReadJson* measured = &record;
  for (const char* later : {"trimmed", "fit"})
    if (const auto found = record.find(later); found != record.end() && found->is_object())
      if (measured == &record || found->contains("accuracy")) measured = &*found;
  origin.accuracy = number_under("accuracy", *measured);
  origin.measured_on = word_under("data", *measured);
  if (measured != &record) origin.mask_accuracy = number_under("accuracy", record);
  return origin;
}

void add_measured(const TaskOrigin& origin, nlohmann::ordered_json& json) {
  if (origin.accuracy) json["accuracy"] = *origin.accuracy;
  if (origin.mask_accuracy) json["mask_accuracy"] = *origin.mask_accuracy;
}

}  // namespace submask
