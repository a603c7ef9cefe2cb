#include "serve/engine/task_folder.h"

#include <sys/resource.h>
#include <unistd.h>
#include <utility>

#include <ATen/Parallel.h>

#include <submask/task_file.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/nearest_name.h"
#include "base/quoted_name.h"
#include "serve/engine/fill_memory.h"

namespace submask {
namespace fs = std::filesystem;

TaskFolder::TaskFolder(const fs::path& folder, const Backbone& backbone, TaskMemory& memory,
                       std::chrono::seconds rescan, Note note)
    : folder_(folder),
      memory_(memory),
      reader_(folder, backbone, memory),
      rescan_(rescan),
      note_(std::move(note)),
      index_(folder, backbone.identity()),
      watch_(folder, rescan) {
  files_.restore(index_.read());
  look_at_all();
  if (!trouble_.empty())
    fail(ErrorKind::io, "expected a folder of task files, got ", trouble_, ", in ",
         folder.string());
  thread_ = std::thread([this] { watch(); });
}

TaskFolder::~TaskFolder() {
  {
    const std::lock_guard guard(mutex_);
    is_stopping_ = true;
  }
  watch_.wake();
  thread_.join();
  save_index();
}

std::shared_ptr<const ServedFile> TaskFolder::open(const std::string& name, bool suggests) {
  const FolderFilePointer file = file_named(name);
  if (!file) throw no_such_task(name, suggests);
  {
    const std::lock_guard guard(mutex_);
    if (file->listing.is_unloaded)
      throw NoSuchTask("expected a task that is served, got " + quoted_name(name) +
                       ", which was unloaded");
  }
  return read(*file);
}

// Comparing names takes as long as both are: a name that no file can have is like none.
NoSuchTask TaskFolder::no_such_task(const std::string& name, bool suggests) const {
  constexpr size_t most_compared = 1000, longest_name = 255;
  std::vector<std::string> names;
  if (suggests && name.size() <= longest_name) {
    const std::lock_guard guard(mutex_);
    names = files_.names(most_compared);
  }
  const auto similar = similar_name(name, names);
  return NoSuchTask("expected a task that is served" + (similar ? " (" + *similar + "?)" : "") +
                    ", got " + quoted_name(name));
}

void TaskFolder::unload(const std::string& name) {
  const FolderFilePointer file = file_named(name);
  if (!file) throw no_such_task(name);
  const std::lock_guard guard(mutex_);
  file->listing.is_unloaded = true;
}

void TaskFolder::load(const std::string& name) {
  for (const char* ending : served_endings)
    if (is_served_name(name + ending)) look_at(name + ending);
  if (const FolderFilePointer file = file_named(name)) {
    {
      const std::lock_guard guard(mutex_);
      file->listing.is_unloaded = false;
    }
    check(*file, /*is_asked_for=*/true);
    const std::lock_guard guard(mutex_);
    if (!file->listing.error.empty()) throw NoSuchTask(file->listing.error);
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

std::vector<TaskListing> TaskFolder::list() const {
  const std::lock_guard guard(mutex_);
  return files_.list();
}

std::optional<TaskListing> TaskFolder::find(const std::string& name) const {
  const std::lock_guard guard(mutex_);
  const FolderFilePointer file = files_.named(name);
  return file ? std::optional(file->listing) : std::nullopt;
}

size_t TaskFolder::unchecked() const {
  const std::lock_guard guard(mutex_);
  return files_.unchecked();
}

std::string TaskFolder::trouble() const {
  const std::lock_guard guard(mutex_);
  return trouble_;
}

void TaskFolder::refresh() {
  look_at_all();
  while (const FolderFilePointer file = next_unchecked()) check(*file, /*is_asked_for=*/false);
}

// Answers come before all that this thread does.
void TaskFolder::watch() {
  constexpr int lowest_priority = 19;
  constexpr std::chrono::seconds at_once{0}, shortly{1};
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), lowest_priority);
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
    {
      const std::lock_guard guard(mutex_);
      if (is_stopping_) return;
    }
    if (changes.is_all) look_at_all();
    for (const std::string& name : changes.names)
      if (is_served_name(name)) look_at(name);
  }
}

// Checking thousands of files takes minutes; what was found is kept on the way.
bool TaskFolder::check_new() {
  constexpr std::chrono::seconds save_pause{10};
  auto saved = std::chrono::steady_clock::now();
  while (const FolderFilePointer file = next_unchecked()) {
    try {
      check(*file, /*is_asked_for=*/false);
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
      [&] {
        const std::lock_guard guard(mutex_);
        return !is_stopping_ && std::chrono::steady_clock::now() <= until;
      });
}

// A folder that has gone (a network's, unmounted) may come back: its tasks stay.
void TaskFolder::look_at_all() {
  std::set<std::string> there;
  std::error_code error;
  for (fs::directory_iterator item(folder_, error), end; !error && item != end;
       item.increment(error)) {
    const std::string name = item->path().filename().string();
    if (is_served_name(name)) {
      there.insert(name);
    } else if (has_served_ending(name) && !name.starts_with('.') &&
               passed_over_.insert(name).second) {
      note_("passes over " + quoted_name(name) + ": names may have A-Za-z0-9._- alone");
    }
  }
  {
    const std::lock_guard guard(mutex_);
    trouble_ = error ? error.message() : "";
    if (error) return;
    for (const std::string& name : files_.file_names())
      if (!there.contains(name)) files_.remove(name);
  }
  for (const std::string& name : there) look_at(name);
}

void TaskFolder::look_at(const std::string& file_name) {
  const fs::path path = folder_ / file_name;
  FileMark mark;
  bool is_gone = false;
  try {
    mark = HeldFile(path).mark();
  } catch (const Error&) {
    std::error_code error;
    is_gone = !fs::exists(path, error) && !error;
  }
  const std::lock_guard guard(mutex_);
  if (is_gone)
    files_.remove(file_name);
  else
    files_.look_at(file_name, mark);
}

FolderFilePointer TaskFolder::next_unchecked() const {
  const std::lock_guard guard(mutex_);
  return is_stopping_ ? nullptr : files_.next_unchecked();
}

FolderFilePointer TaskFolder::file_named(const std::string& name) const {
  const std::lock_guard guard(mutex_);
  return files_.named(name);
}

// Throws unavailable where memory is short now, which is no fault of the file.
void TaskFolder::check(FolderFile& file, bool is_asked_for) {
  const std::lock_guard checking(file.checking);
  CheckedFile found;
  {
    const std::lock_guard guard(mutex_);
    if (file.check == FolderFile::Check::done) return;
    files_.begin_check(file);
    found.there = file.there;
    found.is_second = files_.is_second_of_its_name(file);
    if (found.is_second)
      found.refused = text("expected one file of the name ", file.listing.name,
                           ", got a task and a cascade, in ", folder_.string());
  }
  try {
    if (found.refused.empty()) find_out(file.file_name, is_asked_for, found);
    found.is_lost = !found.refused.empty() && !goes_on(file);
  } catch (...) {
    const std::lock_guard guard(mutex_);
    files_.give_up_check(file);
    throw;
  }
  std::string line;
  {
    const std::lock_guard guard(mutex_);
    const std::string& earlier = file.listing.version;
    if (!found.refused.empty() && !found.is_lost && !earlier.empty())
      line = text("goes on with version ", earlier, " in place of ", file.file_name, ": ",
                  found.refused);
    else if (!found.refused.empty())
      line = text("does not serve ", file.file_name, ": ", found.refused);
    files_.end_check(file, std::move(found));
  }
  if (!line.empty()) note_(line);
}

void TaskFolder::find_out(const std::string& file_name, bool is_asked_for, CheckedFile& found) {
  try {
    found.there = {};
    found.opened = std::make_shared<HeldFile>(folder_ / file_name);
    found.there = found.opened->mark();
    const std::string content = reader_.content_of(*found.opened, file_name);
    ParsedFile parsed = reader_.parse(file_name, content);
    found.parent = parsed.file->parent_file();
    // What memory has of a child may have come of a parent that is there no more.
    const bool is_kept = found.parent.empty() && (is_asked_for || memory_.has_room(content.size()));
    const auto file = reader_.load(std::move(parsed), is_kept);
    if (is_kept)
      memory_.keep_bits(*file);
    else
      memory_.check(*file);
    found.listing = listing_of(*file, content.size());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable) throw;
    found.refused = error.what();
  } catch (const std::exception& error) {  // no memory, or a fault of a library
    found.refused =
        text("expected a task file, got ", in_one_line(error.what()), ", in ", file_name);
  }
}

// Whether the version that was served can be, now that the file that is there is refused: what is
// coded against a parent that was replaced can be decoded as long as memory has it.
bool TaskFolder::goes_on(FolderFile& file) {
  TaskListing listing;
  std::shared_ptr<const HeldFile> opened;
  {
    const std::lock_guard guard(mutex_);
    listing = file.listing;
    opened = file.opened;
  }
  if (listing.digest.empty() || listing.parent_file.empty() ||
      memory_.find_file(file.file_name, listing.digest))
    return true;
  try {
    if (!opened) opened = std::make_shared<HeldFile>(folder_ / file.file_name);
    return reader_.decodes(*opened, file.file_name, listing.digest);
  } catch (const Error& error) {
    return error.kind() == ErrorKind::unavailable;
  } catch (const std::exception&) {
    return false;
  }
}

// The version before goes on while a new one is checked.
std::shared_ptr<const ServedFile> TaskFolder::read(FolderFile& file) {
  for (int tries = 0;; ++tries) {
    TaskListing listing;
    std::shared_ptr<const HeldFile> opened;
    const auto look = [&] {
      const std::lock_guard guard(mutex_);
      listing = file.listing;
      opened = file.opened;
    };
    look();
    if (listing.digest.empty()) {
      check(file, /*is_asked_for=*/true);
      look();
    }
    if (listing.digest.empty()) throw NoSuchTask(listing.error);
    if (auto held = memory_.find_file(file.file_name, listing.digest)) return held;
    if (!opened) opened = std::make_shared<HeldFile>(folder_ / file.file_name);
    const auto content = opened->read(reader_.most_bytes());
    if (content && sha256_hex(as_bytes(*content)) == listing.digest &&
        (listing.error.empty() || goes_on(file)))
      return reader_.load(reader_.parse(file.file_name, *content), /*is_kept=*/true);
    // It was written over in its place, or its parent was: the version that was served is lost.
    const std::lock_guard guard(mutex_);
    files_.lose(file, listing.digest);
    if (tries > 0)
      throw NoSuchTask("expected version " + listing.version + ", got another, in " +
                       (folder_ / file.file_name).string());
  }
}

void TaskFolder::save_index() {
  std::vector<IndexedFile> files;
  {
    const std::lock_guard guard(mutex_);
    if (!files_.take_index_is_old()) return;
    files = files_.indexed();
  }
  index_.write(files);
}

}  // namespace submask
