// The option --cascade conditional | unconditional of commands that take cascade files.
#pragma once

#include <CLI/CLI.hpp>

#include <submask/evaluate.h>

namespace submask::cli {

void add_cascade_mode(CLI::App& command, CascadeMode& mode);

}  // namespace submask::cli
