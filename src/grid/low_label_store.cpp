#include "grid/low_label_store.h"

#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include <submask/task_file.h>

#include "base/content_digest.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/output_file.h"

namespace submask {
namespace {

using Json = nlohmann::json;

std::string safe_name(std::string name) {
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  return name;
}

constexpr const char* cell_kind = "a cell of low-label results";
constexpr const char* network_kind = "the record of a low-label network";

// What read() makes of a file's JSON. Throws corrupt_file where it misses a member or its type.
template <typename Read>
auto read_members(const char* kind, const std::filesystem::path& path, Read read) {
  try {
    return read();
  } catch (const Json::exception& error) {
    fail_corrupt(kind, error.what(), path.string());
  }
}

LowLabelCell cell_of(const Json& json, const std::filesystem::path& path) {
  auto cell = read_members(cell_kind, path, [&] {
    return LowLabelCell{low_label_method(json.at("method"), "a method"),
                        json.at("labels"),
                        json.at("seed"),
                        json.at("labelled_images"),
                        json.at("epochs"),
                        json.at("accuracy"),
                        json.at("masked_fraction"),
                        json.at("seconds")};
  });
  const auto is_share = [](double value) { return value >= 0 && value <= 1; };
  if (!is_share(cell.accuracy) || !is_share(cell.masked_fraction) || cell.labelled_images < 1)
    fail_corrupt("shares of 0 to 1 in a cell of low-label results", json.dump(), path.string());
  return cell;
}

// Returns what write_kept() wrote; none where there is no such file.
std::optional<Json> read_kept(const std::filesystem::path& path, const std::string& key,
                              const char* kind) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  auto stored = try_json<Json>(read_text_file(path));
  if (!stored.is_object() || !stored.contains("fingerprint") || !stored.contains(key))
    fail_corrupt(kind, stored.is_discarded() ? "text that is no JSON" : stored.dump(),
                 path.string());
  return stored;
}

void write_kept(const std::filesystem::path& path, const std::string& fingerprint,
                const std::string& key, const Json& value) {
  make_folder(path.parent_path());
  const Json stored = {{"fingerprint", fingerprint}, {key, value}};
  write_file_atomically(path, as_bytes(stored.dump(1) + "\n"));
}

}  // namespace

LowLabelStore::LowLabelStore(std::filesystem::path folder) : folder_(std::move(folder)) {
  check_writable(cell_file("any"));
}

std::filesystem::path LowLabelStore::cell_file(const std::string& name) const {
  return folder_ / "cells" / (safe_name(name) + ".json");
}

std::optional<LowLabelCell> LowLabelStore::find_cell(const std::string& name,
                                                     const std::string& fingerprint) const {
  const auto stored = read_kept(cell_file(name), "cell", cell_kind);
  if (!stored) return std::nullopt;
  if (stored->at("fingerprint") != fingerprint)
    fail_argument("a result of these settings and data",
                  "one of others, in " + cell_file(name).string());
  return cell_of(stored->at("cell"), cell_file(name));
}

void LowLabelStore::keep_cell(const std::string& name, const std::string& fingerprint,
                              const LowLabelCell& cell) const {
  write_kept(cell_file(name), fingerprint, "cell", cell);
}

std::optional<LowLabelNetwork> LowLabelStore::find_network(const std::string& name,
                                                           const std::string& fingerprint) const {
  const std::filesystem::path record = folder_ / (name + ".json");
  const auto stored = read_kept(record, "network", network_kind);
  if (!stored || stored->at("fingerprint") != fingerprint) return std::nullopt;
  const Json& network = stored->at("network");
  return read_members(network_kind, record, [&]() -> std::optional<LowLabelNetwork> {
    const std::filesystem::path file = folder_ / network.at("file").get<std::string>();
    if (!std::filesystem::exists(file) || content_digest(file.string()) != network.at("sha256"))
      return std::nullopt;
    return LowLabelNetwork{file, network.at("epochs"), network.at("masked_fraction"),
                           network.at("seconds")};
  });
}

// The record comes last and has a digest of the file, so that it never speaks for another file.
LowLabelNetwork LowLabelStore::keep_network(const std::string& name, const std::string& fingerprint,
                                            const TrainResult& learned, double seconds,
                                            const Backbone& backbone) const {
  const bool is_task = learned.state_dict.empty();
  const std::string file = name + (is_task ? ".task" : ".safetensors");
  LowLabelNetwork network{folder_ / file, learned.epochs, learned.task.masked_fraction(), seconds};
  if (is_task)
    write_task(network.file, pack_task(learned.task, backbone));
  else
    write_safetensors(network.file, learned.state_dict, {{"format", "pt"}});
  write_kept(folder_ / (name + ".json"), fingerprint, "network",
             {{"file", file},
              {"sha256", content_digest(network.file.string())},
              {"epochs", network.epochs},
              {"masked_fraction", network.masked_fraction},
              {"seconds", network.seconds}});
  return network;
}

std::filesystem::path LowLabelStore::checkpoint_folder(const std::string& name) const {
  return folder_ / "checkpoints" / safe_name(name);
}

void LowLabelStore::forget_checkpoint(const std::string& name) const {
  std::filesystem::remove_all(checkpoint_folder(name));
  std::error_code not_empty;
  std::filesystem::remove(folder_ / "checkpoints", not_empty);
}

}  // namespace submask
