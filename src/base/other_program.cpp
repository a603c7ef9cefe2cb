#include "base/other_program.h"

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fail.h"

namespace submask {
namespace {

// An unnamed temporary file for one of the child's three streams. Unlike a pipe it never fills up,
// so that nothing has to be read while something else is being written.
class TemporaryStream {
 public:
  TemporaryStream() : file_(std::tmpfile(), &std::fclose) {
    if (!file_) fail(ErrorKind::io, "expected a temporary file, got: ", std::strerror(errno));
  }
  int descriptor() const { return fileno(file_.get()); }

  void fill(std::string_view bytes) {
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size();
    if (!written || std::fflush(file_.get()) != 0)
      fail(ErrorKind::io, "expected room for a temporary file, got: ", std::strerror(errno));
    std::rewind(file_.get());
  }

  std::string content() {
    std::rewind(file_.get());
    std::string result;
    char buffer[1 << 14];
    size_t count = 0;
    while ((count = std::fread(buffer, 1, sizeof buffer, file_.get())) > 0)
      result.append(buffer, count);
    return result;
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace

std::string ProgramRun::last_error() const {
  std::string text = errors;
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  const size_t end_of_previous = text.find_last_of('\n');
  if (end_of_previous != std::string::npos) text.erase(0, end_of_previous + 1);
  text.erase(0, text.find_first_not_of(" \t"));
  return text.empty() ? "no message" : text;
}

std::optional<ProgramRun> run_program(const std::vector<std::string>& words,
                                      std::string_view input) {
  TemporaryStream in, out, errors;
  in.fill(input);
  posix_spawn_file_actions_t streams;
  posix_spawn_file_actions_init(&streams);
  posix_spawn_file_actions_adddup2(&streams, in.descriptor(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&streams, out.descriptor(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&streams, errors.descriptor(), STDERR_FILENO);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, arguments[0], &streams, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&streams);
  if (error == ENOENT) return std::nullopt;
  if (error != 0)
    fail(ErrorKind::unavailable, "expected ", words[0], " to start, got: ", std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      fail(ErrorKind::io, "expected ", words[0], " to end, got: ", std::strerror(errno));
  return ProgramRun{WIFEXITED(status) && WEXITSTATUS(status) == 0, out.content(), errors.content()};
}

}  // namespace submask
