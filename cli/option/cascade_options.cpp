#include "cli/option/cascade_options.h"

#include "cli/option/number_checks.h"

namespace submask::cli {
namespace {

// Those of `submask train` that a cascade has no use for.
void remove_options(CLI::App& command) {
  for (const char* name : {"--out", "--method", "--from", "--tune", "--head", "--log",
                           "--tensorboard", "--keep-epochs"})
    command.remove_option(command.get_option(name));
}

}  // namespace

void CascadeOptions::add_to(CLI::App& command) {
  train.add_to(command);
  remove_options(command);
  const auto group = "Cascade";
  command.add_option("--out", train.out, "Cascade file to write; none: out.cascade")
      ->type_name("FILE");
  command
      .add_option("--dispatcher", cascade_.dispatcher,
                  "Task file whose mask is the dispatcher's (--epochs then says how long it would "
                  "have learned); none: it is learned first")
      ->type_name("TASK")
      ->group(group);
  command.add_option("--experts", cascade_.experts, "Experts, one a cluster")
      ->check(CLI::Range(1, 1000))
      ->group(group);
  command
      .add_option("--router", cascade_.router,
                  "gmm (Gaussian mixture) or kmeans, on the dispatcher's features")
      ->check(CLI::IsMember({"gmm", "kmeans"}))
      ->group(group);
  command
      .add_option("--router-width", cascade_.router_width,
                  "Principal components that it looks at, whitened")
      ->check(positive_number())
      ->group(group);
  command.add_flag("--no-heads", no_heads, "Leave the probes out of the file")->group(group);
}

CascadeSettings CascadeOptions::settings(const BackboneInfo& info,
                                         const std::vector<std::string>& classes) const {
  CascadeSettings settings = cascade_;
  settings.training = train.settings(info, classes);
  return settings;
}

}  // namespace submask::cli
