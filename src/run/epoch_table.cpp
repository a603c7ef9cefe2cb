#include "run/epoch_table.h"

#include <charconv>
#include <fstream>

#include "base/fail.h"
#include "base/output_file.h"
#include "run/epoch_metrics.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

// The columns are the same for every kind of run, so that tables of several runs can be joined.
std::string header_line() {
  std::string line = "epoch";
  for (const std::string& name : epoch_metric_names()) line += "," + name;
  return line;
}

}  // namespace

EpochTable::EpochTable(fs::path path) : path_(std::move(path)) {
  check_writable(path_);
  std::error_code error;
  const fs::file_status status = fs::status(path_, error);
  if (!fs::exists(status)) return;
  if (!fs::is_regular_file(status))
    fail(ErrorKind::io, "cannot write ", path_.string(), ": it is no regular file");
  read();
}

void EpochTable::read() {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    fail_corrupt(expected, got, path_.string() + ": remove it or name another file");
  };
  std::ifstream file(path_, std::ios::binary);
  if (!file) fail(ErrorKind::io, "cannot open ", path_.string());
  if (fs::file_size(path_) == 0) return;
  const std::string expected = header_line();
  std::string line(expected.size() + 1, '\0');
  file.read(line.data(), std::ssize(line));
  if (line != expected + "\n") refuse("a log with the columns " + expected, "other content");
  while (std::getline(file, line)) {
    int64_t epoch = 0;
    const auto [end, problem] = std::from_chars(line.data(), line.data() + line.size(), epoch);
    if (problem != std::errc() || end == line.data() + line.size() || *end != ',' || epoch < 1 ||
        file.eof())
      refuse(
          "whole lines that begin with an epoch",
          "another one after epoch " + std::to_string(lines_.empty() ? 0 : lines_.rbegin()->first));
    lines_[epoch] = line;
  }
}

void EpochTable::put(int64_t epoch, const ResultJson& metrics) {
  std::string line = std::to_string(epoch);
  for (const std::string& name : epoch_metric_names()) {
    const auto value = metrics.find(name);
    line += "," + (value == metrics.end() ? "" : value->dump());
  }
  lines_.erase(lines_.lower_bound(epoch), lines_.end());
  lines_[epoch] = line;
  write();
}

void EpochTable::end_after(int64_t epochs) {
  lines_.erase(lines_.upper_bound(epochs), lines_.end());
  write();
}

void EpochTable::write() const {
  std::string content = header_line() + "\n";
  for (const auto& [epoch, line] : lines_) content += line + "\n";
  write_output(path_, content);
}

}  // namespace submask
