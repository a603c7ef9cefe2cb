#include <cstdio>

#include <submask/task_file.h>

#include "cli/command/commands.h"
#include "cli/option/input_options.h"
#include "cli/output/print.h"
#include "taskfile/task_difference.h"

namespace submask::cli {
namespace {

struct DiffOptions : NetworkOptions {
  std::string a, b;
};

Json numbers_of(const MaskAgreement& agreement) {
  return {{"weights", agreement.weights},
          {"equal_share", agreement.equal_share()},
          {"jaccard", agreement.jaccard()},
          {"chance_jaccard", agreement.chance_jaccard()}};
}

void diff(const DiffOptions& options) {
  const auto backbone = options.load_backbone(read_packed_task(options.a).backbone);
  const Task a = read_task(options.a, *backbone), b = read_task(options.b, *backbone);
  const TaskDifference difference = compare_tasks(a, b);
  PackOptions against;
  against.parent = &a;
  Json result = {{"a", options.a}, {"b", options.b}};
  result.update(numbers_of(difference.all));
  result["mask_bytes"] = pack_task(b, *backbone).coded.size();
  result["mask_bytes_against_a"] = pack_task(b, *backbone, against).coded.size();
  Json& units = result["units"] = Json::array();
  for (const UnitAgreement& unit : difference.units) {
    units.push_back({{"name", unit.name}});
    units.back().update(numbers_of(unit));
  }
  print_result(options, result);
  if (options.json) return;
  std::printf("\n%-40s %9s  %7s  %7s  %s\n", "mask unit", "weights", "equal", "jaccard",
              "by chance");
  for (const UnitAgreement& unit : difference.units)
    std::printf("%-40s %9ld  %6.2f%%  %7.3f  %7.3f\n", unit.name.c_str(),
                static_cast<long>(unit.weights), 100 * unit.equal_share(), unit.jaccard(),
                unit.chance_jaccard());
  std::fflush(stdout);
}

}  // namespace

void add_diff_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "diff", "How far two tasks switch off the same weights, and what one costs given the other");
  auto options = std::make_shared<DiffOptions>();
  options->add_to(*command);
  command->add_option("A", options->a, "Task file")->required();
  command->add_option("B", options->b, "Task file over the same backbone")->required();
  command->callback([options] { diff(*options); });
}

}  // namespace submask::cli
