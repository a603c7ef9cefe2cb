// Task files that a server saves into its own folder.
#pragma once

#include <string>

#include "base/file.h"
#include "serve/api/serve_parts.h"

namespace submask {

// What servers that were killed in save_task() left an hour ago or earlier.
void remove_leftovers(const std::filesystem::path& folder);

// Throws Refusal: 400 for what is no name of a task, 409 where a file of the name is there.
void check_new_name(const std::string& name, const ServeParts& parts);

// Saves the file as the task of this name, which is served from then on. Throws as
// check_new_name(), io where the folder takes no file, and as TaskFolder::load().
void save_task(Bytes file, const std::string& name, ServeParts& parts);

}  // namespace submask
