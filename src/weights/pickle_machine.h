// The stack, the marks and the memo of the pickle machine, and the limits that keep a hostile
// pickle small.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weights/pickle.h"

namespace submask {

// The operations that the instructions (pickle.cpp) consist of. Every function throws corrupt_file
// where the pickle asks for something impossible: an operand, a mark or a memo entry that is not
// there. push... and remember() return true, so that an instruction can end with them.
class PickleMachine {
 public:
  using Nodes = std::vector<PickleNode*>;

  // `size_bytes`, at least those of the pickle, limit how many nodes it may build.
  PickleMachine(const std::string& file, size_t size_bytes);

  [[noreturn]] void refuse(const std::string& got) const;

  PickleNode* make(PickleNode::Kind kind);

  bool push(PickleNode* node);
  bool push_integer(PickleNode::Kind kind, int64_t value);
  bool push_text(PickleNode::Kind kind, std::string_view value);
  bool push_filled(PickleNode::Kind kind, const Nodes& items);
  bool push_mark();

  PickleNode* pop();
  PickleNode* top();
  Nodes pop_count(size_t count);
  Nodes pop_to_mark();

  // An object of a class derived from list or dict is filled like a list or dict.
  void append(PickleNode* node, const Nodes& items);
  void set_items(PickleNode* node, const Nodes& pairs);
  static bool is_object(const PickleNode& node);

  PickleNode* call(const PickleNode& function, const std::vector<const PickleNode*>& arguments);
  PickleNode* new_instance(const Nodes& class_and_arguments);

  bool remember(uint64_t index);
  bool memoize() { return remember(remembered_); }
  bool recall(uint64_t index);

  // Returns the tree, whose root is on top of the stack.
  Pickle finish(size_t size_bytes);

 private:
  void count(size_t added);
  void fill_from_pairs(PickleNode* node, const PickleNode& pairs);
  void set_text(PickleNode* node, std::string_view value);

  const std::string& file_;
  Pickle pickle_;
  Nodes stack_;
  std::vector<size_t> marks_;  // sizes of the stack
  Nodes memo_;
  uint64_t remembered_ = 0;
  size_t count_ = 0;
  size_t most_;
};

}  // namespace submask
