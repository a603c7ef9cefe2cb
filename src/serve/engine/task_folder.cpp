#include "serve/engine/task_folder.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

#include <ATen/Parallel.h>

#include <submask/task_file.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/nearest_name.h"
#include "base/quoted_name.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

constexpr const char* index_name = ".submask-serve.json";
constexpr int index_version = 1;
constexpr int most_ancestors = 16;
constexpr uint64_t most_index_bytes = uint64_t{256} << 20;
constexpr std::chrono::seconds save_pause{10};

std::string name_of_file(const std::string& file_name) {
  return file_name.substr(0, file_name.rfind('.'));
}

// Files are held open by half of the descriptors that the process may have; connections need the
// others. Beyond that a file is opened again, and is as good as gone once another took its place.
bool may_hold_another(int64_t held) {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && static_cast<rlim_t>(held) < limit.rlim_cur / 2;
}

TaskListing listing_of(const ServedFile& file, uint64_t file_bytes) {
  TaskListing listing{.name = file.name,
                      .version = file.version,
                      .is_cascade = file.cascade() != nullptr,
                      .file_bytes = file_bytes,
                      .classes = std::ssize(file.classes()),
                      .masked_fraction = file.masked_fraction()};
  const auto provenance = try_json<json>(file.provenance());
  if (!provenance.is_object()) return listing;
  const auto word = [&](const char* key) {
    const auto found = provenance.find(key);
    return found != provenance.end() && found->is_string() ? found->get<std::string>() : "";
  };
  listing.method = word("method");
  listing.data = word("data");
  // That of the head, where it was fitted afterwards.
  const auto fit = provenance.find("fit");
  const json& measured = fit != provenance.end() && fit->is_object() ? *fit : provenance;
  const auto accuracy = measured.find("accuracy");
  if (accuracy != measured.end() && accuracy->is_number()) listing.accuracy = *accuracy;
  return listing;
}

}  // namespace

struct TaskFolder::Entry {
  explicit Entry(std::string name) : file_name(std::move(name)) {
    listing.name = name_of_file(file_name);
  }

  const std::string file_name;
  std::mutex checking;  // held by the one thread that checks the file

  // The folder's lock guards the rest.
  FileMark there;  // of the file that is there now, as far as is known
  bool is_checked = false;
  std::string parent;   // the file whose masks it is coded against; "": none, or not known
  TaskListing listing;  // of the version that is served
  FileMark served;      // of its file
  std::shared_ptr<const HeldFile> opened;  // null where too many are
};

TaskFolder::TaskFolder(const fs::path& folder, const Backbone& backbone, TaskMemory& memory,
                       std::chrono::seconds rescan, Note note)
    : folder_(folder),
      backbone_(backbone),
      memory_(memory),
      rescan_(rescan),
      note_(std::move(note)),
      watch_(folder) {
  load_index();
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

std::shared_ptr<const ServedFile> TaskFolder::open(const std::string& name) {
  const EntryPointer entry = entry_named(name);
  if (!entry) throw no_such_task(name);
  {
    const std::lock_guard guard(mutex_);
    if (entry->listing.is_unloaded)
      throw NoSuchTask("expected a task that is served, got " + quoted_name(name) +
                       ", which was unloaded");
  }
  return read(*entry);
}

NoSuchTask TaskFolder::no_such_task(const std::string& name) const {
  constexpr size_t most_compared = 1000;
  std::vector<std::string> names;
  for (const TaskListing& listing : list())
    if (names.size() < most_compared) names.push_back(listing.name);
  const auto similar = similar_name(name, names);
  return NoSuchTask("expected a task that is served" + (similar ? " (" + *similar + "?)" : "") +
                    ", got " + quoted_name(name));
}

void TaskFolder::unload(const std::string& name) {
  const EntryPointer entry = entry_named(name);
  if (!entry) throw no_such_task(name);
  const std::lock_guard guard(mutex_);
  entry->listing.is_unloaded = true;
}

void TaskFolder::load(const std::string& name) {
  for (const char* ending : {".cascade", ".task"})
    if (is_served_name(name + ending)) look_at(name + ending);
  if (const EntryPointer entry = entry_named(name)) {
    {
      const std::lock_guard guard(mutex_);
      entry->listing.is_unloaded = false;
    }
    check(*entry, /*is_asked_for=*/true);
    const std::lock_guard guard(mutex_);
    if (!entry->listing.error.empty()) throw NoSuchTask(entry->listing.error);
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
  std::vector<std::string> names, versions;
  {
    const std::lock_guard guard(mutex_);
    names = pinned_;
    for (const std::string& name : names)
      for (const auto& [file_name, entry] : entries_)
        if (entry->listing.name == name && !entry->listing.version.empty())
          versions.push_back(entry->listing.version);
    if (versions == pinned_versions_) return;
    pinned_versions_ = versions;
  }
  memory_.pin(versions);
  for (const std::string& name : names) {
    try {
      memory_.weights(*open(name), 0);
    } catch (const NoSuchTask&) {  // it was removed
    }
  }
}

std::vector<TaskListing> TaskFolder::list() const {
  const std::lock_guard guard(mutex_);
  std::vector<TaskListing> listings;
  for (const auto& [file_name, entry] : entries_) listings.push_back(entry->listing);
  std::ranges::stable_sort(listings, {}, &TaskListing::name);
  return listings;
}

std::optional<TaskListing> TaskFolder::find(const std::string& name) const {
  const EntryPointer entry = entry_named(name);
  const std::lock_guard guard(mutex_);
  return entry ? std::optional(entry->listing) : std::nullopt;
}

size_t TaskFolder::unchecked() const {
  const std::lock_guard guard(mutex_);
  return static_cast<size_t>(
      std::ranges::count_if(entries_, [](const auto& item) { return !item.second->is_checked; }));
}

std::string TaskFolder::trouble() const {
  const std::lock_guard guard(mutex_);
  return trouble_;
}

void TaskFolder::refresh() {
  look_at_all();
  while (const EntryPointer entry = next_unchecked()) check(*entry, /*is_asked_for=*/false);
}

// Checking thousands of files takes minutes, in which answers come first; what was found is kept on
// the way.
void TaskFolder::watch() {
  constexpr int lowest_priority = 19;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), lowest_priority);
  at::set_num_threads(1);
  while (true) {
    auto saved = std::chrono::steady_clock::now();
    while (const EntryPointer entry = next_unchecked()) {
      check(*entry, /*is_asked_for=*/false);
      const auto now = std::chrono::steady_clock::now();
      if (now - saved < save_pause) continue;
      save_index();
      saved = now;
    }
    save_index();
    try {
      follow_pinned();
    } catch (const Error& error) {  // whoever asks for it is told too
      note_(text("cannot expand what is pinned: ", error.what()));
    }
    const bool is_filled = fill_memory(std::chrono::seconds(1));
    const FolderChanges changes = watch_.wait(is_filled ? rescan_ : std::chrono::seconds(0));
    {
      const std::lock_guard guard(mutex_);
      if (is_stopping_) return;
    }
    if (changes.is_all) look_at_all();
    for (const std::string& name : changes.names)
      if (is_served_name(name)) look_at(name);
  }
}

// What the index knew was not read at the start. Changes of the folder are looked at in between.
bool TaskFolder::fill_memory(std::chrono::seconds longest) {
  if (!memory_.has_room(0)) return true;  // as after most changes, which need no list of all tasks
  const auto until = std::chrono::steady_clock::now() + longest;
  std::vector<std::pair<EntryPointer, TaskListing>> served;
  {
    const std::lock_guard guard(mutex_);
    for (const auto& [file_name, entry] : entries_)
      if (!entry->listing.version.empty() && !entry->listing.is_unloaded)
        served.emplace_back(entry, entry->listing);
  }
  for (const auto& [entry, listing] : served) {
    if (memory_.tier_of(entry->file_name, listing.version) >= TaskTier::bits) continue;
    if (!memory_.has_room(listing.file_bytes)) return true;
    try {
      keep_bits(*read(*entry));
    } catch (const Error&) {  // whoever asks for it is told
    }
    const std::lock_guard guard(mutex_);
    if (is_stopping_) return true;
    if (std::chrono::steady_clock::now() > until) return false;
  }
  return true;
}

// A folder that has gone (a network's, unmounted) may come back: its tasks stay.
void TaskFolder::look_at_all() {
  std::set<std::string> there;
  std::error_code error;
  for (fs::directory_iterator item(folder_, error), end; !error && item != end;
       item.increment(error)) {
    const std::string name = item->path().filename().string();
    const std::string ending = item->path().extension().string();
    if (is_served_name(name)) {
      there.insert(name);
    } else if ((ending == ".task" || ending == ".cascade") && !name.starts_with('.') &&
               passed_over_.insert(name).second) {
      note_("passes over " + quoted_name(name) + ": names may have A-Za-z0-9._- alone");
    }
  }
  std::vector<std::string> gone;
  {
    const std::lock_guard guard(mutex_);
    trouble_ = error ? error.message() : "";
    if (error) return;
    for (const auto& [name, entry] : entries_)
      if (!there.contains(name)) gone.push_back(name);
  }
  for (const std::string& name : gone) remove(name);
  for (const std::string& name : there) look_at(name);
}

void TaskFolder::look_at(const std::string& file_name) {
  const fs::path path = folder_ / file_name;
  FileMark mark;
  try {
    mark = HeldFile(path).mark();
  } catch (const Error&) {
    if (std::error_code error; !fs::exists(path, error) && !error) return remove(file_name);
  }
  const std::lock_guard guard(mutex_);
  EntryPointer& entry = entries_[file_name];
  if (!entry) {
    entry = std::make_shared<Entry>(file_name);
  } else if (entry->there == mark) {
    return;
  }
  entry->there = mark;
  entry->is_checked = false;
  for (const auto& [name, other] : entries_)  // what lacked this one may be good now
    if (other->parent == file_name && !other->listing.error.empty()) other->is_checked = false;
}

// Whoever has it goes on. Another file of its name may be served now.
void TaskFolder::remove(const std::string& file_name) {
  const std::lock_guard guard(mutex_);
  entries_.erase(file_name);
  is_index_old_ = true;
  for (const auto& [name, entry] : entries_)
    if (name_of_file(name) == name_of_file(file_name)) entry->is_checked = false;
}

TaskFolder::EntryPointer TaskFolder::next_unchecked() const {
  const std::lock_guard guard(mutex_);
  if (is_stopping_) return nullptr;
  for (const auto& [name, entry] : entries_)
    if (!entry->is_checked) return entry;
  return nullptr;
}

// That which is served, where there are two.
TaskFolder::EntryPointer TaskFolder::entry_named(const std::string& name) const {
  const std::lock_guard guard(mutex_);
  EntryPointer found;
  for (const char* ending : {".cascade", ".task"}) {
    const auto entry = entries_.find(name + ending);
    if (entry != entries_.end() && (!found || found->listing.version.empty()))
      found = entry->second;
  }
  return found;
}

// The caller has the lock. The one that is served already is the first, or is looked at first.
bool TaskFolder::is_second_of_its_name(const Entry& entry) const {
  if (!entry.listing.version.empty()) return false;
  return std::ranges::any_of(entries_, [&](const auto& item) {
    const Entry& other = *item.second;
    return other.listing.name == entry.listing.name &&
           (!other.listing.version.empty() ||
            (!other.is_checked && other.file_name < entry.file_name));
  });
}

// A file takes up to four times its bytes while it is parsed.
void TaskFolder::check_size(const HeldFile& file, const std::string& name) const {
  const uint64_t most = memory_.rest().most_bytes() / 4;
  if (file.mark().bytes > most)
    fail_corrupt(
        text("a file of at most ", most, " bytes, a quarter of --memory beside the weights"),
        file.mark().bytes, name);
}

void TaskFolder::keep_bits(const ServedFile& file) {
  for (size_t member = 0; member < file.members(); ++member) memory_.bits(file, member);
}

void TaskFolder::check(Entry& entry, bool is_asked_for) {
  const std::lock_guard checking(entry.checking);
  {
    const std::lock_guard guard(mutex_);
    if (entry.is_checked) return;
  }
  std::shared_ptr<HeldFile> opened;
  TaskListing found;
  std::string refused, parent;
  try {
    {
      const std::lock_guard guard(mutex_);
      if (is_second_of_its_name(entry))
        fail(ErrorKind::invalid_argument, "expected one file of the name ", entry.listing.name,
             ", got a task and a cascade, in ", folder_.string());
    }
    opened = std::make_shared<HeldFile>(folder_ / entry.file_name);
    check_size(*opened, entry.file_name);
    const std::string content = opened->read();
    ParsedFile parsed = parse(folder_ / entry.file_name, content);
    parent = parsed.file->parent_file();
    const bool is_kept = is_asked_for || memory_.has_room(content.size());
    const auto file = load(std::move(parsed), is_kept);
    if (is_kept)
      keep_bits(*file);
    else
      memory_.check(*file);
    found = listing_of(*file, content.size());
  } catch (const Error& error) {
    refused = error.what();
  } catch (const std::exception& error) {  // no memory, or a fault of a library
    refused =
        text("expected a task file, got ", in_one_line(error.what()), ", in ", entry.file_name);
  }
  if (!refused.empty()) note_(text("does not serve ", entry.file_name, ": ", refused));
  const std::lock_guard guard(mutex_);
  entry.is_checked = true;
  is_index_old_ = true;
  if (opened) entry.there = opened->mark();
  entry.listing.error = refused;
  entry.parent = parent;
  if (!refused.empty()) return;
  found.is_unloaded = entry.listing.is_unloaded;
  entry.listing = std::move(found);
  entry.served = opened->mark();
  const int64_t held = std::ranges::count_if(
      entries_, [](const auto& item) { return item.second->opened != nullptr; });
  entry.opened = may_hold_another(held) ? std::move(opened) : nullptr;
}

// The version before goes on while a new one is checked.
std::shared_ptr<const ServedFile> TaskFolder::read(Entry& entry) {
  for (int tries = 0;; ++tries) {
    TaskListing listing;
    std::shared_ptr<const HeldFile> opened;
    const auto look = [&] {
      const std::lock_guard guard(mutex_);
      listing = entry.listing;
      opened = entry.opened;
    };
    look();
    if (listing.version.empty()) {
      check(entry, /*is_asked_for=*/true);
      look();
    }
    if (listing.version.empty()) throw NoSuchTask(listing.error);
    if (auto file = memory_.find_file(entry.file_name, listing.version)) return file;
    if (!opened) opened = std::make_shared<HeldFile>(folder_ / entry.file_name);
    const std::string content = opened->read();
    if (version_of(as_bytes(content)) == listing.version)
      return load(parse(folder_ / entry.file_name, content), /*is_kept=*/true);
    // It was written over in its place: the version that was served is lost.
    const std::lock_guard guard(mutex_);
    entry.is_checked = false;
    entry.listing.version.clear();
    entry.opened.reset();
    if (tries > 0)
      throw NoSuchTask("expected version " + listing.version + ", got another, in " +
                       (folder_ / entry.file_name).string());
  }
}

TaskFolder::ParsedFile TaskFolder::parse(const fs::path& path, const std::string& content) const {
  const double start = BoundedMemory::steady_seconds();
  auto file = parse_served_file(as_bytes(content), path, backbone_);
  return {std::move(file), content.size(), BoundedMemory::steady_seconds() - start};
}

// Parents come first, each on its own, so that no chain of them, whatever it leads to, waits for
// itself.
std::shared_ptr<const ServedFile> TaskFolder::load(ParsedFile child, bool is_kept) {
  std::vector<ParsedFile> family;
  family.push_back(std::move(child));
  while (true) {
    const ServedFile& last = *family.back().file;
    if (last.parent_file().empty()) break;
    const fs::path parent = folder_ / last.parent_file();
    const bool is_known = std::ranges::any_of(
        family, [&](const ParsedFile& each) { return each.file->path == parent; });
    if (is_known || std::ssize(family) > most_ancestors)
      fail_corrupt(text("at most ", most_ancestors, " parents"), "more", last.path.string());
    const HeldFile held(parent);
    check_size(held, last.parent_file());
    family.push_back(parse(parent, held.read()));
  }
  std::shared_ptr<const ServedFile> loaded;
  for (size_t i = family.size(); i-- > 0;) {
    const ParsedFile& parsed = family[i];
    parsed.file->parent = std::move(loaded);
    loaded = parsed.file;
    if (i > 0 || is_kept) loaded = memory_.keep(loaded, parsed.bytes, parsed.seconds);
  }
  return loaded;
}

void TaskFolder::load_index() {
  try {
    const HeldFile held(folder_ / index_name);
    if (held.mark().bytes > most_index_bytes) return;
    const auto stored = parse_json<json>(held.read(), index_name);
    if (stored.at("version") != index_version || stored.at("identity") != backbone_.identity())
      return;
    for (const json& row : stored.at("files")) {
      const std::string file_name = row.at(0);
      if (!is_served_name(file_name)) continue;
      auto entry = std::make_shared<Entry>(file_name);
      entry->there = {row.at(1), row.at(2), row.at(3)};
      entry->served = entry->there;
      entry->is_checked = true;
      entry->listing = {name_of_file(file_name),
                        row.at(4),
                        row.at(5),
                        row.at(1),
                        row.at(6),
                        row.at(7),
                        row.at(8),
                        row.at(9),
                        row.at(10),
                        row.at(11)};
      entries_[file_name] = std::move(entry);
    }
  } catch (const json::exception&) {  // all of it can be found again
    entries_.clear();
  } catch (const Error&) {
    entries_.clear();
  }
}

// A file may change again without a new time of change, as the clock of the file system is coarse:
// none that changed in the last two seconds is kept.
void TaskFolder::save_index() {
  using std::chrono::system_clock, std::chrono::nanoseconds;
  const auto settled = std::chrono::duration_cast<nanoseconds>(
                           (system_clock::now() - std::chrono::seconds(2)).time_since_epoch())
                           .count();
  json rows = json::array();
  {
    const std::lock_guard guard(mutex_);
    if (!is_index_old_) return;
    is_index_old_ = false;
    for (const auto& [name, entry] : entries_) {
      const TaskListing& listing = entry->listing;
      const bool is_served = listing.error.empty() && entry->served == entry->there;
      if (!entry->is_checked || entry->there.changed >= settled) {
        is_index_old_ = true;
        continue;
      }
      if (is_served)
        rows.push_back({name, entry->there.bytes, entry->there.changed, entry->there.inode,
                        listing.version, listing.is_cascade, listing.classes,
                        listing.masked_fraction, listing.accuracy, listing.method, listing.data,
                        listing.error});
    }
  }
  const std::string content = json_text(
      json{{"version", index_version}, {"identity", backbone_.identity()}, {"files", rows}});
  try {
    write_file_atomically(folder_ / index_name, as_bytes(content));
  } catch (const Error&) {  // a folder that cannot be written to
  }
}

}  // namespace submask
