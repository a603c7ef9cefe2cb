#include "evaluate/feature_cache.h"

#include <system_error>

#include <ATen/ATen.h>

#include "backbone/torchscript.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/names.h"
#include "base/output_file.h"
#include "evaluate/feature_file.h"
#include "parallel/communicator.h"
#include "weights/tensor_hash.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

std::string transform_text(const Transform& transform) {
  std::ostringstream out;
  out.precision(17);
  const Preprocessing& steps = transform.preprocessing;
  out << steps.input_size << ' ' << steps.crop_share << ' ' << name_of(steps.interpolation) << ' '
      << name_of(steps.resize) << ' ' << name_of(steps.crop_offset);
  for (const int value : steps.fill) out << ' ' << value;
  for (const auto& values : {steps.mean, steps.std})
    for (const double value : values) out << ' ' << value;
  out << ' ' << transform.fast_decode;
  return out.str();
}

}  // namespace

std::string feature_key(const FeatureRequest& request) {
  if (!request.transform.crops.empty())
    fail_argument("the test transform, whose features can be kept", "training crops");
  const Backbone& backbone = request.backbone;
  const std::string& name = backbone.info().name;
  Sha256 hash;
  hash.update(text(feature_file_format, '\n', name, ' ', backbone.info().feature_width, ' ',
                   name_of(backbone.precision()), ' ',
                   backbone.theta().begin()->second.device().type(), '\n', request.dataset.digest(),
                   '\n', transform_text(request.transform)));
  if (name.starts_with(torchscript_prefix))  // a program is more than its tensors
    hash.update(MappedFile(backbone.program()).bytes());
  hash_tensors(backbone.parameters(), hash);
  hash_tensors(backbone.buffers(), hash);
  return hash.hex();
}

FeatureCache::FeatureCache(fs::path folder, std::function<void(const std::string&)> note)
    : folder_(std::move(folder)), note_(std::move(note)) {
  make_folder(folder_);
}

fs::path FeatureCache::file(const std::string& key) const {
  return folder_ / (key + ".features.safetensors");
}

Features FeatureCache::features(const FeatureRequest& request,
                                const std::function<Features()>& extract) const {
  const auto note_line = [&](const std::string& line) {
    if (note_) note_("feature cache: " + line);
  };
  const std::string key = feature_key(request);
  const fs::path path = file(key);
  std::optional<Features> kept;
  if (fs::exists(path)) {
    try {
      kept = read_feature_file(path, key, request.backbone.info().feature_width);
      // Without skip_bad_images an image that does not decode is an error, which extracting throws.
      if (!kept->skipped.empty() && !request.skip_bad_images) kept.reset();
    } catch (const Error& error) {
      note_line(text(error.what(), ": they are computed anew"));
    }
  }
  // All processes of a run take what is kept, or none does.
  const Communicator& processes = communicator();
  if (processes.sum(kept ? 1 : 0) == processes.size()) {
    note_line(text("features of ", kept->labels.numel(), " images from ", path.string()));
    return *std::move(kept);
  }
  Features fresh = extract();
  if (!processes.is_first()) return fresh;
  try {
    write_feature_file(path, key, fresh);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::io) throw;
    note_line(text("features are not kept: ", error.what()));
  }
  return fresh;
}

}  // namespace submask
