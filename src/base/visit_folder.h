// The entries of a folder.
#pragma once

#include <filesystem>

#include "base/fail.h"

namespace submask {

// Calls visit(entry) for each entry, in no order. Throws io where the folder cannot be read.
template <typename Visit>
void visit_folder(const std::filesystem::path& folder, const Visit& visit) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    visit(*entry);
  if (error) fail(ErrorKind::io, "cannot read folder ", folder.string(), ": ", error.message());
}

}  // namespace submask
