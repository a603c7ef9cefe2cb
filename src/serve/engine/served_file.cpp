#include "serve/engine/served_file.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "backbone/head_tensors.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/quoted_name.h"
#include "cascade/adaptation.h"
#include "mask/task_fit.h"

namespace submask {
namespace {

uint64_t bytes_of(const std::vector<std::string>& names) {
  uint64_t bytes = 0;
  for (const std::string& name : names) bytes += sizeof(std::string) + name.capacity();
  return bytes;
}

uint64_t bytes_of(const ArrayMap& arrays) {
  uint64_t bytes = 0;
  for (const auto& [name, array] : arrays) bytes += name.capacity() + array.bytes.capacity();
  return bytes;
}

uint64_t bytes_of(const PackedTask& task) {
  uint64_t bytes = sizeof task + task.coded.capacity() + task.statistics.bytes.capacity() +
                   bytes_of(task.head) + bytes_of(task.classes) + task.provenance.capacity();
  for (const PackedMask& mask : task.masks)
    bytes += sizeof mask + mask.name.capacity() + 8 * mask.block_bytes.capacity();
  for (const PackedNorm& norm : task.norms) bytes += sizeof norm + norm.name.capacity();
  return bytes;
}

uint64_t bytes_of(const std::optional<Head>& head) {
  uint64_t bytes = 0;
  for (const auto& [name, tensor] : head_tensors(head)) bytes += tensor.nbytes();
  return bytes;
}

uint64_t bytes_of(const CascadeView& view) {
  uint64_t bytes = bytes_of(view.head);
  for (const at::Tensor* tensor :
       {&view.projection.mean, &view.projection.components, &view.projection.scale})
    bytes += tensor->nbytes();
  return bytes;
}

uint64_t bytes_of(const Cascade& cascade) {
  uint64_t bytes = bytes_of(cascade.dispatcher) + bytes_of(cascade.conditional) +
                   bytes_of(cascade.unconditional) + bytes_of(cascade.classes) +
                   cascade.provenance.capacity();
  for (const PackedTask& expert : cascade.experts) bytes += bytes_of(expert);
  for (const auto& [name, tensor] : cascade.router.parameters) bytes += tensor.nbytes();
  return bytes;
}

}  // namespace

const TaskDescription& ServedFile::description() const { return member(0); }

const std::vector<std::string>& ServedFile::classes() const {
  return cascade() != nullptr ? cascade()->classes : member(0).classes;
}

const std::string& ServedFile::provenance() const {
  return cascade() != nullptr ? cascade()->provenance : member(0).provenance;
}

const PackedTask& ServedFile::member(size_t number) const {
  if (cascade() == nullptr) return std::get<PackedTask>(content);
  return number == 0 ? cascade()->dispatcher : cascade()->experts.at(number - 1);
}

PackedTask ServedFile::packed_task() const {
  PackedTask task = member(0);
  set_head(task, head, task.head_form);
  task.signature = member(0).signature;  // the head is as it was signed
  return task;
}

const std::string& ServedFile::parent_file() const { return member(0).parent_file; }

double ServedFile::masked_fraction() const {
  return cascade() != nullptr ? submask::masked_fraction(*cascade()) : member(0).masked_fraction();
}

uint64_t ServedFile::memory_bytes() const {
  return sizeof *this + bytes_of(head) +
         std::visit([](const auto& held) { return bytes_of(held); }, content);
}

bool has_served_ending(const std::string& file_name) {
  const std::string ending = file_name.substr(std::min(file_name.rfind('.'), file_name.size()));
  return std::ranges::find(served_endings, ending) != served_endings.end();
}

bool is_served_name(const std::string& file_name) {
  if (!has_served_ending(file_name)) return false;
  const std::string name = file_name.substr(0, file_name.rfind('.'));
  return !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  });
}

std::string version_of_digest(const std::string& digest) {
  constexpr size_t digits = 16;
  return digest.substr(0, digits);
}

std::string version_of(Bytes content) { return version_of_digest(sha256_hex(content)); }

uint64_t described_bytes(Bytes file, const std::string& name) {
  uint64_t bytes = 0;  // little-endian, as safetensors begin
  if (file.size() > sizeof bytes && file[sizeof bytes] == '{') {
    std::memcpy(&bytes, file.data(), sizeof bytes);
    return bytes;
  }
  const Bytes beginning = file.first(std::min(file.size(), sizeof bytes));
  fail_corrupt("a submask task file",
               file.empty() ? "an empty file"
                            : "a file that begins with " +
                                  quoted_name({reinterpret_cast<const char*>(beginning.data()),
                                               beginning.size()}),
               name);
}

std::shared_ptr<ServedFile> parse_served_file(Bytes bytes, const std::filesystem::path& path,
                                              const Backbone& backbone) {
  auto file = std::make_shared<ServedFile>();
  file->name = path.stem().string();
  file->digest = sha256_hex(bytes);
  file->version = version_of_digest(file->digest);
  file->path = path;
  if (is_cascade(bytes, path.string())) {
    file->content = parse_cascade(bytes, path.string());
    check_cascade_fits(*file->cascade(), backbone);
  } else {
    file->content = parse_packed_task(bytes, path.string());
    if (!file->member(0).parent_masks.empty() && file->parent_file().empty())
      fail_corrupt("a parent's file name", "none, as in a cascade", path.string());
  }
  for (size_t member = 0; member < file->members(); ++member)
    check_packed_fits(file->member(member), backbone);
  if (auto* task = std::get_if<PackedTask>(&file->content)) {
    file->head = packed_head(*task);
    task->head.clear();  // is held once
  }
  return file;
}

}  // namespace submask
