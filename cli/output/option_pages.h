// Pages of the program's commands and options, and completion for shells. All are made from CLI11's
// commands, so that they are always up to date.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <string>

namespace submask::cli {

enum class Shell { bash, zsh, fish };
constexpr auto names_of(Shell) { return std::array{"bash", "zsh", "fish"}; }

std::string markdown_page(const CLI::App& program);  // docs/options.md
std::string manual_page(const CLI::App& program);    // submask.1, for man
std::string completion_script(const CLI::App& program, Shell shell);

}  // namespace submask::cli
