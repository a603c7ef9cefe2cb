#include "weights/pickle_machine.h"

#include <algorithm>

#include "base/fail.h"
#include "base/quoted_name.h"
#include "weights/pickle_calls.h"

namespace submask {
namespace {

using Kind = PickleNode::Kind;

// The limit for nodes with the references between them, and for stack entries, marks and memo
// entries each.
constexpr size_t most_values = size_t{1} << 22;

// A value of one byte in a list or a dict counts as two: the node and the reference to it.
constexpr size_t most_per_byte = 4;
constexpr size_t most_of_short = 1024;

constexpr size_t most_named_calls = 20;

}  // namespace

PickleMachine::PickleMachine(const std::string& file, size_t size_bytes)
    : file_(file),
      most_(size_bytes < most_values
                ? std::min(most_values, most_per_byte * size_bytes + most_of_short)
                : most_values) {}

void PickleMachine::refuse(const std::string& got) const {
  fail_corrupt("a pickle as PyTorch writes it", got, file_);
}

// Counts everything that takes memory, because with memo and dup a few bytes could ask for a lot.
void PickleMachine::count(size_t added) {
  count_ += added;
  if (count_ > most_) refuse(text("more than ", most_, " values"));
}

PickleNode* PickleMachine::make(Kind kind) {
  count(1);
  pickle_.nodes.emplace_back().kind = kind;
  return &pickle_.nodes.back();
}

void PickleMachine::set_text(PickleNode* node, std::string_view value) {
  constexpr size_t text_per_value = 32;
  count(value.size() / text_per_value);
  node->text = value;
}

bool PickleMachine::push(PickleNode* node) {
  if (stack_.size() >= most_values) refuse("a stack too deep");
  stack_.push_back(node);
  return true;
}

bool PickleMachine::push_integer(Kind kind, int64_t value) {
  PickleNode* node = make(kind);
  node->integer = value;
  return push(node);
}

bool PickleMachine::push_text(Kind kind, std::string_view value) {
  PickleNode* node = make(kind);
  set_text(node, value);
  return push(node);
}

bool PickleMachine::push_filled(Kind kind, const Nodes& items) {
  PickleNode* node = make(kind);
  count(items.size());
  node->items.assign(items.begin(), items.end());
  return push(node);
}

bool PickleMachine::push_mark() {
  if (marks_.size() >= most_values) refuse("too many marks");
  marks_.push_back(stack_.size());
  return true;
}

PickleNode* PickleMachine::pop() {
  const size_t floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= floor) refuse("an instruction without its operand");
  PickleNode* node = stack_.back();
  stack_.pop_back();
  return node;
}

PickleNode* PickleMachine::top() { return stack_.emplace_back(pop()); }

PickleMachine::Nodes PickleMachine::pop_count(size_t count) {
  Nodes popped(count);
  while (count > 0) popped[--count] = pop();
  return popped;
}

PickleMachine::Nodes PickleMachine::pop_to_mark() {
  if (marks_.empty()) refuse("an instruction without its mark");
  Nodes popped(stack_.begin() + static_cast<ptrdiff_t>(marks_.back()), stack_.end());
  stack_.resize(marks_.back());
  marks_.pop_back();
  return popped;
}

bool PickleMachine::is_object(const PickleNode& node) {
  return node.is(Kind::call) || node.is(Kind::instance);
}

void PickleMachine::append(PickleNode* node, const Nodes& items) {
  if (!node->is(Kind::list) && !is_object(*node)) refuse("an item of something that is no list");
  count(items.size());
  node->items.insert(node->items.end(), items.begin(), items.end());
}

void PickleMachine::set_items(PickleNode* node, const Nodes& pairs) {
  if (!node->is(Kind::dict) && !is_object(*node)) refuse("a key of something that is no dict");
  if (pairs.size() % 2 != 0) refuse("a key without its value");
  count(pairs.size());
  for (size_t i = 0; i < pairs.size(); i += 2) node->entries.emplace_back(pairs[i], pairs[i + 1]);
}

// Python 2 hands an OrderedDict its items when it makes it.
void PickleMachine::fill_from_pairs(PickleNode* node, const PickleNode& pairs) {
  count(2 * pairs.items.size());
  for (const PickleNode* pair : pairs.items) {
    if (pair->items.size() != 2) refuse("a key without its value");
    node->entries.emplace_back(pair->items[0], pair->items[1]);
  }
}

PickleNode* PickleMachine::call(const PickleNode& function,
                                const std::vector<const PickleNode*>& arguments) {
  PickleNode* node = make(Kind::call);
  if (function.is(Kind::global)) set_text(node, function.text);
  if (!is_usual_call(node->text) && pickle_.unusual_calls.size() < most_named_calls)
    pickle_.unusual_calls.insert(node->text.empty() ? "something without a name"
                                                    : shown_name(node->text));
  count(arguments.size());
  node->items = arguments;
  if (function.text == "collections.OrderedDict" && !arguments.empty()) {
    fill_from_pairs(node, *arguments[0]);
  }
  return node;
}

PickleNode* PickleMachine::new_instance(const Nodes& class_and_arguments) {
  const PickleNode& type = *class_and_arguments.front();
  PickleNode* node = make(Kind::instance);
  if (type.is(Kind::global)) set_text(node, type.text);
  return node;
}

bool PickleMachine::remember(uint64_t index) {
  // Picklers number memo entries in order, so none of them writes an index beyond all values.
  if (index > count_) refuse("a memo too large");
  if (index >= memo_.size()) memo_.resize(index + 1);
  if (memo_[index] == nullptr) ++remembered_;
  memo_[index] = top();
  return true;
}

bool PickleMachine::recall(uint64_t index) {
  if (index >= memo_.size() || memo_[index] == nullptr) refuse("a memo entry never made");
  return push(memo_[index]);
}

Pickle PickleMachine::finish(size_t size_bytes) {
  pickle_.root = pop();
  pickle_.size_bytes = size_bytes;
  return std::move(pickle_);
}

}  // namespace submask
