#include "run/event_encoding.h"

#include <bit>

#include "run/tf_record.h"

namespace submask {
namespace {

// A message is a row of fields, each a number and a value; how a value is stored stands in the
// lowest three bits beside the number.
class Message {
 public:
  void varint(int field, uint64_t value) {
    key(field, 0);
    append_varint(value);
  }
  void fixed64(int field, uint64_t value) {
    key(field, 1);
    append_little_endian(bytes_, value, 8);
  }
  void text(int field, std::string_view value) {
    key(field, 2);
    append_varint(value.size());
    bytes_ += value;
  }
  void fixed32(int field, uint32_t value) {
    key(field, 5);
    append_little_endian(bytes_, value, 4);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void key(int field, int storage) { append_varint(static_cast<uint64_t>(field << 3 | storage)); }

  // Seven bits a byte, the lowest first; the highest bit says that more follow.
  void append_varint(uint64_t value) {
    for (; value > 127; value >>= 7) bytes_ += static_cast<char>((value & 127) | 128);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

// A step of 0 is the default, which is left out.
Message event(double wall_time, int64_t step) {
  Message message;
  message.fixed64(1, std::bit_cast<uint64_t>(wall_time));
  if (step != 0) message.varint(2, static_cast<uint64_t>(step));
  return message;
}

}  // namespace

std::string version_event(double wall_time) {
  Message message = event(wall_time, 0);
  message.text(3, "brain.Event:2");
  return message.bytes();
}

std::string restart_event(double wall_time, int64_t step) {
  Message session;
  session.varint(1, 1);  // status: START
  Message message = event(wall_time, step);
  message.text(7, session.bytes());
  return message.bytes();
}

std::string scalars_event(double wall_time, int64_t step, const Scalars& scalars) {
  Message summary;
  for (const auto& [tag, number] : scalars) {
    Message value;
    value.text(1, tag);
    value.fixed32(2, std::bit_cast<uint32_t>(static_cast<float>(number)));
    summary.text(1, value.bytes());
  }
  Message message = event(wall_time, step);
  message.text(5, summary.bytes());
  return message.bytes();
}

}  // namespace submask
