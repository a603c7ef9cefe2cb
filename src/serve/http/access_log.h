// A line of JSON for each request, written by a thread of its own: a slow disk or a full pipe must
// not hold up the network. What does not fit in memory meanwhile is left out, counted, and said in
// the next line.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

namespace submask {

class AccessLog {
 public:
  // "": no log; "-": stdout. Throws io where the file cannot be written.
  explicit AccessLog(std::string path);
  ~AccessLog();  // writes what is there
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  bool is_on() const { return !path_.empty(); }
  void write(std::string line);  // without its end
  void reopen();                 // before the next line: the file may have been renamed

 private:
  void run();
  void open();
  bool write_line(const std::string& line);

  std::string path_;
  int file_ = -1;  // the thread's, once it runs
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  int64_t left_out_ = 0;
  std::atomic<bool> is_ending_ = false;
  bool wants_reopen_ = false;
  int64_t lost_ = 0;     // lines that the file did not take; the thread's, as the next
  bool is_cut_ = false;  // the last one, in its middle
  std::thread thread_;
};

}  // namespace submask
