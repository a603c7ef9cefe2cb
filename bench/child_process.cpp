#include "bench/child_process.h"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace submask::bench {

ChildProcess::ChildProcess(const std::vector<std::string>& arguments) {
  std::array<int, 2> in{}, out{};
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("expected a pipe, got none");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int error = posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  input_ = fdopen(in[1], "w");
  output_ = fdopen(out[0], "r");
  if (error != 0) {
    std::fclose(input_);
    std::fclose(output_);
    throw std::runtime_error("expected a program to run, got " + arguments[0]);
  }
  // A child that died shows as the end of its output.
  std::signal(SIGPIPE, SIG_IGN);
}

ChildProcess::~ChildProcess() {
  std::fclose(input_);
  std::fclose(output_);
  waitpid(pid_, nullptr, 0);
}

std::string ChildProcess::ask(const std::string& line) {
  std::fputs((line + "\n").c_str(), input_);
  std::fflush(input_);
  std::array<char, 4096> answer{};
  if (std::fgets(answer.data(), answer.size(), output_) == nullptr)
    throw std::runtime_error("expected an answer to '" + line + "', got the child's end");
  return answer.data();
}

}  // namespace submask::bench
