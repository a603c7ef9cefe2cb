// Files in a record: by what is in them, so that a name that now holds something else counts as
// another setting, and the same content under another name does not.
#pragma once

#include <string>

#include "base/field_form.h"

namespace submask {

// SHA-256 (hex) of a file's bytes, or of the names and digests of the files right in a folder. A
// file is read anew only where its size or time of change are others. Throws io.
std::string content_digest(const std::string& path);

// The same for a record: null for an empty path.
RecordJson content_record(const std::string& path);

}  // namespace submask
