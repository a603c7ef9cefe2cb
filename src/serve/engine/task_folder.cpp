#include "serve/engine/task_folder.h"

#include <sys/resource.h>
#include <unistd.h>
#include <utility>

#include <ATen/Parallel.h>

#include "base/fail.h"
#include "base/nearest_name.h"
#include "base/quoted_name.h"
#include "serve/engine/fill_memory.h"

namespace submask {
namespace fs = std::filesystem;

TaskFolder::TaskFolder(const fs::path& folder, const Backbone& backbone, TaskMemory& memory,
                       std::chrono::seconds rescan, Note note)
    : folder_(folder),
      memory_(memory),
      rescan_(rescan),
      note_(std::move(note)),
      index_(folder, backbone.identity()),
      files_(folder, backbone, memory, note_),
      watch_(folder, rescan) {
  files_.restore(index_.read());
  files_.look_at_all();
  if (const std::string reason = trouble(); !reason.empty())
    fail(ErrorKind::io, "expected a folder of task files, got ", reason, ", in ", folder.string());
  thread_ = std::thread([this] { watch(); });
}

TaskFolder::~TaskFolder() {
  is_stopping_ = true;
  watch_.wake();
  thread_.join();
  save_index();
}

std::shared_ptr<const ServedFile> TaskFolder::open(const std::string& name, bool suggests) {
  const FolderFilePointer file = files_.named(name);
  if (!file) throw no_such_task(name, suggests);
  if (files_.is_unloaded(*file))
    throw NoSuchTask("expected a task that is served, got " + quoted_name(name) +
                     ", which was unloaded");
  return files_.read(*file);
}

// Comparing names takes as long as both are: a name that no file can have is like none.
NoSuchTask TaskFolder::no_such_task(const std::string& name, bool suggests) const {
  constexpr size_t most_compared = 1000, longest_name = 255;
  std::vector<std::string> names;
  if (suggests && name.size() <= longest_name) names = files_.names(most_compared);
  const auto similar = similar_name(name, names);
  return NoSuchTask("expected a task that is served" + (similar ? " (" + *similar + "?)" : "") +
                    ", got " + quoted_name(name));
}

void TaskFolder::unload(const std::string& name) {
  const FolderFilePointer file = files_.named(name);
  if (!file) throw no_such_task(name);
  files_.set_unloaded(*file, true);
}

void TaskFolder::load(const std::string& name) {
  for (const char* ending : served_endings)
    if (is_served_name(name + ending)) files_.look_at(name + ending);
  if (const FolderFilePointer file = files_.named(name)) {
    files_.set_unloaded(*file, false);
    files_.check(*file, /*is_asked_for=*/true);
    if (const std::string refusal = files_.refusal_of(*file); !refusal.empty())
      throw NoSuchTask(refusal);
  }
  open(name);
}

void TaskFolder::pin(std::vector<std::string> names) {
  for (const std::string& name : names) open(name);
  {
    const std::lock_guard guard(mutex_);
    pinned_ = std::move(names);
  }
  follow_pinned();
}

// A version that is served no more gives its place back.
void TaskFolder::follow_pinned() {
  std::vector<std::string> names, digests;
  {
    const std::lock_guard guard(mutex_);
    names = pinned_;
    for (const std::string& name : names)
      for (std::string& digest : files_.digests_of(name)) digests.push_back(std::move(digest));
    if (digests == pinned_digests_) return;
    pinned_digests_ = digests;
  }
  memory_.pin(digests);
  for (const std::string& name : names) {
    try {
      memory_.weights(*open(name), 0);
    } catch (const NoSuchTask&) {  // it was removed
    }
  }
}

void TaskFolder::refresh() {
  files_.look_at_all();
  while (const FolderFilePointer file = next_unchecked())
    files_.check(*file, /*is_asked_for=*/false);
}

FolderFilePointer TaskFolder::next_unchecked() const {
  return is_stopping_ ? nullptr : files_.next_unchecked();
}

// Answers come before what this thread does. At a priority lower still it would hardly run on a
// busy machine, where the server's end waits for the file that it checks.
void TaskFolder::watch() {
  constexpr int low_priority = 10;
  constexpr std::chrono::seconds at_once{0}, shortly{1};
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), low_priority);
  at::set_num_threads(1);
  while (true) {
    const bool is_checked = check_new();
    save_index();
    try {
      follow_pinned();
    } catch (const Error& error) {  // whoever asks for it is told too
      note_(text("cannot expand what is pinned: ", error.what()));
    }
    const bool is_filled = fill_memory_for(std::chrono::seconds(1));
    const FolderChanges changes = watch_.wait(!is_checked  ? shortly
                                              : !is_filled ? at_once
                                                           : rescan_);
    if (is_stopping_) return;
    if (changes.is_all) files_.look_at_all();
    for (const std::string& name : changes.names)
      if (is_served_name(name)) files_.look_at(name);
  }
}

// Checking thousands of files takes minutes; what was found is kept on the way.
bool TaskFolder::check_new() {
  constexpr std::chrono::seconds save_pause{10};
  auto saved = std::chrono::steady_clock::now();
  while (const FolderFilePointer file = next_unchecked()) {
    try {
      files_.check(*file, /*is_asked_for=*/false);
    } catch (const Error&) {
      return false;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - saved < save_pause) continue;
    save_index();
    saved = now;
  }
  return true;
}

// What the index knew was not read at the start. Changes of the folder are looked at in between.
bool TaskFolder::fill_memory_for(std::chrono::seconds longest) {
  if (!memory_.has_room(0)) return true;  // as after most changes, which need no list of all tasks
  const auto until = std::chrono::steady_clock::now() + longest;
  return fill_memory(
      list(), memory_, [this](const std::string& name) { return open(name); },
      [&] { return !is_stopping_ && std::chrono::steady_clock::now() <= until; });
}

void TaskFolder::save_index() {
  if (const auto files = files_.take_index()) index_.write(*files);
}

}  // namespace submask
