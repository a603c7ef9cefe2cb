// Puts a task file onto the Hugging Face hub, with a page that describes it.
#include <algorithm>
#include <filesystem>

#include <submask/backbone.h>

#include "base/fail.h"
#include "base/file.h"
#include "cli/command/commands.h"
#include "cli/option/shared_options.h"
#include "cli/output/print.h"
#include "fetch/hub_upload.h"
#include "run/model_card.h"

namespace submask::cli {
namespace {

struct PushOptions : SharedOptions {
  std::string file, target, base_model;
  std::string message = "Add a task by submask";
  bool is_private = false;
  bool replaces_card = false;
};

// Returns the model that --weights auto fetches for a backbone; "" where there is none. The task
// may have been learned over other weights of the backbone; its weights_identity tells.
std::string published_model(const std::string& backbone) {
  for (const BackboneInfo& info : backbone_list())
    if (info.name == backbone && info.published.starts_with("hf:")) return info.published.substr(3);
  return "";
}

void push(const PushOptions& options) {
  if (!options.target.starts_with("hf:"))
    fail_argument("hf:ORG/NAME[@REVISION][:FILE] to push to", options.target);
  HubSpec target = parse_hub_spec(options.target);
  if (target.file.empty()) target.file = std::filesystem::path(options.file).filename();
  const PackedTask task = read_packed_task(options.file);
  if (!task.parent_file.empty())
    note(options, "coded against " + task.parent_file + ", which has to be in the same model too");
  HubCommit commit{.message = options.message,
                   .files = {{target.file, read_text_file(options.file)}},
                   .is_private = options.is_private};
  const auto there = list_hub_files(target);
  const bool has_card = std::find(there.begin(), there.end(), "README.md") != there.end();
  if (!has_card || options.replaces_card)
    commit.files.push_back(
        {"README.md", model_card(task, {target.repository, target.file,
                                        options.base_model.empty() ? published_model(task.backbone)
                                                                   : options.base_model})});
  else
    note(options, "README.md is there and stays (--card replaces it)");
  const std::string url = upload_to_hub(target, commit);
  print_result(options, {{"file", options.file},
                         {"pushed_to", options.target},
                         {"bytes", commit.files.front().content.size()},
                         {"card", commit.files.size() == 2},
                         {"commit_url", url}});
}

}  // namespace

void add_push_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "push", "Put a task file onto the Hugging Face hub, with a page that tells of it");
  auto options = std::make_shared<PushOptions>();
  options->add_to(*command);
  command->add_option("FILE", options->file, "Task file")->required();
  command
      ->add_option("TARGET", options->target,
                   "hf:ORG/NAME[@REVISION][:FILE]; made where it is not there")
      ->required();
  command
      ->add_option("--base-model", options->base_model,
                   "The backbone's weights on the hub; none: its published default")
      ->type_name("ORG/NAME");
  command->add_option("--message", options->message, "Of the commit");
  command->add_flag("--private", options->is_private, "A model that is made is private");
  command->add_flag("--card", options->replaces_card, "Replace a README.md that is there");
  command->callback([options] { push(*options); });
}

}  // namespace submask::cli
