#include "serve/engine/folder_index.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "base/json_text.h"

namespace submask {
namespace {

using nlohmann::json;

constexpr const char* index_name = ".submask-serve.json";
constexpr int index_version = 4;
constexpr uint64_t most_index_bytes = uint64_t{256} << 20;

json row_of_index(const IndexedFile& file) {
  const TaskListing& listing = file.listing;
  return {listing.file_name, file.mark.bytes,    file.mark.changed, file.mark.inode,
          listing.digest,    listing.is_cascade, listing.classes,   listing.masked_fraction,
          listing.accuracy,  listing.method,     listing.data,      listing.parent_file};
}

bool is_digest(const std::string& digest) {
  constexpr size_t digits = 64;
  return digest.size() == digits &&
         digest.find_first_not_of("0123456789abcdef") == std::string::npos;
}

IndexedFile file_of_row(const json& row) {
  const FileMark mark{row.at(1), row.at(2), row.at(3)};
  const std::string file_name = row.at(0), digest = row.at(4);
  return {mark,
          {.file_name = file_name,
           .name = file_name.substr(0, file_name.rfind('.')),
           .digest = digest,
           .version = version_of_digest(digest),
           .is_cascade = row.at(5),
           .file_bytes = mark.bytes,
           .classes = row.at(6),
           .masked_fraction = row.at(7),
           .accuracy = row.at(8),
           .method = row.at(9),
           .data = row.at(10),
           .parent_file = row.at(11)}};
}

}  // namespace

FolderIndex::FolderIndex(std::filesystem::path folder, std::string identity)
    : folder_(std::move(folder)), identity_(std::move(identity)) {}

std::vector<IndexedFile> FolderIndex::read() const {
  try {
    const auto content = HeldFile(folder_ / index_name).read(most_index_bytes);
    if (!content) return {};
    const auto stored = parse_json<json>(*content, index_name);
    if (stored.at("version") != index_version || stored.at("identity") != identity_) return {};
    std::vector<IndexedFile> files;
    for (const json& row : stored.at("files"))
      if (IndexedFile file = file_of_row(row);
          is_served_name(file.listing.file_name) && is_digest(file.listing.digest))
        files.push_back(std::move(file));
    return files;
  } catch (const json::exception&) {
  } catch (const Error&) {
  }
  return {};
}

void FolderIndex::write(const std::vector<IndexedFile>& files) {
  json rows = json::array();
  for (const IndexedFile& file : files) rows.push_back(row_of_index(file));
  std::string content =
      json_text(json{{"version", index_version}, {"identity", identity_}, {"files", rows}});
  if (content == written_) return;
  try {
    write_file_atomically(folder_ / index_name, as_bytes(content));
    written_ = std::move(content);
  } catch (const Error&) {
  }
}

bool FolderIndex::is_settled(const FileMark& mark) {
  using std::chrono::system_clock, std::chrono::nanoseconds;
  const auto settled = (system_clock::now() - std::chrono::seconds(2)).time_since_epoch();
  return mark.changed < std::chrono::duration_cast<nanoseconds>(settled).count();
}

}  // namespace submask
