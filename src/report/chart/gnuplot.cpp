#include "report/chart/gnuplot.h"

#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/utf8.h"

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

pid_t spawn_gnuplot(const TemporaryStream& input, const TemporaryStream& output,
                    const TemporaryStream& errors) {
  posix_spawn_file_actions_t streams;
  posix_spawn_file_actions_init(&streams);
  posix_spawn_file_actions_adddup2(&streams, input.descriptor(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&streams, output.descriptor(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&streams, errors.descriptor(), STDERR_FILENO);
  char program[] = "gnuplot", no_start_up_file[] = "-d", from_input[] = "-";
  char* const arguments[] = {program, no_start_up_file, from_input, nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, program, &streams, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&streams);
  if (error == ENOENT)
    fail(ErrorKind::unavailable,
         "expected gnuplot to draw with, got none: install Debian's package gnuplot-nox");
  if (error != 0)
    fail(ErrorKind::unavailable, "expected gnuplot to start, got: ", std::strerror(error));
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) fail(ErrorKind::io, "expected gnuplot to end, got: ", std::strerror(errno));
  return status;
}

std::string last_line(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  const size_t end_of_previous = text.find_last_of('\n');
  if (end_of_previous != std::string::npos) text.erase(0, end_of_previous + 1);
  text.erase(0, text.find_first_not_of(" \t"));
  return text.empty() ? "no message" : text;
}

}  // namespace

std::string gnuplot_string(std::string_view text) {
  std::string result = "'";
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const auto first = static_cast<uint8_t>(text.front());
    if (length == 0) {
      result += '?';
    } else if (first < 0x20 || first == 0x7F) {
      result += ' ';
    } else if (first == '\'') {
      result += "\u2019";
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result + "'";
}

std::string run_gnuplot(std::string_view script) {
  TemporaryStream input, output, errors;
  input.fill(script);
  const int status = wait_for(spawn_gnuplot(input, output, errors));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail(ErrorKind::io, "expected gnuplot to draw, got: ", last_line(errors.content()));
  std::string drawn = output.content();
  if (drawn.empty())
    fail(ErrorKind::io, "expected a picture from gnuplot, got: ", last_line(errors.content()));
  return drawn;
}

}  // namespace submask
