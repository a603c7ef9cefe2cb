#include "weights/pickle.h"

#include <charconv>

#include "base/byte_cursor.h"
#include "weights/pickle_machine.h"
#include "weights/pickle_opcodes.h"

namespace submask {
namespace {

using Kind = PickleNode::Kind;
using Nodes = PickleMachine::Nodes;

// One function for each kind of instruction; it returns whether the instruction was of that kind.
class PickleReader {
 public:
  PickleReader(Bytes bytes, const std::string& file)
      : cursor_(bytes, file), machine_(file, bytes.size()) {}

  Pickle run() {
    for (;;) {
      const auto op = cursor_.number<PickleOp>();
      if (op == PickleOp::stop) break;
      if (!constant(op) && !string(op) && !new_container(op) && !fill_container(op) &&
          !object(op) && !stack_or_memo(op)) {
        machine_.refuse(text("the instruction ", static_cast<int>(op), " (damaged?)"));
      }
    }
    return machine_.finish(cursor_.position());
  }

 private:
  template <typename Number>
  Number number_line() {
    const std::string_view line = cursor_.line();
    Number value{};
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    const std::string_view rest(end, line.data() + line.size());
    if (error != std::errc() || !(rest.empty() || rest == "L")) machine_.refuse("a damaged number");
    return value;
  }

  // Little-endian two's complement of any length.
  bool push_long(uint64_t length) {
    const Bytes digits = cursor_.take(length);
    if (length > 8) return machine_.push_text(Kind::big_integer, as_text(digits));
    uint64_t value = length > 0 && digits[length - 1] >= 0x80 ? ~uint64_t{0} : 0;
    for (size_t i = length; i-- > 0;) value = value << 8 | digits[i];
    return machine_.push_integer(Kind::integer, static_cast<int64_t>(value));
  }

  bool constant(PickleOp op) {
    switch (op) {
      case PickleOp::proto:
        if (cursor_.number<uint8_t>() > 5) machine_.refuse("a pickle protocol above 5");
        return true;
      case PickleOp::frame:
        cursor_.take(8);
        return true;
      case PickleOp::none:
        return machine_.push(machine_.make(Kind::none));
      case PickleOp::new_true:
        return machine_.push_integer(Kind::boolean, 1);
      case PickleOp::new_false:
        return machine_.push_integer(Kind::boolean, 0);
      case PickleOp::integer_line:
      case PickleOp::long_line:
        return machine_.push_integer(Kind::integer, number_line<int64_t>());
      case PickleOp::bin_int:
        return machine_.push_integer(Kind::integer, cursor_.number<int32_t>());
      case PickleOp::bin_int1:
        return machine_.push_integer(Kind::integer, cursor_.number<uint8_t>());
      case PickleOp::bin_int2:
        return machine_.push_integer(Kind::integer, cursor_.number<uint16_t>());
      case PickleOp::long1:
        return push_long(cursor_.number<uint8_t>());
      case PickleOp::long4:
        return push_long(cursor_.number<uint32_t>());
      case PickleOp::float_line:
        cursor_.line();
        return machine_.push(machine_.make(Kind::real));
      case PickleOp::bin_float:
        cursor_.take(8);
        return machine_.push(machine_.make(Kind::real));
      default:
        return false;
    }
  }

  bool string(PickleOp op) {
    switch (op) {
      case PickleOp::short_bin_string:
      case PickleOp::short_bin_unicode:
        return machine_.push_text(Kind::text, cursor_.take_text(cursor_.number<uint8_t>()));
      case PickleOp::bin_string:
      case PickleOp::bin_unicode:
        return machine_.push_text(Kind::text, cursor_.take_text(cursor_.number<uint32_t>()));
      case PickleOp::bin_unicode8:
        return machine_.push_text(Kind::text, cursor_.take_text(cursor_.number<uint64_t>()));
      case PickleOp::short_bin_bytes:
        return machine_.push_text(Kind::bytes, cursor_.take_text(cursor_.number<uint8_t>()));
      case PickleOp::bin_bytes:
        return machine_.push_text(Kind::bytes, cursor_.take_text(cursor_.number<uint32_t>()));
      case PickleOp::bin_bytes8:
      case PickleOp::byte_array8:
        return machine_.push_text(Kind::bytes, cursor_.take_text(cursor_.number<uint64_t>()));
      default:
        return false;
    }
  }

  bool new_container(PickleOp op) {
    switch (op) {
      case PickleOp::empty_tuple:
        return machine_.push(machine_.make(Kind::tuple));
      case PickleOp::tuple1:
        return machine_.push_filled(Kind::tuple, machine_.pop_count(1));
      case PickleOp::tuple2:
        return machine_.push_filled(Kind::tuple, machine_.pop_count(2));
      case PickleOp::tuple3:
        return machine_.push_filled(Kind::tuple, machine_.pop_count(3));
      case PickleOp::tuple:
        return machine_.push_filled(Kind::tuple, machine_.pop_to_mark());
      case PickleOp::empty_list:
      case PickleOp::empty_set:
        return machine_.push(machine_.make(Kind::list));
      case PickleOp::list:
      case PickleOp::frozen_set:
        return machine_.push_filled(Kind::list, machine_.pop_to_mark());
      case PickleOp::empty_dict:
        return machine_.push(machine_.make(Kind::dict));
      case PickleOp::dict: {
        const Nodes pairs = machine_.pop_to_mark();
        PickleNode* node = machine_.make(Kind::dict);
        machine_.set_items(node, pairs);
        return machine_.push(node);
      }
      default:
        return false;
    }
  }

  bool fill_container(PickleOp op) {
    switch (op) {
      case PickleOp::append: {
        const Nodes items = machine_.pop_count(1);
        machine_.append(machine_.top(), items);
        return true;
      }
      case PickleOp::appends:
      case PickleOp::add_items: {
        const Nodes items = machine_.pop_to_mark();
        machine_.append(machine_.top(), items);
        return true;
      }
      case PickleOp::set_item: {
        const Nodes pair = machine_.pop_count(2);
        machine_.set_items(machine_.top(), pair);
        return true;
      }
      case PickleOp::set_items: {
        const Nodes pairs = machine_.pop_to_mark();
        machine_.set_items(machine_.top(), pairs);
        return true;
      }
      default:
        return false;
    }
  }

  bool object(PickleOp op) {
    switch (op) {
      case PickleOp::global: {
        const std::string module(cursor_.line());
        return machine_.push_text(Kind::global, module + "." + std::string(cursor_.line()));
      }
      case PickleOp::stack_global: {
        const Nodes names = machine_.pop_count(2);
        if (!names[0]->is(Kind::text) || !names[1]->is(Kind::text)) {
          machine_.refuse("a class without name");
        }
        return machine_.push_text(Kind::global, names[0]->text + "." + names[1]->text);
      }
      case PickleOp::reduce: {
        const Nodes operands = machine_.pop_count(2);
        return machine_.push(machine_.call(*operands[0], operands[1]->items));
      }
      case PickleOp::instance: {
        const std::string module(cursor_.line());
        machine_.push_text(Kind::global, module + "." + std::string(cursor_.line()));
        const PickleNode* function = machine_.pop();
        const Nodes arguments = machine_.pop_to_mark();
        return machine_.push(machine_.call(*function, {arguments.begin(), arguments.end()}));
      }
      case PickleOp::object: {
        const Nodes operands = machine_.pop_to_mark();
        if (operands.empty()) machine_.refuse("an object without class");
        return machine_.push(machine_.call(*operands[0], {operands.begin() + 1, operands.end()}));
      }
      case PickleOp::new_object:
        return machine_.push(machine_.new_instance(machine_.pop_count(2)));
      case PickleOp::new_object_ex:
        return machine_.push(machine_.new_instance(machine_.pop_count(3)));
      case PickleOp::build: {
        const PickleNode* state = machine_.pop();
        PickleNode* built = machine_.top();
        if (!PickleMachine::is_object(*built)) {
          machine_.refuse("attributes of something that is no object");
        }
        built->state = state;
        return true;
      }
      case PickleOp::bin_persistent:
        return machine_.push_filled(Kind::persistent, machine_.pop_count(1));
      default:
        return false;
    }
  }

  bool stack_or_memo(PickleOp op) {
    switch (op) {
      case PickleOp::mark:
        return machine_.push_mark();
      case PickleOp::pop:
        machine_.pop();
        return true;
      case PickleOp::pop_mark:
        machine_.pop_to_mark();
        return true;
      case PickleOp::dup:
        return machine_.push(machine_.top());
      case PickleOp::get_line:
        return machine_.recall(number_line<uint64_t>());
      case PickleOp::bin_get:
        return machine_.recall(cursor_.number<uint8_t>());
      case PickleOp::long_bin_get:
        return machine_.recall(cursor_.number<uint32_t>());
      case PickleOp::put_line:
        return machine_.remember(number_line<uint64_t>());
      case PickleOp::bin_put:
        return machine_.remember(cursor_.number<uint8_t>());
      case PickleOp::long_bin_put:
        return machine_.remember(cursor_.number<uint32_t>());
      case PickleOp::memoize:
        return machine_.memoize();
      default:
        return false;
    }
  }

  ByteCursor cursor_;
  PickleMachine machine_;
};

}  // namespace

Pickle read_pickle(Bytes bytes, const std::string& file) { return PickleReader(bytes, file).run(); }

}  // namespace submask
