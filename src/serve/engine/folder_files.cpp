#include "serve/engine/folder_files.h"

#include <algorithm>
#include <sys/resource.h>
#include <utility>

namespace submask {
namespace {

std::string name_of_file(const std::string& file_name) {
  return file_name.substr(0, file_name.rfind('.'));
}

// Files are held open by half of the descriptors that the process may have; connections need the
// others. Beyond that a file is opened again, and is as good as gone once another took its place.
bool may_hold_another(int64_t held) {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && static_cast<rlim_t>(held) < limit.rlim_cur / 2;
}

}  // namespace

FolderFile::FolderFile(const std::string& name) : file_name(name) {
  listing = {.file_name = name, .name = name_of_file(name)};
}

void FolderFiles::look_at(const std::string& file_name, const FileMark& mark) {
  FolderFilePointer& file = files_[file_name];
  if (!file)
    file = std::make_shared<FolderFile>(file_name);
  else if (file->there == mark)
    return;
  file->there = mark;
  file->check = FolderFile::Check::wanted;
  check_descendants(file_name);
}

// Of what is being checked nobody knows yet what it needs.
void FolderFiles::check_descendants(const std::string& file_name) {
  std::vector<std::string> changed{file_name};
  for (size_t i = 0; i < changed.size(); ++i)
    for (const auto& [name, file] : files_) {
      if (file->check == FolderFile::Check::under_way) file->check = FolderFile::Check::wanted;
      if (file->parent != changed[i]) continue;
      file->check = FolderFile::Check::wanted;
      if (std::ranges::find(changed, name) == changed.end()) changed.push_back(name);
    }
}

// Those that were refused for a file that is served no more, or never was.
void FolderFiles::check_seconds(const std::string& name) {
  for (const auto& [file_name, file] : files_)
    if (file->is_second && file->listing.name == name) file->check = FolderFile::Check::wanted;
}

void FolderFiles::forget_version(FolderFile& file) {
  file.listing.digest.clear();
  file.listing.version.clear();
  file.opened.reset();
}

void FolderFiles::remove(const std::string& file_name) {
  files_.erase(file_name);
  is_index_old_ = true;
  check_seconds(name_of_file(file_name));
  check_descendants(file_name);
}

FolderFilePointer FolderFiles::next_unchecked() const {
  for (const auto& [name, file] : files_)
    if (file->check != FolderFile::Check::done) return file;
  return nullptr;
}

FolderFilePointer FolderFiles::named(const std::string& name) const {
  FolderFilePointer found;
  for (const char* ending : served_endings) {
    const auto file = files_.find(name + ending);
    if (file != files_.end() && (!found || found->listing.digest.empty())) found = file->second;
  }
  return found;
}

bool FolderFiles::is_second_of_its_name(const FolderFile& file) const {
  if (!file.listing.digest.empty()) return false;
  return std::ranges::any_of(files_, [&](const auto& item) {
    const FolderFile& other = *item.second;
    return other.listing.name == file.listing.name &&
           (!other.listing.digest.empty() ||
            (other.check != FolderFile::Check::done && other.file_name < file.file_name));
  });
}

void FolderFiles::begin_check(FolderFile& file) { file.check = FolderFile::Check::under_way; }

void FolderFiles::give_up_check(FolderFile& file) { file.check = FolderFile::Check::wanted; }

void FolderFiles::end_check(FolderFile& file, CheckedFile found) {
  if (file.check == FolderFile::Check::under_way) {
    file.check = FolderFile::Check::done;
    file.there = found.there;
  }
  is_index_old_ = true;
  file.listing.error = found.refused;
  file.parent = std::move(found.parent);
  file.is_second = found.is_second;
  if (!found.refused.empty()) {
    if (found.is_lost) forget_version(file);
    if (file.listing.digest.empty() && !file.is_second) check_seconds(file.listing.name);
    return;
  }
  found.listing.is_unloaded = file.listing.is_unloaded;
  file.listing = std::move(found.listing);
  file.served = found.there;
  const int64_t held = std::ranges::count_if(
      files_, [](const auto& item) { return item.second->opened != nullptr; });
  file.opened = may_hold_another(held) ? std::move(found.opened) : nullptr;
}

void FolderFiles::lose(FolderFile& file, const std::string& digest) {
  if (file.listing.digest != digest) return;  // another has been served since
  file.check = FolderFile::Check::wanted;
  forget_version(file);
  check_seconds(file.listing.name);
}

std::vector<TaskListing> FolderFiles::list() const {
  std::vector<TaskListing> listings;
  listings.reserve(files_.size());
  for (const auto& [file_name, file] : files_) listings.push_back(file->listing);
  std::ranges::stable_sort(listings, {}, &TaskListing::name);
  return listings;
}

std::vector<std::string> FolderFiles::names(size_t most) const {
  std::vector<std::string> names;
  for (const auto& [file_name, file] : files_)
    if (names.size() < most) names.push_back(file->listing.name);
  return names;
}

std::vector<std::string> FolderFiles::file_names() const {
  std::vector<std::string> names;
  for (const auto& [file_name, file] : files_) names.push_back(file_name);
  return names;
}

std::vector<std::string> FolderFiles::digests_of(const std::string& name) const {
  std::vector<std::string> digests;
  for (const char* ending : served_endings) {
    const auto file = files_.find(name + ending);
    if (file != files_.end() && !file->second->listing.digest.empty())
      digests.push_back(file->second->listing.digest);
  }
  return digests;
}

size_t FolderFiles::unchecked() const {
  return static_cast<size_t>(std::ranges::count_if(
      files_, [](const auto& item) { return item.second->check != FolderFile::Check::done; }));
}

bool FolderFiles::take_index_is_old() { return std::exchange(is_index_old_, false); }

std::vector<IndexedFile> FolderFiles::indexed() {
  std::vector<IndexedFile> files;
  for (const auto& [name, file] : files_) {
    if (file->check != FolderFile::Check::done || !FolderIndex::is_settled(file->there))
      is_index_old_ = true;  // is written once they are
    else if (file->listing.error.empty() && file->served == file->there)
      files.push_back({file->there, file->listing});
  }
  return files;
}

void FolderFiles::restore(std::vector<IndexedFile> files) {
  for (IndexedFile& indexed : files) {
    auto file = std::make_shared<FolderFile>(indexed.listing.file_name);
    file->there = file->served = indexed.mark;
    file->check = FolderFile::Check::done;
    file->listing = std::move(indexed.listing);
    file->parent = file->listing.parent_file;
    files_[file->file_name] = std::move(file);
  }
}

}  // namespace submask
