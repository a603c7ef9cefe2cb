#include "serve/engine/task_listing.h"

#include <iterator>
#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace submask {

TaskListing listing_of(const ServedFile& file, uint64_t file_bytes) {
  TaskListing listing{.file_name = file.path.filename().string(),
                      .name = file.name,
                      .digest = file.digest,
                      .version = file.version,
                      .is_cascade = file.cascade() != nullptr,
                      .file_bytes = file_bytes,
                      .classes = std::ssize(file.classes()),
                      .masked_fraction = file.masked_fraction(),
                      .parent_file = file.parent_file()};
  const auto provenance = try_json<nlohmann::json>(file.provenance());
  if (!provenance.is_object()) return listing;
  const auto word = [&](const char* key) {
    const auto found = provenance.find(key);
    return found != provenance.end() && found->is_string() ? found->get<std::string>() : "";
  };
  listing.method = word("method");
  listing.data = word("data");
  // That of the head, where it was fitted afterwards.
  const auto fit = provenance.find("fit");
  const auto& measured = fit != provenance.end() && fit->is_object() ? *fit : provenance;
  const auto accuracy = measured.find("accuracy");
  if (accuracy != measured.end() && accuracy->is_number()) listing.accuracy = *accuracy;
  return listing;
}

}  // namespace submask
