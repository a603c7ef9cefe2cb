#include "serve/engine/folder_watch.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>

#include "base/fail.h"

namespace submask {

using Clock = std::chrono::steady_clock;

FolderWatch::FolderWatch(const std::filesystem::path& folder, std::chrono::seconds rescan)
    : folder_(folder),
      rescan_(rescan),
      next_rescan_(Clock::now() + rescan),
      events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (wake_ < 0) fail(ErrorKind::io, "cannot make an eventfd to watch ", folder.string());
  watch_again();
}

FolderWatch::~FolderWatch() {
  if (events_ >= 0) ::close(events_);
  ::close(wake_);
}

// A file that is being written is looked at when its writer closes it. The same folder keeps its
// watch; another one gets it.
void FolderWatch::watch_again() {
  constexpr uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                              IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
  if (events_ < 0) return;
  const int before = std::exchange(watch_, ::inotify_add_watch(events_, folder_.c_str(), events));
  if (before >= 0 && before != watch_) ::inotify_rm_watch(events_, before);
}

FolderChanges FolderWatch::wait(std::chrono::milliseconds longest) {
  using std::chrono::ceil, std::chrono::milliseconds;
  FolderChanges changes;
  if (watch_ < 0) watch_again();
  longest = std::clamp(ceil<milliseconds>(next_rescan_ - Clock::now()), milliseconds(0), longest);
  const bool is_watched = watch_ >= 0;
  std::array<pollfd, 2> waited{pollfd{wake_, POLLIN, 0}, pollfd{events_, POLLIN, 0}};
  ::poll(waited.data(), is_watched ? 2 : 1, static_cast<int>(longest.count()));
  uint64_t times = 0;
  if ((waited[0].revents & POLLIN) != 0 && ::read(wake_, &times, sizeof times) < 0) times = 0;
  if (is_watched && (waited[1].revents & POLLIN) != 0) read_events(changes);
  if (Clock::now() >= next_rescan_) {
    watch_again();
    changes.is_all = true;
  }
  if (changes.is_all) next_rescan_ = Clock::now() + rescan_;
  return changes;
}

void FolderWatch::read_events(FolderChanges& changes) {
  alignas(inotify_event) std::array<char, 16384> buffer{};
  for (ssize_t got = 0; (got = ::read(events_, buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if (event->wd >= 0 && event->wd != watch_) continue;  // of a folder that it was before
      if ((event->mask & (IN_Q_OVERFLOW | IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
        changes.is_all = true;
        if ((event->mask & IN_Q_OVERFLOW) == 0) watch_ = -1;  // the folder has gone
      } else if (event->len > 0) {
        changes.names.insert(event->name);
      }
    }
  }
}

void FolderWatch::wake() {
  const uint64_t once = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &once, sizeof once);
}

}  // namespace submask
