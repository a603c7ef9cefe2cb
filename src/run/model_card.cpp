#include "run/model_card.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/json_text.h"
#include "taskfile/task_origin.h"

namespace submask {
namespace {

using nlohmann::json;

// Every JSON string is a YAML string, so YAML needs no escaping of its own.
std::string yaml(const std::string& words) { return json_text(json(words)); }

std::string metadata(const PackedTask& task, const TaskOrigin& origin, const CardFacts& facts) {
  std::string lines =
      "---\nlibrary_name: submask\npipeline_tag: image-classification\ntags:\n- submask\n- "
      "image-classification\n";
  if (!facts.base_model.empty()) lines += "base_model: " + yaml(facts.base_model) + "\n";
  if (!task.licence.empty()) lines += "license: " + yaml(task.licence) + "\n";
  const std::string data = yaml(origin.measured_on);
  if (origin.accuracy) {
    lines +=
        "metrics:\n- accuracy\nmodel-index:\n- name: " + yaml(facts.repository) +
        "\n  results:\n  - task:\n      type: image-classification\n    dataset:\n      name: " +
        data + "\n      type: " + data +
        "\n    metrics:\n    - type: accuracy\n      value: " + json_text(json(*origin.accuracy)) +
        "\n";
  }
  return lines + "---\n";
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", 100 * share);
  return text;
}

}  // namespace

std::string model_card(const PackedTask& task, const CardFacts& facts) {
  const TaskOrigin origin = origin_of(task.provenance);
  std::string card = metadata(task, origin, facts);
  card +=
      "\n# " + in_one_line(facts.repository.substr(facts.repository.find('/') + 1)) +
      "\n\nA mask over a frozen " + in_one_line(task.backbone) +
      ", learned by submask (after Self-Masking Networks for Unsupervised Adaptation; Warmerdam, "
      "Caron, Asano; GCPR 2024): one bit a weight, which says whether it is on.\n\n| | "
      "|\n|---|---|\n";
  const auto row = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) card += "| " + name + " | " + in_one_line(value) + " |\n";
  };
  row("backbone", task.backbone);
  row("identity of its weights", task.weights_identity);
  row("method", origin.method);
  row("data", origin.data);
  if (origin.measured_on != origin.data) row("data of its head", origin.measured_on);
  if (origin.accuracy) row("test accuracy", percent(*origin.accuracy));
  row("weights off", percent(task.masked_fraction()));
  row("classes", std::to_string(task.classes.size()));
  card += "\n```sh\nsubmask predict --task hf:" + facts.repository + " --backbone " +
          in_one_line(task.backbone) + " --weights " +
          (facts.base_model.empty() ? "FILE" : "hf:" + facts.base_model) + " photo.jpg\n```\n";
  return card;
}

}  // namespace submask
