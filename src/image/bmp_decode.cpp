// Windows bitmaps as Pillow reads them: 1, 4 and 8 bits with a palette, run lengths, 16, 24 and 32
// bits. Alpha is dropped, as everywhere.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/byte_cursor.h"
#include "base/fail.h"
#include "image/decoders.h"
#include "image/palette.h"

namespace submask {
namespace {

enum Compression : uint32_t { plain = 0, runs_of_8 = 1, runs_of_4 = 2, bit_fields = 3 };

using Masks = std::array<uint32_t, 3>;  // of red, green and blue

struct BmpHeader {
  int64_t width = 0, height = 0;
  bool top_down = false;
  uint16_t bits = 0;  // a pixel
  uint32_t compression = plain;
  uint32_t colours = 0;          // of the palette
  size_t colour_bytes = 4;       // blue, green, red and, in all but the oldest files, a byte more
  size_t header_bytes = 0;       // of the second header, which says the image's size
  uint32_t pixels_at = 0;        // 0: behind the palette
  std::optional<Masks> masks{};  // of bit_fields
};

BmpHeader read_header(ByteCursor& cursor, const std::string& name) {
  BmpHeader header;
  cursor.take(10);
  header.pixels_at = cursor.number<uint32_t>();
  header.header_bytes = cursor.number<uint32_t>();
  constexpr std::array<size_t, 7> known{12, 40, 52, 56, 64, 108, 124};
  if (std::find(known.begin(), known.end(), header.header_bytes) == known.end())
    fail_corrupt("a BMP header of 12 to 124 bytes", header.header_bytes, name);
  ByteCursor fields(cursor.take(header.header_bytes - 4), name);
  if (header.header_bytes == 12) {
    header.width = fields.number<uint16_t>();
    header.height = fields.number<uint16_t>();
    fields.take(2);
    header.bits = fields.number<uint16_t>();
    header.colour_bytes = 3;
  } else {
    header.width = fields.number<int32_t>();
    header.height = fields.number<int32_t>();
    header.top_down = header.height < 0;
    header.height = std::abs(header.height);
    fields.take(2);
    header.bits = fields.number<uint16_t>();
    header.compression = fields.number<uint32_t>();
    fields.take(12);
    header.colours = fields.number<uint32_t>();
    fields.take(4);
    if (header.compression == bit_fields) {
      ByteCursor& masks = fields.remaining() >= 12 ? fields : cursor;
      header.masks.emplace();
      for (uint32_t& mask : *header.masks) mask = masks.number<uint32_t>();
    }
  }
  if (header.colours == 0 && header.bits <= 8) header.colours = 1U << header.bits;
  return header;
}

Palette read_palette(const BmpHeader& header, ByteCursor& cursor, const std::string& name) {
  if (header.colours > 65536) fail_corrupt("at most 65536 colours", header.colours, name);
  const size_t wanted = header.colours * header.colour_bytes;
  const Bytes bytes = cursor.take(std::min(wanted, cursor.remaining()));
  Palette palette;
  const size_t count = std::min(bytes.size() / header.colour_bytes, palette.size());
  bool is_grey = count == header.colours && count > 2;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t* colour = &bytes[i * header.colour_bytes];
    palette.set(i, colour[2], colour[1], colour[0]);
    is_grey = is_grey && colour[0] == i && colour[1] == i && colour[2] == i;
  }
  // Where a palette is the grey values themselves, so are indices beyond it.
  return is_grey ? grey_palette() : palette;
}

// The image as it is stored, one row after the other: the bottom row first, unless it is top_down.
class StoredRows {
 public:
  StoredRows(const BmpHeader& header, Bytes pixels, const std::string& name)
      : row_bytes_((static_cast<size_t>(header.width) * header.bits + 31) / 32 * 4),
        pixels_(pixels) {
    const size_t needed = row_bytes_ * static_cast<size_t>(header.height);
    if (pixels.size() < needed)
      fail_corrupt(text(needed, " bytes of pixels"), text(pixels.size(), " (truncated)"), name);
  }
  const uint8_t* row(int64_t y) const { return &pixels_[row_bytes_ * static_cast<size_t>(y)]; }

 private:
  size_t row_bytes_;
  Bytes pixels_;
};

uint8_t index_at(const uint8_t* row, size_t x, size_t bits) {
  const size_t in_byte = 8 / bits;
  const size_t shift = (in_byte - 1 - x % in_byte) * bits;
  return static_cast<uint8_t>(row[x / in_byte] >> shift & ((1U << bits) - 1));
}

// Indices of 4 or 8 bits: a count and what to repeat; or 0 and the end of the row (0), of the image
// (1), a jump (2), or so many indices as they are. What is jumped over has index 0.
std::vector<uint8_t> read_runs(const BmpHeader& header, ByteCursor& cursor,
                               const std::string& name) {
  const bool of_four = header.compression == runs_of_4;
  const auto width = static_cast<size_t>(header.width);
  const size_t count = width * static_cast<size_t>(header.height);
  std::vector<uint8_t> indices;
  indices.reserve(count);
  size_t x = 0;
  const size_t start = cursor.position();
  const auto add = [&](uint8_t byte, size_t number) {
    const auto index = static_cast<uint8_t>(!of_four          ? byte
                                            : number % 2 == 0 ? byte >> 4
                                                              : byte & 15);
    if (indices.size() < count) indices.push_back(index);
  };
  const auto add_zeros = [&](size_t zeros) {
    indices.resize(std::min(count, indices.size() + zeros));
    x = indices.size() % width;
  };
  while (indices.size() < count && cursor.remaining() >= 2) {
    const auto repeats = cursor.number<uint8_t>(), value = cursor.number<uint8_t>();
    if (repeats > 0) {
      const size_t fitting = std::min<size_t>(repeats, width - std::min(x, width));
      for (size_t i = 0; i < fitting; ++i) add(value, i);
      x += fitting;
    } else if (value == 0) {
      add_zeros((width - indices.size() % width) % width);
      x = 0;
    } else if (value == 1) {
      break;
    } else if (value == 2) {
      if (cursor.remaining() < 2) break;
      const size_t right = cursor.number<uint8_t>(), up = cursor.number<uint8_t>();
      add_zeros(right + up * width);
    } else {
      const size_t wanted = of_four ? (value + size_t{1}) / 2 : value;
      const Bytes bytes = cursor.take(std::min(wanted, cursor.remaining()));
      for (size_t i = 0; i < value && (of_four ? i / 2 : i) < bytes.size(); ++i)
        add(bytes[of_four ? i / 2 : i], i);
      if (bytes.size() < wanted) break;
      x += value;
      if ((cursor.position() - start) % 2 != 0 && cursor.remaining() > 0) cursor.take(1);
    }
  }
  if (indices.size() < count)
    fail_corrupt(text(count, " pixels in run lengths"), indices.size(), name);
  return indices;
}

// How many bits a mask lies to the left of eight bits; nothing where it is not eight bits.
std::optional<unsigned> byte_shift(uint32_t mask) {
  for (unsigned shift = 0; shift < 32; shift += 8)
    if (mask == 0xFFU << shift) return shift;
  return std::nullopt;
}

// Where each channel is in a pixel of whole bytes.
std::array<unsigned, 3> channel_shifts(const BmpHeader& header, const std::string& name) {
  std::array<unsigned, 3> shifts{16, 8, 0};
  if (!header.masks || *header.masks == Masks{}) return shifts;
  for (size_t channel = 0; channel < 3; ++channel) {
    const auto shift = byte_shift((*header.masks)[channel]);
    if (!shift || *shift >= header.bits)
      fail_corrupt("bit fields of one byte each", text(std::hex, (*header.masks)[channel]), name);
    shifts[channel] = *shift;
  }
  return shifts;
}

// Whether green has six bits of sixteen, and not five of fifteen.
bool has_wide_green(const BmpHeader& header, const std::string& name) {
  if (!header.masks || *header.masks == Masks{0x7C00, 0x3E0, 0x1F}) return false;
  if (*header.masks != Masks{0xF800, 0x7E0, 0x1F})
    fail_corrupt("bit fields 5-5-5 or 5-6-5", text(std::hex, header.masks->front()), name);
  return true;
}

void read_words(const uint8_t* row, int64_t width, bool wide_green, uint8_t* rgb) {
  const unsigned green = wide_green ? 63 : 31, red_shift = wide_green ? 11 : 10;
  for (int64_t x = 0; x < width; ++x, row += 2, rgb += 3) {
    const unsigned word = row[0] | unsigned{row[1]} << 8;
    rgb[0] = static_cast<uint8_t>((word >> red_shift & 31) * 255 / 31);
    rgb[1] = static_cast<uint8_t>((word >> 5 & green) * 255 / green);
    rgb[2] = static_cast<uint8_t>((word & 31) * 255 / 31);
  }
}

void read_bytes(const uint8_t* row, int64_t width, size_t pixel_bytes,
                const std::array<unsigned, 3>& shifts, uint8_t* rgb) {
  for (int64_t x = 0; x < width; ++x, row += pixel_bytes, rgb += 3)
    for (size_t channel = 0; channel < 3; ++channel) rgb[channel] = row[shifts[channel] / 8];
}

void expect_depth(const BmpHeader& header, const std::string& name) {
  const auto is_one_of = [&](std::initializer_list<int> bits) {
    return std::find(bits.begin(), bits.end(), header.bits) != bits.end();
  };
  switch (header.compression) {
    case plain:
      if (!is_one_of({1, 4, 8, 16, 24, 32}))
        fail_corrupt("1, 4, 8, 16, 24 or 32 bits a pixel", header.bits, name);
      return;
    case runs_of_8:
    case runs_of_4:
      if (header.bits != (header.compression == runs_of_8 ? 8 : 4))
        fail_corrupt("as many bits a pixel as in its run lengths", header.bits, name);
      return;
    case bit_fields:
      if (!is_one_of({16, 24, 32}))
        fail_corrupt("bit fields of 16, 24 or 32 bits a pixel", header.bits, name);
      return;
    default:
      fail_corrupt("a BMP image, plain, of run lengths or of bit fields",
                   text("compression ", header.compression), name);
  }
}

}  // namespace

DecodedImage decode_bmp(Bytes bytes, const std::string& name, const DecodeRules& rules) {
  ByteCursor cursor(bytes, name);
  const BmpHeader header = read_header(cursor, name);
  expect_depth(header, name);
  const size_t headers_end = 14 + header.header_bytes;
  const Palette palette = header.bits <= 8 ? read_palette(header, cursor, name) : Palette();
  // Some programs forget the palette when they say where the pixels are.
  size_t pixels_at = header.pixels_at == 0 ? cursor.position() : header.pixels_at;
  if (header.pixels_at == headers_end && header.bits <= 8)
    pixels_at += header.colours * header.colour_bytes;
  check_size(header.width, header.height, name, rules.pixel_limit);
  ByteCursor stored(bytes, name);
  stored.take(pixels_at);
  std::vector<uint8_t> indices;
  std::optional<StoredRows> rows;
  if (header.compression == runs_of_8 || header.compression == runs_of_4)
    indices = read_runs(header, stored, name);
  else
    rows.emplace(header, stored.take(stored.remaining()), name);
  const auto shifts = header.bits >= 24 ? channel_shifts(header, name) : std::array<unsigned, 3>{};
  const bool wide_green = header.bits == 16 && has_wide_green(header, name);
  DecodedImage decoded{make_image(header.width, header.height, name, rules.pixel_limit)};
  const auto width = static_cast<size_t>(header.width);
  for (int64_t y = 0; y < header.height; ++y) {
    uint8_t* rgb = &decoded.image.pixels[3 * width * static_cast<size_t>(y)];
    const int64_t row = header.top_down ? y : header.height - 1 - y;
    if (!rows)
      palette.look_up({&indices[width * static_cast<size_t>(row)], width}, rgb);
    else if (header.bits <= 8)
      for (size_t x = 0; x < width; ++x)
        palette.look_up(index_at(rows->row(row), x, header.bits), rgb + 3 * x);
    else if (header.bits == 16)
      read_words(rows->row(row), header.width, wide_green, rgb);
    else
      read_bytes(rows->row(row), header.width, header.bits / 8, shifts, rgb);
  }
  return decoded;
}

}  // namespace submask
