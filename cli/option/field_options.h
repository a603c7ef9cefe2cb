// Adds tables of settings (base/fields.h) to a command as options.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/fields.h"

namespace submask::cli {

// Adds one field. The help shows `default_words` as its default. `assign` is called with the words
// of the user.
CLI::Option* add_field_option(CLI::App& command, const std::string& group,
                              const FieldDescription& field, const Words& default_words,
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
