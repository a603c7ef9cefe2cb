#include "backbone/efficientnet_names.h"

#include <charconv>
#include <string_view>

namespace submask {
namespace {

struct Rename {
  std::string_view from, to;
};

constexpr Rename outer_names[] = {{"_conv_stem.", "conv_stem."},
                                  {"_bn0.", "bn1."},
                                  {"_conv_head.", "conv_head."},
                                  {"_bn1.", "bn2."},
                                  {"_fc.", "classifier."}};
// There a block's first norm is _bn0 only where the block expands.
constexpr Rename separable_names[] = {{"_depthwise_conv.", "conv_dw."},
                                      {"_bn1.", "bn1."},
                                      {"_project_conv.", "conv_pw."},
                                      {"_bn2.", "bn2."}};
constexpr Rename inverted_names[] = {{"_expand_conv.", "conv_pw."},    {"_bn0.", "bn1."},
                                     {"_depthwise_conv.", "conv_dw."}, {"_bn1.", "bn2."},
                                     {"_project_conv.", "conv_pwl."},  {"_bn2.", "bn3."}};

// "" where none of the names begins `name`.
std::string replace_prefix(std::string_view name, std::span<const Rename> names) {
  for (const Rename& rename : names) {
    if (name.starts_with(rename.from)) {
      return std::string(rename.to).append(name.substr(rename.from.size()));
    }
  }
  return {};
}

// `rest` is what follows "_blocks.", e.g. "3._expand_conv.weight": there blocks are counted through
// all stages. "" where it names no block.
std::string rename_in_block(std::string_view rest, std::span<const int64_t> blocks) {
  uint32_t number = 0;
  const char* const end = rest.data() + rest.size();
  const auto parsed = std::from_chars(rest.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr == end || *parsed.ptr != '.') return {};
  int64_t index = number;
  size_t stage = 0;
  while (stage < blocks.size() && index >= blocks[stage]) index -= blocks[stage++];
  if (stage == blocks.size()) return {};
  const std::string_view inner = rest.substr(static_cast<size_t>(parsed.ptr - rest.data()) + 1);
  const std::string renamed =
      stage == 0 ? replace_prefix(inner, separable_names) : replace_prefix(inner, inverted_names);
  if (renamed.empty()) return {};
  return "blocks." + std::to_string(stage) + "." + std::to_string(index) + "." + renamed;
}

}  // namespace

std::string from_efficientnet_pytorch(const std::string& name, std::span<const int64_t> blocks) {
  constexpr std::string_view prefix = "_blocks.";
  const std::string renamed =
      name.starts_with(prefix)
          ? rename_in_block(std::string_view(name).substr(prefix.size()), blocks)
          : replace_prefix(name, outer_names);
  return renamed.empty() ? name : renamed;
}

}  // namespace submask
