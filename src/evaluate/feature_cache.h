// Features kept on disk, so that the same network is not run over the same images twice.
//
// A file holds the features of one data set (or part of one) by one network: it is found by a
// SHA-256 over every parameter and buffer as they are bound now, the backbone's name, precision and
// device, the data's digest and the test transform. What the data's digest does not see (an image
// file rewritten in place to the same number of bytes) and what changes features by rounding alone
// (batch size, threads) is not in it. Files are written whole or not at all, so that any number of
// processes may share a folder.
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

// What features are of.
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
  // `note` gets a line where features came from the folder, and where a file in it was damaged or
  // could not be written; it may be empty. Throws io where the folder cannot be made.
  explicit FeatureCache(std::filesystem::path folder,
                        std::function<void(const std::string&)> note = {});

  // The kept features, which may share a file's memory mapping (treat them as read-only); else
  // those of `extract`, kept from then on. A damaged or foreign file is written anew.
  Features features(const FeatureRequest& request, const std::function<Features()>& extract) const;

  // Where the features of this key lie.
  std::filesystem::path file(const std::string& key) const;

 private:
  std::filesystem::path folder_;
  std::function<void(const std::string&)> note_;
};

}  // namespace submask
