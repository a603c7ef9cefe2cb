// The subcommands of `submask datasets`, and functions that they share.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/option/input_options.h"
#include "cli/option/shared_options.h"
#include "cli/output/print.h"
#include "data/set/dataset_report.h"

namespace submask::cli {

struct DatasetsOptions : SharedOptions {
  InputOptions input;

  // Adds a subcommand about one data set.
  CLI::App* add_subcommand(CLI::App& datasets, const std::string& name, const std::string& help);
};

// Adds --workers, for subcommands that decode whole sets.
void add_workers(CLI::App& command, int& workers);

// Prints the title and at most 20 of the lines. Prints nothing where there are no lines.
void print_list(const std::string& title, const std::vector<std::string>& lines);

// Verifies the data set of the options, and prints the result after the entries of `before`. Throws
// corrupt_file where the set is not whole.
void verify_dataset(const DatasetsOptions& options, int workers,
                    const Json& before = Json::object());

Json unreadable_json(const std::vector<UnreadableImage>& images);
void print_unreadable(const std::vector<UnreadableImage>& images);
void print_damaged(const std::vector<UnreadableImage>& images);
void print_passed_over(const std::vector<PassedOver>& passed_over);

using SharedDatasetsOptions = std::shared_ptr<DatasetsOptions>;

void add_fetch_subcommand(CLI::App& datasets, const SharedDatasetsOptions& options);
void add_stats_subcommand(CLI::App& datasets, const SharedDatasetsOptions& options);
void add_verify_subcommand(CLI::App& datasets, const SharedDatasetsOptions& options);
void add_show_subcommand(CLI::App& datasets, const SharedDatasetsOptions& options);
void add_extract_subcommand(CLI::App& datasets, const SharedDatasetsOptions& options);

}  // namespace submask::cli
