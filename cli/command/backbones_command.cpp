// Lists the backbones, or describes one of them and what a weight file holds of it.
#include <array>
#include <cstdio>
#include <iostream>
#include <set>

#include <submask/backbone.h>

#include "base/names.h"
#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/option/input_options.h"
#include "cli/output/print.h"
#include "run/opened.h"
#include "run/run_fields.h"
#include "taskfile/description_json.h"

namespace submask::cli {
namespace {

// "conv, downsample.conv": the kinds of mask units that are masked without --mask-only.
std::string masked_kinds(const std::vector<MaskUnit>& units) {
  std::string kinds;
  std::set<std::string> named;
  for (const MaskUnit& unit : units)
    if (unit.masked_by_default && named.insert(unit.kind).second)
      kinds += (kinds.empty() ? "" : ", ") + unit.kind;
  return kinds;
}

Json describe_backbone(const BackboneInfo& info, const std::vector<MaskUnit>& units) {
  Json result = {{"name", info.name},
                 {"family", info.family},
                 {"parameters", info.parameters},
                 {"feature_width", info.feature_width}};
  result.update(Json(preprocessing_to_json(info.preprocessing)));
  result.update({{"update_rule", name_of(info.defaults.update_rule)},
                 {"rate", info.defaults.rate},
                 {"unit_rate", info.defaults.unit_rate},
                 {"norm_rate", info.defaults.norm_rate},
                 {"byte_price", info.defaults.byte_price},
                 {"head_rate", info.defaults.head_rate},
                 {"fine_tune_rate", info.defaults.fine_tune_rate},
                 {"masked_by_default", masked_kinds(units)},
                 {"embedded_weights", info.has_embedded_weights},
                 {"weights_source", info.weights_source},
                 {"published", info.published}});
  return result;
}

std::string format_three(const std::array<double, 3>& values) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f %.3f %.3f", values[0], values[1], values[2]);
  return text;
}

void list_backbones(const SharedOptions& shared) {
  Json list = Json::array();
  for (const BackboneInfo& info : backbone_list())
    list.push_back(describe_backbone(info, backbone_mask_units(info.name)));
  if (shared.json) return print_result(shared, {{"backbones", list}});
  std::printf("%-26s %10s %5s %5s %-8s  %-17s  %-17s  %s\n", "backbone", "parameters", "width",
              "input", "resized", "mean", "deviation", "masked by default");
  for (size_t i = 0; i < list.size(); ++i) {
    const BackboneInfo& info = backbone_list()[i];
    const Preprocessing& p = info.preprocessing;
    std::printf("%-26s %9.2fM %5ld %5ld %-8s  %-17s  %-17s  %s\n", info.name.c_str(),
                static_cast<double>(info.parameters) / 1e6, static_cast<long>(info.feature_width),
                static_cast<long>(p.input_size), name_of(p.interpolation).c_str(),
                format_three(p.mean).c_str(), format_three(p.std).c_str(),
                list[i]["masked_by_default"].get<std::string>().c_str());
  }
  std::printf("\nsubmask backbones show NAME tells more, and where its weights are published.\n");
}

std::unique_ptr<Backbone> load_or_create(const SharedOptions& shared,
                                         const BackboneSettings& options) {
  const bool has_weights = !options.weights.empty() || options.name.starts_with("torchscript:") ||
                           backbone_info(options.name).has_embedded_weights;
  return has_weights ? load_backbone(options, shared.compute)
                     : Backbone::create(options.name, shared.compute.seed);
}

void show_backbone(const SharedOptions& shared, const BackboneSettings& options) {
  const auto backbone = load_or_create(shared, options);
  Json result = describe_backbone(backbone->info(), backbone->mask_units());
  const CheckpointReport& checkpoint = backbone->checkpoint();
  if (!checkpoint.format.empty()) {
    result["weights_identity"] = backbone->identity();
    result["checkpoint_format"] = checkpoint.format;
    result["checkpoint_layout"] = checkpoint.layout;
    result["checkpoint_prefix"] = checkpoint.prefix;
    result["tensors_used"] = checkpoint.used;
    result["classifier"] = backbone->head().has_value();
    result["tensors_left"] = checkpoint.ignored;
    result["notes"] = checkpoint.notes;
  }
  Json units = Json::array();
  const TensorMap parameters = backbone->parameters();
  for (const MaskUnit& unit : backbone->mask_units())
    units.push_back(
        {{"name", unit.name},
         {"kind", unit.kind},
         {"weights", parameters.at(unit.parameter)[0].numel() * (unit.row_end - unit.row_begin)},
         {"masked_by_default", unit.masked_by_default}});
  result["units"] = units;
  print_result(shared, result);
  if (shared.json) return;
  for (const std::string& line : checkpoint.notes) std::cout << line << '\n';
  if (!checkpoint.ignored.empty()) {
    std::cout << "\ntensors of the file that were left:\n";
    for (const std::string& name : checkpoint.ignored) std::cout << "  " << name << '\n';
  }
  std::cout << "\nmask unit                                  weights  by default  kind\n";
  for (const Json& unit : units)
    std::printf("%-40s %9ld  %-10s  %s\n", unit["name"].get<std::string>().c_str(),
                unit["weights"].get<long>(),
                unit["masked_by_default"].get<bool>() ? "masked" : "left",
                unit["kind"].get<std::string>().c_str());
}

}  // namespace

void add_backbones_command(CLI::App& program) {
  auto* command =
      program.add_subcommand("backbones", "Lists the backbones; show NAME tells more of one");
  auto shared = std::make_shared<SharedOptions>();
  auto backbone = std::make_shared<BackboneSettings>();
  shared->add_to(*command);
  auto* show = command->add_subcommand(
      "show",
      "One backbone: its mask units, defaults, where its weights are published; with "
      "--weights which layout the file has, what was used and what left");
  shared->add_to(*show);
  show->add_option("NAME", backbone->name, "Backbone")->required();
  add_field_options(*show, chosen_fields(backbone_fields(), {"weights", "checkpoint-key"}),
                    *backbone);
  show->callback([shared, backbone] { show_backbone(*shared, *backbone); });
  command->callback([command, shared] {
    if (command->get_subcommands().empty()) list_backbones(*shared);
  });
}

}  // namespace submask::cli
