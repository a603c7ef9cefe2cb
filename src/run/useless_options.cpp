#include "run/useless_options.h"

#include "base/joined.h"
#include "base/names.h"
#include "learn/train_fields.h"
#include "run/run_fields.h"

namespace submask {
namespace {

std::string user_of(const RunSpec& spec) {
  if (const auto* learn = std::get_if<LearnSpec>(&spec.work)) return name_of(learn->method);
  const auto* measure = std::get_if<MeasureSpec>(&spec.work);
  if (measure == nullptr) return "cascade";
  std::vector<std::string> methods;
  for (const MeasureMethod method : measure->methods) methods.push_back(name_of(method));
  return methods.empty() ? "this evaluation" : joined(methods);
}

// Those of the run as a whole. Options of learning have no conditions in this table: what they are
// changes of tells.
std::vector<std::string> useless_of_run(const RunSpec& spec) {
  const Fields<RunSpec>& table = run_fields(kind_of(spec));
  return useless_fields(table, spec, changed_fields(table, spec, new_spec(kind_of(spec))));
}

void tell(const std::vector<std::string>& options, const RunSpec& spec, const RunHooks& hooks) {
  if (!hooks.note) return;
  for (const std::string& option : options)
    hooks.note("--" + option + " is of no use to " + user_of(spec) + " as set here");
}

}  // namespace

void tell_useless_options(const RunSpec& spec, const BackboneInfo& backbone,
                          const TrainSettings& settings, const RunHooks& hooks) {
  tell(useless_of_run(spec), spec, hooks);
  std::vector<std::string> given;
  for (const auto& [name, words] : spec.learn()->changes) given.push_back(name);
  tell(useless_fields(train_fields(), settings, given), spec, hooks);
  // The one condition that is of the network and not of other settings.
  if (const auto stages = settings.selection.stages;
      stages && *stages > backbone.stages && hooks.note)
    hooks.note(text("--stages ", *stages, " is of no use to ", backbone.name, ", which has ",
                    backbone.stages, " after its stem"));
}

void tell_useless_options(const RunSpec& spec, const RunHooks& hooks) {
  tell(useless_of_run(spec), spec, hooks);
}

}  // namespace submask
