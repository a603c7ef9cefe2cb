// Tables of settings (base/fields.h) as options of a command.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/fields.h"

namespace submask::cli {

// One field: `usual` is shown in the help as its default, `assign` gets what the user wrote.
CLI::Option* add_field_option(CLI::App& command, const std::string& group,
                              const FieldDescription& field, const Words& usual,
                              std::function<void(const Words&)> assign);

// `settings` must outlive the parsing.
template <typename S>
void add_field_options(CLI::App& command, const Section<S>& section, S& settings) {
  for (const Field<S>& field : section.fields)
    add_field_option(command, section.title, field, field.words(settings),
                     [&settings, field](const Words& words) { field.assign(settings, words); });
}

template <typename S>
void add_field_options(CLI::App& command, const Fields<S>& table, S& settings) {
  for (const Section<S>& section : table) add_field_options(command, section, settings);
}

}  // namespace submask::cli
