// Each function adds one command to the program, with its options, its help and its callback.
#pragma once

#include <CLI/CLI.hpp>

namespace submask::cli {

void add_pretrain_command(CLI::App& program);
void add_train_command(CLI::App& program);
void add_fit_command(CLI::App& program);
void add_low_labels_command(CLI::App& program);
void add_cascade_command(CLI::App& program);
void add_grid_command(CLI::App& program);
void add_report_command(CLI::App& program);
void add_analyze_command(CLI::App& program);
void add_evaluate_command(CLI::App& program);
void add_map_command(CLI::App& program);
void add_predict_command(CLI::App& program);
void add_serve_command(CLI::App& program);
void add_inspect_command(CLI::App& program);
void add_verify_command(CLI::App& program);
void add_pack_command(CLI::App& program);
void add_unpack_command(CLI::App& program);
void add_diff_command(CLI::App& program);
void add_merge_command(CLI::App& program);
void add_sign_command(CLI::App& program);
void add_push_command(CLI::App& program);
void add_export_command(CLI::App& program);
void add_backbones_command(CLI::App& program);
void add_datasets_command(CLI::App& program);
void add_manual_command(CLI::App& program);
void add_completion_command(CLI::App& program);

}  // namespace submask::cli
