#include "cli/output/option_pages.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include <submask/version.h>

#include "cli/output/command_tree.h"

namespace submask::cli {
namespace {

std::string escape_table(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.insert(at, "\\");
  return text;
}

std::string signature(const OptionEntry& option) {
  std::string text;
  for (const std::string& name : option.names) text += (text.empty() ? "" : ", ") + name;
  return option.type.empty() ? text : text + " " + option.type;
}

// roff takes a line that begins with a dot or an apostrophe for a request. It may print a dash as a
// hyphen, which a shell would not accept after copying.
std::string escape_roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '-') out += '\\';
    out += c;
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

}  // namespace

std::string markdown_page(const CLI::App& program) {
  std::ostringstream page;
  page << "# Options\n\nMade by `submask manual --format markdown`; a test holds it to that. Every "
          "option of `train`, `cascade` and `evaluate`\nsays what another value of it changes: the "
          "*result* (it enters the record, names of cells and the fingerprint of\ncheckpoints), "
          "*content* (what is read: digests of images and weights stand for it in these), *files* "
          "(which there are\nin the end), results by *rounding* alone, or *nothing*. The word "
          "`default` takes back a value that need not be there.\n";
  for (const CommandEntry& command : command_tree(program)) {
    page << "\n## submask " << command.path << "\n\n" << command.help << "\n";
    std::string group;
    for (const OptionEntry& option : command.options) {
      if (option.group != group || &option == &command.options.front()) {
        group = option.group;
        page << "\n"
             << group << ":\n\n"
             << (command.has_effects ? "| option | default | what | changes |\n|---|---|---|---|\n"
                                     : "| option | default | what |\n|---|---|---|\n");
      }
      page << "| `" << escape_table(signature(option)) << "` | "
           << escape_table(option.default_value) << " | " << escape_table(option.help);
      if (command.has_effects) page << " | " << option.effect;
      page << " |\n";
    }
  }
  return page.str();
}

std::string manual_page(const CLI::App& program) {
  std::ostringstream page;
  page << ".TH SUBMASK 1 \"\" \"submask " << version() << "\" \"User Commands\"\n"
       << ".SH NAME\nsubmask \\- many tasks over one frozen vision network\n"
       << ".SH SYNOPSIS\n.B submask\n.I COMMAND\n.RI [ OPTIONS ]\n.SH DESCRIPTION\n"
       << "Adapts one frozen, pretrained vision network to many tasks. For each task it learns "
          "which "
          "weights to switch off: a task is a small file.\n"
       << ".SH EXIT STATUS\n0 done, 2 wrong usage, 3 bad input file or data, 4 input/output "
          "failure, "
          "5 anything else, 130 interrupted.\n";
  for (const CommandEntry& command : command_tree(program)) {
    page << ".SH \"submask " << escape_roff(command.path) << "\"\n"
         << escape_roff(command.help) << "\n";
    for (const OptionEntry& option : command.options) {
      page << ".TP\n.B " << escape_roff(signature(option)) << "\n" << escape_roff(option.help);
      if (!option.default_value.empty()) page << " (" << escape_roff(option.default_value) << ")";
      page << "\n";
    }
  }
  return page.str();
}

}  // namespace submask::cli
