// Completion scripts for shells. The script of bash has tables of words and values by command; zsh
// uses the same script.
#include <sstream>

#include "base/joined.h"
#include "base/shell_words.h"
#include "cli/output/command_tree.h"
#include "cli/output/option_pages.h"

namespace submask::cli {
namespace {

void add_entry(std::ostringstream& script, const char* table, const std::string& key,
               const std::string& value) {
  script << table << "[" << shell_word(key) << "]=" << shell_word(value) << '\n';
}

std::string bash_script(const std::vector<CommandEntry>& tree) {
  std::ostringstream script;
  script << "# bash completion of submask: source <(submask completion bash)\n"
            "declare -gA _submask_words=() _submask_values=()\n";
  for (const CommandEntry& command : tree) {
    std::vector<std::string> words = command.subcommands;
    for (const OptionEntry& option : command.options) {
      const std::string& name = option.names.front();
      if (!name.starts_with("--")) {
        words.insert(words.end(), option.choices.begin(), option.choices.end());
        continue;
      }
      words.push_back(name);
      if (!option.takes_value) continue;
      const std::string values = !option.choices.empty() ? joined(option.choices, " ")
                                 : option.names_folder   ? "<folder>"
                                 : option.names_file     ? "<file>"
                                                         : "<any>";
      add_entry(script, "_submask_values", command.path + " " + name, values);
    }
    add_entry(script, "_submask_words", command.path + " ", joined(words, " "));
  }
  script << R"(_submask() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} path='' i values several=''
  for ((i = 1; i < COMP_CWORD; ++i)); do
    local next="${path:+$path }${COMP_WORDS[i]}"
    [ -n "${_submask_words["$next "]+x}" ] || break
    path=$next
  done
  # bash has --recipe=ci as three words.
  if [ "$word" = = ]; then
    word=''
  elif [ "$before" = = ]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  values=${_submask_values["$path $before"]-}
  case $values in
    '<folder>') mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
    '<file>') mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    '<any>') COMPREPLY=() ;;
    '') mapfile -t COMPREPLY < <(compgen -W "${_submask_words["$path "]}" -- "$word")
      if [ ${#COMPREPLY[@]} = 0 ]; then
        values='<file>'
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
      fi ;;
    *) [[ $word != *,* ]] || several=${word%,*},
      mapfile -t COMPREPLY < <(compgen -P "$several" -W "$values" -- "${word##*,}") ;;
  esac
  # Names of folders get a slash.
  case $values in '<folder>' | '<file>') compopt -o filenames 2>/dev/null ;; esac
}
complete -F _submask submask
)";
  return script.str();
}

std::string fish_script(const std::vector<CommandEntry>& tree) {
  std::ostringstream script;
  script << "# fish completion of submask: submask completion fish | source\n";
  for (const CommandEntry& command : tree) {
    const std::string when = command.path.empty()
                                 ? "__fish_use_subcommand"
                                 : "__fish_seen_subcommand_from " +
                                       command.path.substr(command.path.find_last_of(' ') + 1);
    for (const std::string& name : command.subcommands)
      script << "complete -c submask -n " << shell_word(when) << " -f -a " << name << '\n';
    for (const OptionEntry& option : command.options) {
      const std::string& name = option.names.front();
      if (!name.starts_with("--")) continue;
      script << "complete -c submask -n " << shell_word(when) << " -l " << name.substr(2) << " -d "
             << shell_word(option.help);
      if (option.takes_value) script << " -r";
      if (!option.choices.empty()) script << " -f -a " << shell_word(joined(option.choices, " "));
      script << '\n';
    }
  }
  return script.str();
}

}  // namespace

std::string completion_script(const CLI::App& program, Shell shell) {
  const std::vector<CommandEntry> tree = command_tree(program);
  if (shell == Shell::fish) return fish_script(tree);
  if (shell == Shell::bash) return bash_script(tree);
  return "# zsh completion of submask: source <(submask completion zsh)\n"
         "autoload -U +X compinit bashcompinit && compinit && bashcompinit\n" +
         bash_script(tree);
}

}  // namespace submask::cli
