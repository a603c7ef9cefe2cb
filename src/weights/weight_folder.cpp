#include "weights/weight_folder.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/fail.h"
#include "base/file.h"
#include "base/quoted_name.h"
#include "base/visit_folder.h"
#include "weights/shard_index.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

// The names that transformers, timm and open_clip save to; the first one that exists counts.
constexpr std::array usual_safetensors{"model.safetensors", "model.safetensors.index.json",
                                       "open_clip_model.safetensors"};
constexpr std::array usual_pickles{"pytorch_model.bin", "pytorch_model.bin.index.json",
                                   "open_clip_pytorch_model.bin"};
constexpr std::array safetensors_endings{".safetensors", ".safetensors.index.json"};
constexpr std::array pickle_endings{".bin", ".bin.index.json", ".pth", ".pt",
                                    ".th",  ".pth.tar",        ".ckpt"};

using Names = std::vector<std::string>;

Names names_in(const fs::path& folder, bool (fs::directory_entry::*is_wanted)() const) {
  Names names;
  visit_folder(folder, [&](const fs::directory_entry& entry) {
    if ((entry.*is_wanted)()) names.push_back(entry.path().filename().string());
  });
  std::sort(names.begin(), names.end());
  return names;
}

[[noreturn]] void fail_choice(const std::string& expected, const Names& names,
                              const fs::path& folder) {
  constexpr size_t most_named = 10;
  std::string got = names.empty() ? "none" : text(names.size(), ":");
  for (size_t i = 0; i < std::min(names.size(), most_named); ++i) {
    got += " " + quoted_name(names[i]);
  }
  fail_corrupt(expected, got, folder.string());
}

// The files with these endings, without the parts of an index that is among them.
Names candidates(const Names& files, auto const& endings) {
  Names found;
  for (const std::string& file : files) {
    if (std::any_of(endings.begin(), endings.end(),
                    [&](const char* ending) { return file.ends_with(ending); })) {
      found.push_back(file);
    }
  }
  if (std::any_of(found.begin(), found.end(), is_shard_index)) {
    std::erase_if(found, [](const std::string& file) {
      return !is_shard_index(file) && file.find("-of-") != std::string::npos;
    });
  }
  return found;
}

fs::path find_in_folder(const fs::path& folder) {
  const Names files = names_in(folder, &fs::directory_entry::is_regular_file);
  const auto choose = [&](auto const& usual, const Names& found) -> std::string {
    for (const char* name : usual) {
      if (std::find(found.begin(), found.end(), name) != found.end()) return name;
    }
    if (found.size() > 1) fail_choice("one weight file, named as the path", found, folder);
    return found.empty() ? "" : found.front();
  };
  std::string chosen = choose(usual_safetensors, candidates(files, safetensors_endings));
  if (chosen.empty()) chosen = choose(usual_pickles, candidates(files, pickle_endings));
  if (chosen.empty()) fail_choice("a weight file (safetensors, .bin, .pth, ...)", {}, folder);
  return folder / chosen;
}

fs::path snapshot_of(const fs::path& cache) {
  const fs::path snapshots = cache / "snapshots", main = cache / "refs" / "main";
  if (fs::is_regular_file(main)) {
    std::string commit = read_text_file(main);
    while (!commit.empty() && std::isspace(static_cast<unsigned char>(commit.back()))) {
      commit.pop_back();
    }
    if (!is_plain_name(commit) || !fs::is_directory(snapshots / commit)) {
      fail_corrupt("a snapshot that refs/main names", quoted_name(commit), cache.string());
    }
    return snapshots / commit;
  }
  const Names names = names_in(snapshots, &fs::directory_entry::is_directory);
  if (names.size() != 1) fail_choice("one snapshot, or refs/main", names, cache);
  return snapshots / names.front();
}

bool has_usual_name(const fs::path& weights) {
  const std::string name = weights.filename().string();
  return std::find(usual_safetensors.begin(), usual_safetensors.end(), name) !=
             usual_safetensors.end() ||
         std::find(usual_pickles.begin(), usual_pickles.end(), name) != usual_pickles.end();
}

}  // namespace

fs::path find_weights(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return path;
  try {
    return find_in_folder(fs::is_directory(path / "snapshots") ? snapshot_of(path) : path);
  } catch (const fs::filesystem_error& failure) {
    fail(ErrorKind::io, "cannot read ", path.string(), ": ", failure.code().message());
  }
}

std::string text_beside(const fs::path& weights, const std::string& name) {
  constexpr uintmax_t longest = uintmax_t{1} << 20;
  const fs::path path = weights.parent_path() / name;
  std::error_code error;
  if (!has_usual_name(weights) || !fs::is_regular_file(path, error)) return "";
  const MappedFile file(path);
  const Bytes bytes = file.bytes();
  if (bytes.size() > longest) {
    fail_corrupt(text("at most ", longest, " bytes"), bytes.size(), path.string());
  }
  return {bytes.begin(), bytes.end()};
}

}  // namespace submask
