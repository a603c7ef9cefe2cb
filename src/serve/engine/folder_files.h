// What is known of each file of a folder of tasks: which is there, which is served, and which has
// still to be checked. No threads, and nothing is read: the folder's lock is held for every call.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "serve/engine/folder_index.h"
#include "serve/engine/held_file.h"
#include "serve/engine/task_listing.h"

namespace submask {

struct FolderFile {
  enum class Check { wanted, under_way, done };

  explicit FolderFile(const std::string& name);

  const std::string file_name;
  std::mutex checking;  // held by the one thread that checks the file; not the folder's lock

  FileMark there;  // of the file that is there now; {}: it cannot be opened
  Check check = Check::wanted;
  std::string parent;      // that of the file that is there now; "": none, or not known
  TaskListing listing;     // of the version that is served
  FileMark served;         // of its file
  bool is_second = false;  // as CheckedFile's
  std::shared_ptr<const HeldFile> opened;  // null where too many are
};

using FolderFilePointer = std::shared_ptr<FolderFile>;

// What a check found.
struct CheckedFile {
  FileMark there = {};                               // of what was opened
  std::shared_ptr<const HeldFile> opened = nullptr;  // null: nothing was, or not to be kept
  TaskListing listing = {};
  std::string parent = {};
  std::string refused = {};  // why it is not served; "": it is
  bool is_second = false;    // it was refused for another file of its name
  bool is_lost = false;      // where it is refused, the version before cannot be served any more
};

class FolderFiles {
 public:
  // A file of this name has this mark: where that is another one it wants a check, and so do the
  // files that are coded against it, or against these.
  void look_at(const std::string& file_name, const FileMark& mark);

  // Whoever has it goes on. Another file of its name may be served now, and its descendants not.
  void remove(const std::string& file_name);

  // Null where none wants a check, or is being checked.
  FolderFilePointer next_unchecked() const;

  // The file that is served under a name, or would be; null where there is none.
  FolderFilePointer named(const std::string& name) const;

  // Whether another file is served under its name, or is to be looked at first.
  bool is_second_of_its_name(const FolderFile& file) const;

  // Where another thread looks at the file, or at one that it needs, before the end of the check,
  // it wants another one. A version that is refused leaves that which was served before; where
  // there is none, another file of its name has its turn.
  void begin_check(FolderFile& file);
  void give_up_check(FolderFile& file);
  void end_check(FolderFile& file, CheckedFile found);

  // The version of this digest is no more, as it was written over in its place.
  void lose(FolderFile& file, const std::string& digest);

  std::vector<TaskListing> list() const;                               // by name
  std::vector<std::string> names(size_t most) const;                   // the first so many
  std::vector<std::string> file_names() const;                         // of all
  std::vector<std::string> digests_of(const std::string& name) const;  // that are served under it
  size_t unchecked() const;

  // The index keeps what is served, where it is as it was checked and settled. true once after
  // something has changed in what it should have.
  bool take_index_is_old();
  std::vector<IndexedFile> indexed();
  void restore(std::vector<IndexedFile> files);

 private:
  void check_descendants(const std::string& file_name);
  void check_seconds(const std::string& name);
  void forget_version(FolderFile& file);

  std::map<std::string, FolderFilePointer> files_;  // by the file's name
  bool is_index_old_ = false;
};

}  // namespace submask
