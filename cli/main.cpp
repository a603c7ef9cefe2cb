// The program: it adds the commands and turns errors into exit codes.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include <c10/util/Exception.h>
#include <torch/version.h>

#include <submask/error.h>
#include <submask/version.h>

#include "base/fail.h"
#include "base/json_text.h"
#include "base/keep_freed_memory.h"
#include "cli/command/commands.h"
#include "cli/option/config_file.h"
#include "cli/output/fetch_line.h"
#include "cli/output/progress_line.h"
#include "parallel/process_group.h"
#include "parallel/process_place.h"
#include "parallel/record_agreement.h"
#include "run/learn_run.h"
#include "run/shared_cores.h"

namespace submask::cli {
namespace {

// The codes are 0 done, 2 wrong usage, 3 bad input file or data, 4 input/output failure, 5 anything
// else, 75 stopped by a signal after a checkpoint, 130 interrupted (Ctrl-C, or with nothing kept).
int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument:
      return 2;
    case ErrorKind::corrupt_file:
    case ErrorKind::unsupported_version:
      return 3;
    case ErrorKind::io:
      return 4;
    case ErrorKind::unavailable:
      return 5;
    case ErrorKind::stopped:
      return stop_signal() == SIGINT ? 130 : 75;
    case ErrorKind::interrupted:
      return 130;
  }
  return 5;
}

// Prints one line, even where a file name or another library's message has several. Returns `code`.
int print_error(std::string message, int code) {
  std::replace_if(
      message.begin(), message.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  std::cerr << "submask: " + in_one_line(std::move(message)) + "\n" << std::flush;
  return code;
}

// The commands whose work several processes share.
const std::set<std::string> shared_commands = {"submask train", "submask cascade",
                                               "submask pretrain", "submask evaluate"};

bool asks_for_text(const Arguments& arguments) {
  return std::ranges::any_of(arguments, [](const std::string& word) {
    return word == "--help" || word == "-h" || word == "--version";
  });
}

// This process's place among several of mpirun's. The variables of other launchers are set for
// other programs too, and may say anything.
std::optional<ProcessPlace> place_under_mpirun() {
  try {
    const auto place = process_place();
    if (place && place->launcher == Launcher::open_mpi) return place;
  } catch (const Error&) {
  }
  return std::nullopt;
}

// Any other command would do its work several times, and write its files as often.
void refuse_copies(const NamedCommand& command) {
  if (const auto place = place_under_mpirun())
    fail_argument(text("train, cascade, pretrain or evaluate for ", place->size, " processes"),
                  command.path.substr(command.path.find(' ') + 1));
}

// Of several processes the first alone tells how the run goes.
void join_others(const ProcessGroup& group, const NamedCommand& command, Arguments& arguments) {
  const Communicator& processes = group.communicator();
  if (processes.is_alone()) return;
  catch_interrupts();  // so that a signal for all of them stops all at one step
  check_records_agree(processes,
                      json_text(nlohmann::json{{"command", command.path},
                                               {"version", text(version(), " (", commit(), ")")}}));
  if (processes.is_first()) return;
  arguments.emplace_back("--quiet");
  if (std::freopen("/dev/null", "w", stdout) == nullptr)
    fail(ErrorKind::io, "cannot open /dev/null");
}

void begin_processes(std::optional<ProcessGroup>& group, const NamedCommand& command,
                     Arguments& arguments) {
  if (!shared_commands.contains(command.path)) return refuse_copies(command);
  group.emplace();
  join_others(*group, command, arguments);
}

// What has failed in one process ends them all. An error of every process is printed by the first,
// which ends the others while they wait.
int end_all(const std::optional<ProcessGroup>& group, const std::string& message, int code) {
  const auto place = place_under_mpirun();
  if (place && place->rank > 0) {
    std::this_thread::sleep_for(std::chrono::seconds(2));
    print_error(text("rank ", place->rank, ": ", message), code);
  } else {
    print_error(message, code);
  }
  if (group) group->communicator().abort(code);
  return code;
}

// Returns the exit code. Output that cannot be written is an error.
int flush_output() {
  std::cout.flush();
  const bool printed = std::cout.good() && std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  return printed ? 0 : print_error("cannot write standard output", exit_code(ErrorKind::io));
}

// Throws for the arguments that CLI11 did not expect: for the first option, or else the first word.
[[noreturn]] void fail_unexpected(const NamedCommand& command, const CLI::App& program) {
  std::vector<std::string> left = command.app->remaining();
  if (left.empty()) left = program.remaining(true);
  for (const std::string& word : left)
    if (word.starts_with("--"))
      command.option(word.substr(0, word.find('=')));  // throws for an unknown option
  fail_argument("no more words after " + command.path, left.empty() ? "some" : left.front());
}

// `submask help grid run` asks for what `submask grid run --help` does.
void take_help(Arguments& arguments) {
  if (arguments.empty() || arguments.front() != "help") return;
  arguments.erase(arguments.begin());
  arguments.emplace_back("--help");
}

int run(int argc, char** argv) {
  CLI::App program(
      "submask adapts one frozen, pretrained vision network to many tasks.\n"
      "For each task it learns which weights to switch off: a task is a small file.\n\n"
      "  submask train --backbone resnet20 --data fashion-mnist --epochs 4 --out fashion.task\n"
      "  submask evaluate --task fashion.task --data fashion-mnist\n"
      "  submask predict --task fashion.task photo.jpg",
      "submask");
  program.require_subcommand(1);
  program.set_version_flag(
      "--version", text("submask ", version(), " (", commit(), "), LibTorch ", TORCH_VERSION));
  program.get_formatter()->column_width(34);
  add_train_command(program);
  add_fit_command(program);
  add_low_labels_command(program);
  add_cascade_command(program);
  add_grid_command(program);
  add_report_command(program);
  add_analyze_command(program);
  add_evaluate_command(program);
  add_map_command(program);
  add_predict_command(program);
  add_serve_command(program);
  add_inspect_command(program);
  add_verify_command(program);
  add_pack_command(program);
  add_unpack_command(program);
  add_diff_command(program);
  add_merge_command(program);
  add_sign_command(program);
  add_push_command(program);
  add_export_command(program);
  add_pretrain_command(program);
  add_backbones_command(program);
  add_datasets_command(program);
  add_manual_command(program);
  add_completion_command(program);
  std::optional<ProcessGroup> group;
  const auto failed = [&group](const std::string& message, int code) {
    return end_all(group, message, code);
  };
  try {
    Arguments arguments(argv + 1, argv + argc);
    take_help(arguments);
    const std::vector<std::string> config_files = take_config_files(arguments);
    const NamedCommand command = named_command(program, arguments);
    const OptionPlaces places = apply_config(config_files, command, arguments);
    if (!asks_for_text(arguments)) begin_processes(group, command, arguments);
    if (std::find(arguments.begin(), arguments.end(), "--quiet") == arguments.end()) show_fetches();
    std::reverse(arguments.begin(), arguments.end());
    try {
      with_places_in_errors(places, [&] { program.parse(std::move(arguments)); });
    } catch (const CLI::ExtrasError&) {
      fail_unexpected(command, program);
    }
    return flush_output();
  } catch (const CLI::Success& success) {
    program.exit(success);  // prints the text of --help or --version
    return flush_output();
  } catch (const CLI::RuntimeError& error) {
    return error.get_exit_code();  // another process prints the message
  } catch (const CLI::ParseError& error) {
    return failed(std::string(error.what()) + " (--help lists what there is)", 2);
  } catch (const StoppedWhileMeasuring& stop) {
    return failed(stop.what(), exit_code(stop.kind()));
  } catch (const Error& error) {
    // All processes stop at the same step, and none has to be ended.
    if (error.kind() == ErrorKind::stopped && !communicator().is_first()) return 75;
    if (error.kind() == ErrorKind::stopped)
      return print_error(error.what(), exit_code(error.kind()));
    return failed(error.what(), exit_code(error.kind()));
  } catch (const std::filesystem::filesystem_error& error) {
    return failed(error.what(), exit_code(ErrorKind::io));
  } catch (const std::bad_alloc&) {
    return failed("out of memory (a smaller --batch-size needs less)", 5);
  } catch (const c10::Error& error) {
    return failed(error.what_without_backtrace(), 5);
  } catch (const std::exception& error) {
    return failed(error.what(), 5);
  }
}

}  // namespace
}  // namespace submask::cli

int main(int argc, char** argv) {
  // With the signal ignored, a write over the user's limit of file size fails as on a full disk.
  // The signal would end the program.
  std::signal(SIGXFSZ, SIG_IGN);
  submask::keep_freed_memory();
  const submask::SharedCores shared_cores;
  return submask::cli::run(argc, argv);
}
