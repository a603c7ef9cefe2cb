#include "cli/output/progress_line.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <unistd.h>

#include <submask/error.h>

#include "cli/output/print.h"

namespace submask::cli {
namespace {

std::atomic<int> stop_signal_number{0};

void request_stop(int signal) {
  // A Ctrl-C after it ends the program at once. Of the others several may come for one stop, as
  // from Slurm and, passed on, from mpirun.
  stop_signal_number = signal;
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace

void catch_interrupts() {
  for (const int caught : {SIGINT, SIGTERM, SIGUSR1}) std::signal(caught, request_stop);
}

int stop_signal() { return stop_signal_number; }

void throw_if_interrupted() {
  if (stop_signal() != 0) throw Error(ErrorKind::interrupted, "interrupted");
}

ProgressLine::ProgressLine(const OutputOptions& output, std::string label)
    : output_(output), label_(std::move(label)), terminal_(isatty(STDERR_FILENO) != 0) {
  catch_interrupts();
}

TrainHooks stoppable_hooks() {
  TrainHooks hooks;
  hooks.should_stop = [] { return stop_signal() != 0; };
  return hooks;
}

RunHooks stoppable_runs() {
  RunHooks hooks;
  hooks.training = [](const std::string&) { return stoppable_hooks(); };
  hooks.images = [](const std::string&, int64_t, int64_t) { throw_if_interrupted(); };
  return hooks;
}

TrainHooks ProgressLine::hooks() {
  TrainHooks hooks = stoppable_hooks();
  if (!output_.quiet) {
    hooks.progress = [this](const TrainProgress& progress) { show(progress); };
    hooks.note = [this](const std::string& line) { note(output_, label_ + ": " + line); };
  }
  return hooks;
}

void ProgressLine::show(const TrainProgress& p) {
  const auto now = std::chrono::steady_clock::now();
  if (!p.epoch_done && (!terminal_ || now - last_ < std::chrono::milliseconds(200))) return;
  last_ = now;
  char line[256];
  int length = std::snprintf(line, sizeof line, "%s: epoch %ld/%ld", label_.c_str(),
                             static_cast<long>(p.epoch), static_cast<long>(p.epochs));
  const auto add = [&](const char* format, auto... values) {
    if (length < static_cast<int>(sizeof line))
      length += std::snprintf(line + length, sizeof line - static_cast<size_t>(length), format,
                              values...);
  };
  if (!p.epoch_done)
    add(" %3.0f%%", 100.0 * static_cast<double>(p.step) / static_cast<double>(p.steps));
  if (const auto& watched = p.self_supervised)
    add("  loss %.4f of %.4f  entropy %.2f  prototypes in use %.0f%%", p.loss,
        watched->uniform_loss, watched->assignment_entropy, 100 * watched->prototypes_in_use);
  else
    add("  loss %.4f  accuracy %.4f", p.loss, p.accuracy);
  if (p.validation_accuracy) add("  validation %.4f", *p.validation_accuracy);
  if (p.masked_fraction > 0) add("  masked %.2f%%", 100 * p.masked_fraction);
  add("  %.0f images/s  %s left", p.images_per_second, format_duration(p.seconds_left).c_str());
  std::cerr << (terminal_ ? "\r\033[K" : "") << line << (p.epoch_done || !terminal_ ? "\n" : "")
            << std::flush;
}

CountLine::CountLine(const OutputOptions& output, std::string label, const char* unit)
    : output_(output),
      label_(std::move(label)),
      unit_(unit),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {
  catch_interrupts();
}

CountLine::~CountLine() {
  if (terminal_ && !output_.quiet) std::cerr << "\r\033[K" << std::flush;
}

void CountLine::show(int64_t done, int64_t total) {
  throw_if_interrupted();
  const auto now = std::chrono::steady_clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(30);
  if (output_.quiet || done == 0 || now - last_ < pause) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = static_cast<double>(done) / seconds;
  char line[200];
  std::snprintf(line, sizeof line, "%s: %ld/%ld %s  %.0f %s/s  %s left", label_.c_str(),
                static_cast<long>(done), static_cast<long>(total), unit_, rate, unit_,
                format_duration(static_cast<double>(total - done) / rate).c_str());
  std::cerr << (terminal_ ? "\r\033[K" : "") << line << (terminal_ ? "" : "\n") << std::flush;
}

}  // namespace submask::cli
