// A reader of Python pickles that executes nothing: it builds a tree of inert nodes.
//
// A pickle is a program for a stack machine whose instructions may call any Python function. Here a
// call becomes a node with the function's name and its arguments, whatever the function is; objects
// of any class are nodes too. What they mean is for those to say who walk the tree, and what they
// do not know they leave. A node may be shared, and a pickle can even put it into itself, so code
// that walks the tree must limit its depth.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"

namespace submask {

struct PickleNode {
  enum class Kind {
    none,
    boolean,
    integer,
    big_integer,  // beyond 64 bits
    real,         // its value is not kept, because weights are never such numbers
    text,
    bytes,
    tuple,
    list,  // or a set
    dict,
    global,      // a class or function, not called
    call,        // of any function; it was not executed
    instance,    // an object of any class
    persistent,  // something that the file keeps outside the pickle: a tensor's storage
  };

  Kind kind = Kind::none;

  int64_t integer = 0;  // boolean, integer

  // text, bytes, big_integer (little-endian); "module.name" of global, call and instance, "" where
  // a call or instance is of something without a name, as of what another call returns
  std::string text;

  // Of tuple and list; the arguments of call; the id of persistent
  std::vector<const PickleNode*> items;

  // Of dict, and of a call or instance of a class derived from it
  std::vector<std::pair<const PickleNode*, const PickleNode*>> entries;

  // Of call and instance: the attributes, a dict by their names; null where there are none
  const PickleNode* state = nullptr;

  bool is(Kind other) const { return kind == other; }
  bool is_call(const std::string& function) const { return kind == Kind::call && text == function; }
};

struct Pickle {
  std::deque<PickleNode> nodes;  // owns every node; the deque never moves one
  const PickleNode* root = nullptr;
  std::set<std::string> unusual_calls;  // functions that checkpoints do not call (pickle_calls.h)
  size_t size_bytes = 0;                // of the pickle, which may be followed by other data
};

// Reads the pickle at the beginning of `bytes`, of protocols 0 to 5 as far as PyTorch uses them.
// Throws corrupt_file, naming `file`, for a truncated pickle, for an unknown instruction, and for
// more than 4 million values (and references to them), or more than four for each byte.
Pickle read_pickle(Bytes bytes, const std::string& file);

}  // namespace submask
