#include "serve/engine/task_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/fail.h"

namespace submask {

std::string TaskReader::content_of(const HeldFile& file, const std::string& file_name) const {
  auto content = file.read(most_bytes());
  if (!content)
    fail_corrupt(text("a file of at most ", most_bytes(),
                      " bytes, a quarter of --memory beside the weights"),
                 std::max(file.mark().bytes, most_bytes() + 1), file_name);
  return *std::move(content);
}

ParsedFile TaskReader::parse(const std::string& file_name, const std::string& content) const {
  const uint64_t described = described_bytes(as_bytes(content), file_name), most = most_bytes() / 8;
  if (described > most)
    fail_corrupt(text("a description of at most ", most, " bytes, by --memory"), described,
                 file_name);
  const double start = BoundedMemory::steady_seconds();
  auto file = parse_served_file(as_bytes(content), folder_ / file_name, backbone_);
  return {std::move(file), content.size(), BoundedMemory::steady_seconds() - start};
}

// Parents come first, each on its own, so that no chain of them, whatever it leads to, waits for
// itself.
std::shared_ptr<const ServedFile> TaskReader::load(ParsedFile child, bool is_kept) const {
  constexpr int most_ancestors = 16;
  std::vector<ParsedFile> family;
  family.push_back(std::move(child));
  while (true) {
    const ServedFile& last = *family.back().file;
    const std::string parent = last.parent_file();
    if (parent.empty()) break;
    const bool is_known = std::ranges::any_of(
        family, [&](const ParsedFile& each) { return each.file->path.filename() == parent; });
    if (is_known || std::ssize(family) > most_ancestors)
      fail_corrupt(text("at most ", most_ancestors, " parents"), "more", last.path.string());
    family.push_back(parse(parent, content_of(HeldFile(folder_ / parent), parent)));
  }
  std::shared_ptr<const ServedFile> loaded;
  for (size_t i = family.size(); i-- > 0;) {
    const ParsedFile& parsed = family[i];
    parsed.file->parent = std::move(loaded);
    loaded = parsed.file;
    if (i > 0 || is_kept) loaded = memory_.keep(loaded, parsed.seconds);
  }
  return loaded;
}

bool TaskReader::decodes(const HeldFile& file, const std::string& file_name,
                         const std::string& digest) const {
  ParsedFile parsed = parse(file_name, content_of(file, file_name));
  if (parsed.file->digest != digest) return false;
  memory_.check(*load(std::move(parsed), /*is_kept=*/false));
  return true;
}

}  // namespace submask
