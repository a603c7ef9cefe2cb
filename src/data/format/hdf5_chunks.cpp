#include "data/format/hdf5_chunks.h"

#include <algorithm>
#include <zlib.h>

#include "base/checked.h"
#include "base/fail.h"
#include "data/format/deflate_ratio.h"
#include "data/format/hdf5_tree.h"

namespace submask {
namespace {

struct Chunk {
  uint64_t filters_left_out = 0;
  Bytes stored;
};

// The grid of chunks that covers an array, row by row.
struct ChunkGrid {
  std::vector<uint64_t> lengths;
  uint64_t count = 0;
};

ChunkGrid make_grid(const Hdf5ArrayHeader& array, const std::string& file) {
  ChunkGrid grid;
  for (size_t i = 0; i < array.shape.size(); ++i)
    grid.lengths.push_back((array.shape[i] - 1) / array.chunk_shape[i] + 1);
  grid.count = count_numbers(grid.lengths, file);
  return grid;
}

// The number of a chunk in the grid, from the position of the chunk's first number.
uint64_t chunk_number(Hdf5Fields& key, const Hdf5ArrayHeader& array, const ChunkGrid& grid,
                      const std::string& file) {
  uint64_t chunk = 0;
  for (size_t i = 0; i < array.shape.size(); ++i) {
    const uint64_t position = key.number(8);
    if (position >= array.shape[i] || position % array.chunk_shape[i] != 0)
      fail_corrupt(text("chunks every ", array.chunk_shape[i], " numbers of ", array.shape[i]),
                   text("one at ", position), file);
    chunk = chunk * grid.lengths[i] + position / array.chunk_shape[i];
  }
  return chunk;
}

// All chunks of the grid, in its order. Throws corrupt_file where they are larger than the file.
std::vector<Chunk> find_chunks(const Hdf5File& file, const Hdf5ArrayHeader& array,
                               const ChunkGrid& grid) {
  const uint64_t key_bytes = 8 + 8 * (array.shape.size() + 1);
  if (grid.count > file.size_bytes() / key_bytes)
    fail_corrupt(text(grid.count, " chunks"), "a file too small to hold them", file.name());
  std::vector<Chunk> chunks(grid.count);
  uint64_t bytes_left = file.size_bytes();
  const auto add = [&](Hdf5Fields key, uint64_t address) {
    const uint64_t stored_bytes = key.number(4), filters_left_out = key.number(4);
    Chunk& chunk = chunks[chunk_number(key, array, grid, file.name())];
    if (!chunk.stored.empty()) fail_corrupt("every chunk once", "one twice", file.name());
    if (stored_bytes == 0 || stored_bytes > bytes_left)
      fail_corrupt(text("a chunk of 1 to ", bytes_left, " bytes"), stored_bytes, file.name());
    bytes_left -= stored_bytes;
    chunk = {filters_left_out, file.at(address, stored_bytes)};
  };
  visit_hdf5_tree(file, array.chunk_tree, Hdf5TreeType::chunks, key_bytes, add);
  for (const Chunk& chunk : chunks)
    if (chunk.stored.empty()) fail_corrupt("every chunk of an array", "fewer", file.name());
  return chunks;
}

void inflate_chunk(Bytes stored, std::vector<uint8_t>& out, const std::string& file) {
  auto got = static_cast<uLongf>(out.size());
  auto used = static_cast<uLong>(stored.size());
  if (uncompress2(out.data(), &got, stored.data(), &used) != Z_OK || got != out.size())
    fail_corrupt(text("a deflated chunk of ", out.size(), " bytes"), "damaged data", file);
}

// Undoes the filters of chunks. All chunks use the same memory.
class ChunkReader {
 public:
  ChunkReader(const Hdf5ArrayHeader& array, uint64_t numbers, const std::string& file)
      : array_(array), file_(file), bytes_(checked_multiply(numbers, array.type.bytes, file)) {}

  // The chunk's numbers as they were before any filter.
  Bytes read(const Chunk& chunk) {
    const Hdf5Filters& filters = array_.filters;
    const bool is_deflated = filters.deflate && (chunk.filters_left_out & filters.deflate_bit) == 0;
    const bool is_shuffled = filters.shuffle && (chunk.filters_left_out & filters.shuffle_bit) == 0;
    Bytes bytes = chunk.stored;
    if (is_deflated) {
      check_size(chunk.stored);
      plain_.resize(bytes_);
      inflate_chunk(chunk.stored, plain_, file_);
      bytes = plain_;
    }
    if (bytes.size() != bytes_)
      fail_corrupt(text("a chunk of ", bytes_, " bytes"), bytes.size(), file_);
    return is_shuffled && array_.type.bytes > 1 ? unshuffle(bytes) : bytes;
  }

 private:
  void check_size(Bytes stored) const {
    if (bytes_ / best_deflate_ratio > stored.size())
      fail_corrupt(text("at most ", stored.size() * best_deflate_ratio, " bytes in a chunk"),
                   bytes_, file_);
  }

  Bytes unshuffle(Bytes bytes) {
    unshuffled_.resize(bytes.size());
    const uint64_t width = array_.type.bytes, count = bytes.size() / width;
    for (uint64_t byte = 0; byte < width; ++byte)
      for (uint64_t i = 0; i < count; ++i) unshuffled_[i * width + byte] = bytes[byte * count + i];
    return unshuffled_;
  }

  const Hdf5ArrayHeader& array_;
  const std::string& file_;
  uint64_t bytes_;
  std::vector<uint8_t> plain_, unshuffled_;
};

// Copies the part of a chunk that lies within the array, row by row along the last dimension.
class ChunkPlacer {
 public:
  ChunkPlacer(const Hdf5ArrayHeader& array, const ChunkGrid& grid, const std::string& file)
      : array_(array), grid_(grid), file_(file), begin_(array.shape.size()), row_(begin_) {}

  void place(uint64_t number, Bytes chunk, std::vector<uint8_t>& values) {
    const size_t last = begin_.size() - 1;
    for (size_t i = begin_.size(); i-- > 0; number /= grid_.lengths[i])
      begin_[i] = number % grid_.lengths[i] * array_.chunk_shape[i];
    std::fill(row_.begin(), row_.end(), 0);
    do {
      uint64_t from = 0, to = 0;
      for (size_t i = 0; i <= last; ++i) {
        from = from * array_.chunk_shape[i] + row_[i];
        to = to * array_.shape[i] + begin_[i] + row_[i];
      }
      const uint64_t width = array_.type.bytes, count = length(last);
      numbers_to_bytes(chunk.subspan(from * width, count * width), array_.type,
                       std::span(values).subspan(to, count), file_);
    } while (next_row());
  }

 private:
  uint64_t length(size_t dimension) const {
    return std::min(array_.chunk_shape[dimension], array_.shape[dimension] - begin_[dimension]);
  }

  bool next_row() {
    for (size_t i = row_.size() - 1; i-- > 0;) {
      if (++row_[i] < length(i)) return true;
      row_[i] = 0;
    }
    return false;
  }

  const Hdf5ArrayHeader& array_;
  const ChunkGrid& grid_;
  const std::string& file_;
  std::vector<uint64_t> begin_, row_;  // the chunk's position in the array, a row's in the chunk
};

}  // namespace

std::vector<uint8_t> read_hdf5_chunks(const Hdf5File& file, const Hdf5ArrayHeader& array) {
  const uint64_t count = count_numbers(array.shape, file.name());
  if (count == 0) return {};
  const ChunkGrid grid = make_grid(array, file.name());
  const std::vector<Chunk> chunks = find_chunks(file, array, grid);
  const uint64_t ratio = array.filters.deflate ? best_deflate_ratio : 1;
  if (count / ratio > file.size_bytes())
    fail_corrupt("an array that the file can hold", text(count, " numbers"), file.name());
  ChunkReader reader(array, count_numbers(array.chunk_shape, file.name()), file.name());
  ChunkPlacer placer(array, grid, file.name());
  std::vector<uint8_t> values(count);
  for (uint64_t i = 0; i < chunks.size(); ++i) placer.place(i, reader.read(chunks[i]), values);
  return values;
}

}  // namespace submask
