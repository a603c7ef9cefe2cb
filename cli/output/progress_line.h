// Progress on stderr: one line redrawn on a terminal, a plain line now and then elsewhere.
#pragma once

#include <chrono>
#include <string>

#include <submask/train.h>

#include "cli/option/shared_options.h"

namespace submask::cli {

// Lets a long run end at a place of its choice when the user presses Ctrl-C, or SIGTERM comes. The
// lines below do so too.
void catch_interrupts();

// Throws Error interrupted once that has happened.
void throw_if_interrupted();

// Of a run of training that says nothing but can be stopped.
TrainHooks stoppable_hooks();

// The hooks of a training run: progress, notes, and a stop when the user presses Ctrl-C. A plain
// line is an epoch.
class ProgressLine {
 public:
  ProgressLine(const Talk& talk, std::string label);
  TrainHooks hooks();

 private:
  void show(const TrainProgress& progress);

  const Talk& talk_;
  std::string label_;
  bool terminal_;
  std::chrono::steady_clock::time_point last_;
};

// Images, or what `unit` says, done of how many, with the rate and the time left.
class CountLine {
 public:
  CountLine(const Talk& talk, std::string label, const char* unit = "images");
  ~CountLine();  // leaves an empty line on a terminal
  CountLine(const CountLine&) = delete;
  CountLine& operator=(const CountLine&) = delete;

  // Throws Error interrupted once the user has pressed Ctrl-C.
  void show(int64_t done, int64_t total);

 private:
  const Talk& talk_;
  std::string label_;
  const char* unit_;
  bool terminal_;
  std::chrono::steady_clock::time_point start_, last_;
};

}  // namespace submask::cli
