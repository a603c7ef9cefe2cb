// Small trees in the layouts that data sets are published in, with real images.
#pragma once

#include "data/data_fixtures.h"

namespace submask {

// One of the golden images under another name.
inline void put_image(const std::filesystem::path& path, const std::string& golden = "rgb420.jpg") {
  put_file(path, read_text_file(golden_folder() / "images" / golden));
}

inline DataSplits open_spec(const std::string& spec, uint64_t seed = 0) {
  return open_data({.spec = spec, .labels = {}, .validation = {}, .seed = seed});
}

inline std::string spec_error(const std::string& spec, ErrorKind kind = ErrorKind::corrupt_file) {
  return error_of(kind, [&] { open_spec(spec); });
}

inline void expect_part_of(const std::string& part, const std::string& message) {
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

inline std::vector<int64_t> labels_of(const Dataset& dataset) {
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < dataset.size(); ++i) labels.push_back(dataset.label(i));
  return labels;
}

// Every image decodes and has a digest, which a second opening has too.
inline void expect_readable(const std::string& spec) {
  const DataSplits data = open_spec(spec), again = open_spec(spec);
  for (const auto& part : {data.train, data.test})
    for (int64_t i = 0; i < part->size(); ++i) EXPECT_GT(part->image(i).width, 0);
  EXPECT_EQ(data.train->digest(), again.train->digest());
  EXPECT_NE(data.train->digest(), data.test->digest());
}

}  // namespace submask
