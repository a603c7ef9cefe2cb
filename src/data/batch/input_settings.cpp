#include <submask/loader.h>

namespace submask {

Transform test_transform(const InputSettings& settings, const Preprocessing& preprocessing) {
  Transform transform;
  transform.preprocessing = preprocessing;
  transform.fast_decode = settings.fast_decode;
  Preprocessing& steps = transform.preprocessing;
  steps.input_size = settings.input_size.value_or(steps.input_size);
  steps.crop_share = settings.crop_share.value_or(steps.crop_share);
  steps.resize = settings.resize.value_or(steps.resize);
  steps.interpolation = settings.interpolation.value_or(steps.interpolation);
  return transform;
}

LoaderOptions loader_options(const InputSettings& settings) {
  LoaderOptions options;
  options.batch_size = settings.batch_size;
  options.workers = settings.workers;
  options.skip_bad_images = settings.skip_bad_images;
  return options;
}

}  // namespace submask
