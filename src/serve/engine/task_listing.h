// What is known of a served file without reading it.
#pragma once

#include <cstdint>
#include <string>

#include "serve/engine/served_file.h"

namespace submask {

struct TaskListing {
  std::string file_name;
  std::string name;          // without its ending
  std::string digest = {};   // as ServedFile's; "": not checked yet, or never good
  std::string version = {};  // as ServedFile's
  bool is_cascade = false;
  uint64_t file_bytes = 0;
  int64_t classes = 0;
  double masked_fraction = 0;
  double accuracy = -1;  // as TaskOrigin has it, and method and data; negative: not known
  std::string method = {}, data = {};
  std::string parent_file = {};  // whose masks its own are coded against; "": none
  std::string error =
      {};  // why the file that is there now is not served; "": it is, or was not checked
  bool is_unloaded = false;  // by TaskFolder::unload()
};

// Of a good file that has so many bytes.
TaskListing listing_of(const ServedFile& file, uint64_t file_bytes);

}  // namespace submask
