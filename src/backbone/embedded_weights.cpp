#include "backbone/embedded_weights.h"

#include <cstdlib>
#include <system_error>
#include <vector>

#include "base/fail.h"

namespace submask {
namespace {

std::vector<std::filesystem::path> asset_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* chosen = std::getenv("SUBMASK_ASSETS")) folders.emplace_back(chosen);
  folders.emplace_back(SUBMASK_ASSETS_SOURCE_DIR);
  folders.emplace_back(SUBMASK_ASSETS_INSTALL_DIR);
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) folders.push_back(program.parent_path().parent_path() / "share" / "submask");
  return folders;
}

}  // namespace

std::filesystem::path embedded_weights(const std::string& name) {
  std::string searched;
  for (const std::filesystem::path& folder : asset_folders()) {
    std::filesystem::path file = folder / (name + ".safetensors");
    std::error_code error;
    if (std::filesystem::is_regular_file(file, error)) return file;
    searched += (searched.empty() ? "" : ", ") + folder.string();
  }
  fail(ErrorKind::unavailable, "expected ", name,
       ".safetensors among submask's assets, got none in ", searched,
       " (SUBMASK_ASSETS names another folder)");
}

}  // namespace submask
