// The program's commands and options as pages and as completion for shells, all from the commands
// as CLI11 has them, so that none can lag behind.
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
