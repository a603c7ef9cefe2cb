#include "data/batch/input_fields.h"

namespace submask {
namespace {

Section<InputSettings> make_input_fields() {
  using S = InputSettings;
  constexpr auto nothing = Effect::nothing;
  return {
      "Images",
      {
          {"input-size",
           &S::input_size,
           "Pixels of the network's square input, in place of the backbone's",
           {within(1, 4096)}},
          {"crop-share",
           &S::crop_share,
           "Share of the resized image's side that the centre crop takes, in place of the "
           "backbone's",
           {positive_share()}},
          {"interpolation", &S::interpolation,
           "How images are resized, in place of the backbone's"},
          {"resize", &S::resize,
           "What is resized: the shorter side, both (squash), the longer one with a border around, "
           "or "
           "none; in place of the backbone's"},
          {"batch-size", &S::batch_size, "Images a batch", {at_least(1)}},
          {"workers",
           &S::workers,
           "Threads that read and transform images",
           {within(0, 256), nothing}},
          {"fast-decode",
           &S::fast_decode,
           "Decode JPEGs scaled down where the crops need less: faster, but not Pillow's pixels",
           {.is_flag = true}},
          {"cache",
           &S::cache,
           &CacheOptions::kind,
           "Keep decoded images, or resized ones where every epoch sees the same part of them; "
           "results do not change",
           {.effect = nothing}},
          Field<S>("cache-dir", &S::cache, &CacheOptions::folder, "Folder of the disk cache",
                   {.effect = nothing, .type_name = "DIR"})
              .used_where([](const S& s) { return s.cache.kind == CacheKind::disk; }),
          {"skip-bad-images",
           &S::skip_bad_images,
           "Count and leave out images that do not decode",
           {.is_flag = true}},
      }};
}

}  // namespace

const Section<InputSettings>& input_fields() {
  static const Section<InputSettings> section = make_input_fields();
  return section;
}

}  // namespace submask
