// The first frame of a GIF image, on its screen, as Pillow shows it. giflib reads the file.
#include <algorithm>
#include <array>
#include <cstring>
#include <gif_lib.h>
#include <memory>
#include <optional>
#include <vector>

#include "base/fail.h"
#include "image/decoders.h"
#include "image/palette.h"

namespace submask {
namespace {

struct GifSource {
  Bytes rest;
  bool ran_out = false;
};

// Where a file ends without the block of no bytes behind a frame's pixels, this gives one. In front
// of the last pixels giflib takes it for an error.
int on_read(GifFileType* file, GifByteType* out, int count) {
  auto& source = *static_cast<GifSource*>(file->UserData);
  if (source.rest.empty() && count == 1) {
    source.ran_out = true;
    *out = 0;
    return 1;
  }
  const size_t taken = std::min(source.rest.size(), static_cast<size_t>(count));
  std::memcpy(out, source.rest.data(), taken);
  source.rest = source.rest.subspan(taken);
  return static_cast<int>(taken);
}

struct CloseGif {
  void operator()(GifFileType* file) const { DGifCloseFile(file, nullptr); }
};

// Reads the blocks of a file up to its first frame's pixels.
class GifReader {
 public:
  GifReader(Bytes bytes, const std::string& name) : source_{bytes}, name_(name) {
    int error = 0;
    file_.reset(DGifOpen(&source_, on_read, &error));
    if (!file_) fail_gif(error);
  }

  const GifFileType& file() const { return *file_; }
  bool ran_out() const { return source_.ran_out; }
  // The index that stands for no colour: the screen around the frame has it.
  uint8_t background() const { return background_; }

  void find_frame() {
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    do {
      expect(DGifGetRecordType(file_.get(), &record));
      if (record == EXTENSION_RECORD_TYPE) read_extension();
      if (record == TERMINATE_RECORD_TYPE)
        fail_corrupt("a GIF image with a frame", "no frame", name_);
    } while (record != IMAGE_DESC_RECORD_TYPE);
    expect(DGifGetImageDesc(file_.get()));
  }

  void read_row(std::vector<uint8_t>& indices) {
    expect(DGifGetLine(file_.get(), indices.data(), static_cast<int>(indices.size())));
  }

 private:
  void read_extension() {
    int code = 0;
    GifByteType* block = nullptr;  // its length, then its bytes
    expect(DGifGetExtension(file_.get(), &code, &block));
    if (code == GRAPHICS_EXT_FUNC_CODE && block != nullptr && block[0] >= 4 && (block[1] & 1) != 0)
      background_ = block[4];
    while (block != nullptr) expect(DGifGetExtensionNext(file_.get(), &block));
  }

  void expect(int result) const {
    if (result != GIF_OK) fail_gif(file_->Error);
  }

  [[noreturn]] void fail_gif(int error) const {
    const char* reason = GifErrorString(error);
    fail_corrupt("a whole GIF image", reason != nullptr ? reason : "damaged data", name_);
  }

  GifSource source_;
  const std::string& name_;
  std::unique_ptr<GifFileType, CloseGif> file_;
  uint8_t background_ = 0;
};

// The frame's colours, or the screen's; greys where there are none.
Palette palette_of(const GifFileType& file) {
  const ColorMapObject* map = file.Image.ColorMap != nullptr ? file.Image.ColorMap : file.SColorMap;
  if (map == nullptr) return grey_palette();
  Palette palette;
  for (int i = 0; i < map->ColorCount; ++i)
    palette.set(static_cast<size_t>(i), map->Colors[i].Red, map->Colors[i].Green,
                map->Colors[i].Blue);
  return palette;
}

// The rows of a frame in the order in which the file has them.
std::vector<int> row_order(int height, bool is_interlaced) {
  std::vector<int> order;
  struct Pass {
    int first, step;
  };
  constexpr std::array<Pass, 4> interlaced{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  constexpr std::array<Pass, 1> in_turn{{{0, 1}}};
  for (const Pass& pass :
       is_interlaced ? std::span<const Pass>(interlaced) : std::span<const Pass>(in_turn))
    for (int y = pass.first; y < height; y += pass.step) order.push_back(y);
  return order;
}

}  // namespace

DecodedImage decode_gif(Bytes bytes, const std::string& name, const DecodeRules& rules) {
  GifReader reader(bytes, name);
  reader.find_frame();
  const GifFileType& file = reader.file();
  const GifImageDesc& frame = file.Image;
  check_size(frame.Width, frame.Height, name, rules.pixel_limit);
  DecodedImage decoded{make_image(std::max(file.SWidth, frame.Left + frame.Width),
                                  std::max(file.SHeight, frame.Top + frame.Height), name,
                                  rules.pixel_limit)};
  Image& image = decoded.image;
  const Palette palette = palette_of(file);
  for (size_t i = 0; i < image.pixels.size(); i += 3)
    palette.look_up(reader.background(), &image.pixels[i]);
  std::vector<uint8_t> indices(static_cast<size_t>(frame.Width));
  for (const int y : row_order(frame.Height, frame.Interlace)) {
    reader.read_row(indices);
    const auto pixel = static_cast<size_t>(frame.Top + y) * static_cast<size_t>(image.width) +
                       static_cast<size_t>(frame.Left);
    palette.look_up(indices, &image.pixels[3 * pixel]);
  }
  if (reader.ran_out()) decoded.image.damage = "no end";
  return decoded;
}

}  // namespace submask
