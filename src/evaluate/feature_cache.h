// Features kept on disk, so that the same network is not run over the same images twice.
//
// A file holds the features of one data set (or part of one) by one network. Its name is a SHA-256
// of every parameter and buffer as they are bound now, the backbone's name, precision and device,
// the data's digest and the test transform. It does not depend on what changes features by rounding
// alone (batch size, threads), nor on what the data's digest does not see: an image file that was
// rewritten with the same number of bytes. Files are written whole or not at all, so that any
// number of processes may share a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/evaluate.h>
#include <submask/loader.h>

namespace submask {

// The network and the images whose features are wanted.
struct FeatureRequest {
  const Backbone& backbone;  // with the weights bound to it now
  const Dataset& dataset;
  const Transform& transform;    // without training crops
  bool skip_bad_images = false;  // LoaderOptions
};

// 64 hexadecimal digits. Throws invalid_argument for a transform with training crops.
std::string feature_key(const FeatureRequest& request);

class FeatureCache {
 public:
  // `note`, which may be empty, gets a line where features came from the folder, and where a file
  // in it was damaged or could not be written. Throws io where the folder cannot be made.
  explicit FeatureCache(std::filesystem::path folder,
                        std::function<void(const std::string&)> note = {});

  // The kept features. They may share a file's memory mapping, so they must not be written to.
  // Without them (or with a damaged file) those of `extract`, which are kept from then on.
  Features features(const FeatureRequest& request, const std::function<Features()>& extract) const;

  // The file of the features with this key.
  std::filesystem::path file(const std::string& key) const;

 private:
  std::filesystem::path folder_;
  std::function<void(const std::string&)> note_;
};

}  // namespace submask
