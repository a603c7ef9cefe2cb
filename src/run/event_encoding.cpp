#include "run/event_encoding.h"

#include <bit>

#include "run/tf_record.h"

namespace submask {
namespace {

// A message is a sequence of fields. Each begins with a key, which holds the number of the field
// and in its lowest three bits how the value is stored; the value follows.
class Message {
 public:
  void add_varint(int field, uint64_t value) {
    append_key(field, 0);
    append_varint(value);
  }
  void add_fixed64(int field, uint64_t value) {
    append_key(field, 1);
    append_little_endian(bytes_, value, 8);
  }
  void add_text(int field, std::string_view value) {
    append_key(field, 2);
    append_varint(value.size());
    bytes_ += value;
  }
  void add_fixed32(int field, uint32_t value) {
    append_key(field, 5);
    append_little_endian(bytes_, value, 4);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void append_key(int field, int storage) {
    append_varint(static_cast<uint64_t>(field << 3 | storage));
  }

  // Each byte holds seven bits, the lowest first. Its highest bit says whether more bytes follow.
  void append_varint(uint64_t value) {
    for (; value > 127; value >>= 7) bytes_ += static_cast<char>((value & 127) | 128);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

// A message with the fields that every event has. A step of 0 is the default and is left out.
Message begin_event(double wall_time, int64_t step) {
  Message message;
  message.add_fixed64(1, std::bit_cast<uint64_t>(wall_time));
  if (step != 0) message.add_varint(2, static_cast<uint64_t>(step));
  return message;
}

}  // namespace

std::string version_event(double wall_time) {
  Message message = begin_event(wall_time, 0);
  message.add_text(3, "brain.Event:2");
  return message.bytes();
}

std::string restart_event(double wall_time, int64_t step) {
  Message session;
  session.add_varint(1, 1);  // status: START
  Message message = begin_event(wall_time, step);
  message.add_text(7, session.bytes());
  return message.bytes();
}

std::string scalars_event(double wall_time, int64_t step, const Scalars& scalars) {
  Message summary;
  for (const auto& [tag, number] : scalars) {
    Message value;
    value.add_text(1, tag);
    value.add_fixed32(2, std::bit_cast<uint32_t>(static_cast<float>(number)));
    summary.add_text(1, value.bytes());
  }
  Message message = begin_event(wall_time, step);
  message.add_text(5, summary.bytes());
  return message.bytes();
}

}  // namespace submask
