// IDX files, plain or gzipped: a big-endian magic number (0x08 for bytes, then the number of
// dimensions), each dimension in four bytes, then the bytes themselves.
#include <algorithm>
#include <utility>
#include <zlib.h>

#include "base/checked.h"
#include "base/fail.h"
#include "data/memory_dataset.h"
#include "data/readers.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t content_limit = uint64_t{4} << 30;

struct IdxContent {
  std::vector<uint64_t> dimensions;
  std::vector<uint8_t> bytes;
};

// Reads a plain file as it is and unpacks a gzipped one.
class GzipReader {
 public:
  explicit GzipReader(std::string path)
      : path_(std::move(path)), file_(gzopen(path_.c_str(), "rb")) {
    if (file_ == nullptr) fail(ErrorKind::io, "cannot open ", path_);
    gzbuffer(file_, 1 << 17);
  }
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;
  ~GzipReader() { gzclose(file_); }

  const std::string& path() const { return path_; }

  void read(uint8_t* out, size_t count) {
    const size_t got = gzfread(out, 1, count, file_);
    if (got != count) fail_corrupt("a whole IDX file", describe_error(), path_);
  }

  // The end, with the check sum of a gzipped file right.
  void expect_end() {
    uint8_t more = 0;
    if (gzread(file_, &more, 1) > 0)
      fail_corrupt("an IDX file of the size in its header", "more bytes", path_);
    int code = Z_OK;
    gzerror(file_, &code);
    if (code != Z_OK) fail_corrupt("a whole IDX file", describe_error(), path_);
  }

 private:
  std::string describe_error() {
    int code = Z_OK;
    const char* message = gzerror(file_, &code);
    return code == Z_OK || code == Z_BUF_ERROR ? "the end of the file" : message;
  }

  std::string path_;
  gzFile file_;
};

uint32_t read_number(GzipReader& reader) {
  uint8_t b[4] = {};
  reader.read(b, sizeof b);
  return uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3];
}

IdxContent read_content(const fs::path& path, size_t dimensions) {
  GzipReader reader(path.string());
  const uint32_t magic = read_number(reader);
  if (magic != (0x800U | dimensions))
    fail_corrupt(text("an IDX file of ", dimensions, "-dimensional bytes"),
                 text("magic number ", magic), reader.path());
  IdxContent content;
  uint64_t total = 1;
  for (size_t i = 0; i < dimensions; ++i) {
    content.dimensions.push_back(read_number(reader));
    total = checked_multiply(total, content.dimensions.back(), reader.path());
  }
  if (total == 0 || total > content_limit)
    fail_corrupt(text("1 to ", content_limit, " bytes of content"), total, reader.path());
  // Memory grows with what the file really holds, not with what its header claims.
  constexpr uint64_t step = 16 << 20;
  while (content.bytes.size() < total) {
    const size_t begin = content.bytes.size();
    content.bytes.resize(std::min(total, begin + step));
    reader.read(&content.bytes[begin], content.bytes.size() - begin);
  }
  reader.expect_end();
  return content;
}

fs::path find_idx(const fs::path& folder, const std::string& name) {
  for (const char* ending : {"", ".gz"}) {
    const fs::path path = folder / (name + ending);
    if (std::error_code missing; fs::exists(path, missing)) return path;
  }
  fail(ErrorKind::io, "expected ", name, " or ", name, ".gz in ", folder.string(),
       ", got neither; Debian's package dataset-fashion-mnist installs them");
}

PixelRecords read_part(const fs::path& folder, const std::string& part) {
  const fs::path images_path = find_idx(folder, part + "-images-idx3-ubyte");
  const fs::path labels_path = find_idx(folder, part + "-labels-idx1-ubyte");
  IdxContent images = read_content(images_path, 3);
  IdxContent labels = read_content(labels_path, 1);
  const uint64_t count = images.dimensions[0], height = images.dimensions[1],
                 width = images.dimensions[2];
  if (height > 4096 || width > 4096)
    fail_corrupt("images of at most 4096 x 4096", text(width, " x ", height), images_path.string());
  if (labels.dimensions[0] != count)
    fail_corrupt(text(count, " labels, one an image"), labels.dimensions[0], labels_path.string());
  return {.source = images_path.string(),
          .labels_source = labels_path.string(),
          .width = static_cast<int>(width),
          .height = static_cast<int>(height),
          .channels = 1,
          .pixels = std::move(images.bytes),
          .labels = std::move(labels.bytes),
          .class_names = {}};
}

TrainAndTest open_parts(PixelRecords train, PixelRecords test,
                        const std::vector<std::string>& class_names) {
  train.class_names = test.class_names = class_names;
  return {memory_dataset(std::move(train)), memory_dataset(std::move(test))};
}

}  // namespace

TrainAndTest read_fashion_mnist(const fs::path& folder) {
  return open_parts(read_part(folder, "train"), read_part(folder, "t10k"),
                    {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
                     "Sneaker", "Bag", "Ankle boot"});
}

// The training labels say how many classes there are: a test label beyond them is an error.
TrainAndTest read_idx(const fs::path& folder) {
  PixelRecords train = read_part(folder, "train"), test = read_part(folder, "t10k");
  std::vector<std::string> names;
  const int largest = *std::max_element(train.labels.begin(), train.labels.end());
  for (int label = 0; label <= largest; ++label) names.push_back(std::to_string(label));
  return open_parts(std::move(train), std::move(test), names);
}

}  // namespace submask
