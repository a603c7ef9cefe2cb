#include "bench/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <limits>

namespace submask::bench {
namespace {

template <typename Value>
CLI::Option* add_option(CLI::App& app, const std::string& name, Value& value,
                        const std::string& help) {
  return app.add_option(name, value, help)->capture_default_str();
}

CLI::Option* add_option(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                        const std::string& help) {
  CLI::Option* option = app.add_option(name, values, help);
  if (!values.empty()) option->capture_default_str();  // none would show as []
  return option;
}

}  // namespace

Options::Options(const std::string& description) : app_(std::make_unique<CLI::App>(description)) {}

Options::~Options() = default;

void Options::add(const std::string& name, int& value, const std::string& help) {
  add_option(*app_, name, value, help);
}

void Options::add(const std::string& name, double& value, const std::string& help) {
  add_option(*app_, name, value, help);
}

void Options::add(const std::string& name, std::string& value, const std::string& help) {
  add_option(*app_, name, value, help);
}

void Options::add(const std::string& name, std::vector<std::string>& values,
                  const std::string& help) {
  add_option(*app_, name, values, help);
}

void Options::add_required(const std::string& name, std::string& value, const std::string& help) {
  add_option(*app_, name, value, help)->required();
}

void Options::add_required(const std::string& name, std::vector<std::string>& values,
                           const std::string& help) {
  add_option(*app_, name, values, help)->required();
}

void Options::add_positive(const std::string& name, int& value, const std::string& help) {
  add_option(*app_, name, value, help)->check(CLI::Range(1, std::numeric_limits<int>::max()));
}

void Options::add_positive(const std::string& name, int64_t& value, const std::string& help) {
  add_option(*app_, name, value, help)
      ->check(CLI::Range(int64_t{1}, std::numeric_limits<int64_t>::max()));
}

void Options::add_share(const std::string& name, double& value) {
  add_option(*app_, name, value, {})->check(CLI::Range(0., 1.));
}

void Options::add_choice(const std::string& name, std::string& value,
                         const std::vector<std::string>& choices, const std::string& help) {
  add_option(*app_, name, value, help)->check(CLI::IsMember(choices));
}

void Options::add_flag(const std::string& name, bool& value, const std::string& help) {
  app_->add_flag(name, value, help);
}

void Options::parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app_->exit(error));
  }
}

}  // namespace submask::bench
