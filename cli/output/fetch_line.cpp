#include "cli/output/fetch_line.h"

#include <chrono>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <unistd.h>

#include "base/fail.h"
#include "cli/output/print.h"
#include "cli/output/progress_line.h"
#include "fetch/fetch_hooks.h"

namespace submask::cli {
namespace {

using Clock = std::chrono::steady_clock;

class FetchLine {
 public:
  void show(const std::string& file, int64_t done, int64_t total) {
    throw_if_interrupted();
    constexpr int64_t small = 100'000;  // bytes; they arrive at once
    if (total > 0 && total < small) return;
    const auto now = Clock::now();
    const bool is_new = file != file_;
    if (is_new) {
      catch_interrupts();
      file_ = file;
      start_ = last_ = now;
      first_ = done;
    }
    const bool is_whole = done == total;
    const auto pause = terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(30);
    if (!is_new && !is_whole && now - last_ < pause) return;
    last_ = now;
    std::cerr << (terminal_ ? "\r\033[K" : "") << line(done, total, now)
              << (terminal_ && !is_whole ? "" : "\n") << std::flush;
    if (is_whole) file_.clear();
  }

 private:
  std::string line(int64_t done, int64_t total, Clock::time_point now) const {
    constexpr double megabyte = 1e6;
    std::ostringstream line;
    line << std::fixed << std::setprecision(1);
    line << "fetch " << shown(file_) << ": " << static_cast<double>(done) / megabyte;
    if (total > 0) line << " of " << static_cast<double>(total) / megabyte;
    line << " MB";
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const double rate = static_cast<double>(done - first_) / seconds;
    if (seconds > 0.1 && rate > 0) {
      line << "  " << rate / megabyte << " MB/s";
      if (total > done)
        line << "  " << format_duration(static_cast<double>(total - done) / rate) << " left";
    }
    return line.str();
  }

  bool terminal_ = isatty(STDERR_FILENO) != 0;
  std::string file_;
  Clock::time_point start_, last_;
  int64_t first_ = 0;  // bytes that were there at the start
};

}  // namespace

void show_fetches() {
  static FetchLine line;
  fetch_hooks() = {.check = throw_if_interrupted,
                   .note = [](const std::string& text) { std::cerr << in_one_line(text) << '\n'; },
                   .progress = [](const std::string& file, int64_t done,
                                  int64_t total) { line.show(in_one_line(file), done, total); }};
}

}  // namespace submask::cli
