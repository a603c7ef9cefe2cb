#include "cli/option/field_options.h"

#include "base/joined.h"

namespace submask::cli {
namespace {

std::string type_of(const FieldShape& shape) {
  if (shape.choices.empty()) return shape.type_name;
  return "{" + joined(shape.choices, ",") + "}";
}

}  // namespace

CLI::Option* add_field_option(CLI::App& command, const std::string& group,
                              const FieldDescription& field, const Words& default_words,
                              std::function<void(const Words&)> assign) {
  const FieldShape& shape = field.shape;
  CLI::Option* option = command.add_option(
      "--" + field.name,
      [assign = std::move(assign)](const CLI::results_t& words) {
        assign(words);
        return true;
      },
      field.help);
  option->group(group)->default_str(shape.is_flag ? "" : joined(default_words, " "));
  if (shape.is_flag)
    return option->expected(0)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  option->type_name(type_of(shape));
  if (!shape.is_list) return option;
  // A list may have several words; names may also be in one word with commas. A crop has commas of
  // its own, so each crop needs the option again.
  option->expected(1, CLI::detail::expected_max_vector_size)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(shape.type_name != "CROP");
  if (!shape.choices.empty()) option->delimiter(',');
  return option;
}

}  // namespace submask::cli
