// Archives of data sets, unpacked by libarchive.
#pragma once

#include <filesystem>

namespace submask {

// Unpacks a tar, tar.gz or zip archive into a folder that exists. Files and folders alone: a link,
// a device, a name that leads out of the folder and a name that comes twice are refused, and so is
// an archive of more than 20 times its own size and 1 GiB. Throws corrupt_file, or io where the
// disk fails; what was written until then stays.
void unpack_archive(const std::filesystem::path& archive, const std::filesystem::path& folder);

}  // namespace submask
