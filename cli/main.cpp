// The program: its commands, and the one place where errors become exit codes.
#include <c10/util/Exception.h>
#include <submask/error.h>
#include <submask/version.h>

#include <iostream>
#include <new>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/config_file.h"

namespace submask::cli {
namespace {

// 0 done, 2 wrong usage, 3 bad input file or data, 4 input/output failure, 5 anything else, 130 interrupted.
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
    case ErrorKind::interrupted:
      return 130;
  }
  return 5;
}

int complain(const std::string& message, int code) {
  std::cerr << "submask: " << message << std::endl;
  return code;
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
  program.set_version_flag("--version", std::string("submask ") + version() + " (" + commit() + ")");
  program.get_formatter()->column_width(34);
  add_train_command(program);
  add_evaluate_command(program);
  add_predict_command(program);
  add_inspect_command(program);
  add_verify_command(program);
  add_unpack_command(program);
  add_export_command(program);
  add_pretrain_command(program);
  add_backbones_command(program);
  add_datasets_command(program);
  try {
    std::vector<std::string> arguments = expand_config({argv + 1, argv + argc});
    std::reverse(arguments.begin(), arguments.end());
    program.parse(std::move(arguments));
    return 0;
  } catch (const CLI::ParseError& error) {
    return program.exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
  } catch (const Error& error) {
    return complain(error.what(), exit_code(error.kind()));
  } catch (const std::bad_alloc&) {
    return complain("out of memory (a smaller --batch-size needs less)", 5);
  } catch (const c10::Error& error) {
    return complain(error.what_without_backtrace(), 5);
  } catch (const std::exception& error) {
    return complain(error.what(), 5);
  }
}

}  // namespace
}  // namespace submask::cli

int main(int argc, char** argv) { return submask::cli::run(argc, argv); }
