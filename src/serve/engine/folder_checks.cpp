#include "serve/engine/folder_checks.h"

#include <utility>

#include "base/fail.h"
#include "base/hash.h"
#include "base/quoted_name.h"

namespace submask {
namespace fs = std::filesystem;

FolderChecks::FolderChecks(const fs::path& folder, const Backbone& backbone, TaskMemory& memory,
                           Note note)
    : folder_(folder), memory_(memory), reader_(folder, backbone, memory), note_(std::move(note)) {}

void FolderChecks::restore(std::vector<IndexedFile> files) {
  const std::lock_guard guard(mutex_);
  files_.restore(std::move(files));
}

std::optional<std::vector<IndexedFile>> FolderChecks::take_index() {
  const std::lock_guard guard(mutex_);
  if (!files_.take_index_is_old()) return std::nullopt;
  return files_.indexed();
}

// A folder that has gone (a network's, unmounted) may come back: its tasks stay. Files that are
// known and not in the list are looked at too: they may have come while it was read.
void FolderChecks::look_at_all() {
  std::set<std::string> names;
  std::error_code error;
  for (fs::directory_iterator item(folder_, error), end; !error && item != end;
       item.increment(error)) {
    const std::string name = item->path().filename().string();
    if (is_served_name(name)) {
      names.insert(name);
    } else if (has_served_ending(name) && !name.starts_with('.') && is_new_to_pass_over(name)) {
      note_("passes over " + quoted_name(name) + ": names may have A-Za-z0-9._- alone");
    }
  }
  {
    const std::lock_guard guard(mutex_);
    trouble_ = error ? error.message() : "";
    if (error) return;
    for (const std::string& name : files_.file_names()) names.insert(name);
  }
  for (const std::string& name : names) look_at(name);
}

bool FolderChecks::is_new_to_pass_over(const std::string& name) {
  const std::lock_guard guard(mutex_);
  return passed_over_.insert(name).second;
}

void FolderChecks::look_at(const std::string& file_name) {
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

FolderFilePointer FolderChecks::next_unchecked() const {
  const std::lock_guard guard(mutex_);
  return files_.next_unchecked();
}

FolderFilePointer FolderChecks::named(const std::string& name) const {
  const std::lock_guard guard(mutex_);
  return files_.named(name);
}

bool FolderChecks::is_unloaded(const FolderFile& file) const {
  const std::lock_guard guard(mutex_);
  return file.listing.is_unloaded;
}

void FolderChecks::set_unloaded(FolderFile& file, bool is_unloaded) {
  const std::lock_guard guard(mutex_);
  file.listing.is_unloaded = is_unloaded;
}

std::string FolderChecks::refusal_of(const FolderFile& file) const {
  const std::lock_guard guard(mutex_);
  return file.listing.error;
}

std::vector<TaskListing> FolderChecks::list() const {
  const std::lock_guard guard(mutex_);
  return files_.list();
}

std::optional<TaskListing> FolderChecks::find(const std::string& name) const {
  const std::lock_guard guard(mutex_);
  const FolderFilePointer file = files_.named(name);
  return file ? std::optional(file->listing) : std::nullopt;
}

std::vector<std::string> FolderChecks::names(size_t most) const {
  const std::lock_guard guard(mutex_);
  return files_.names(most);
}

std::vector<std::string> FolderChecks::digests_of(const std::string& name) const {
  const std::lock_guard guard(mutex_);
  return files_.digests_of(name);
}

size_t FolderChecks::unchecked() const {
  const std::lock_guard guard(mutex_);
  return files_.unchecked();
}

std::string FolderChecks::trouble() const {
  const std::lock_guard guard(mutex_);
  return trouble_;
}

// Throws unavailable where memory is short now, which is no fault of the file.
void FolderChecks::check(FolderFile& file, bool is_asked_for) {
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

void FolderChecks::find_out(const std::string& file_name, bool is_asked_for, CheckedFile& found) {
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
bool FolderChecks::goes_on(FolderFile& file) {
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
std::shared_ptr<const ServedFile> FolderChecks::read(FolderFile& file) {
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

}  // namespace submask
