#include "weights/shard_index.h"

#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/file.h"
#include "base/quoted_name.h"

namespace submask {
namespace fs = std::filesystem;

bool is_shard_index(const fs::path& path) {
  return path.filename().string().ends_with(".index.json");
}

bool is_plain_name(const std::string& name) {
  constexpr std::string_view separators("/\\\0", 3);
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(separators) == std::string::npos;
}

ShardIndex read_shard_index(const fs::path& path) {
  constexpr size_t longest = size_t{4} << 20;
  const MappedFile file(path);
  if (file.bytes().size() > longest) {
    fail_corrupt(text("an index of at most ", longest, " bytes"), file.bytes().size(),
                 path.string());
  }
  const auto document = nlohmann::json::parse(file.bytes().begin(), file.bytes().end(),
                                              /*cb=*/nullptr, /*allow_exceptions=*/false);
  const auto map = document.is_object() ? document.find("weight_map") : document.end();
  if (map == document.end() || !map->is_object() || map->empty()) {
    fail_corrupt("an index with a weight_map of tensors", "other content", path.string());
  }
  ShardIndex index;
  for (const auto& [name, shard] : map->items()) {
    const std::string file_name = shard.is_string() ? shard.get<std::string>() : "";
    if (!is_plain_name(file_name)) {
      fail_corrupt("the shard of " + quoted_name(name) + " in the index's folder",
                   quoted_name(file_name), path.string());
    }
    index.shards[file_name].push_back(name);
  }
  for (const auto& [shard, names] : index.shards) {
    if (!fs::is_regular_file(path.parent_path() / shard)) {
      fail_corrupt("the shard " + quoted_name(shard), "no such file", path.string());
    }
  }
  return index;
}

}  // namespace submask
