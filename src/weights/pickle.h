// A reader of Python pickles that executes nothing: it builds a tree of inert nodes.
//
// Pickle is a program for a stack machine whose instructions may call any Python function. Here a
// call is a node that records the function's name and arguments, and only functions of a short list
// (pickle_calls.h), those of weight files, are let through as such nodes. Objects of any class are
// nodes too. Nodes may be shared and, as a pickle can say so, even contain themselves: whoever
// walks the tree bounds the depth.
#pragma once

#include <cstdint>
#include <deque>
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
    real,         // its value is not kept: weights never lie in one
    text,
    bytes,
    tuple,
    list,  // or a set
    dict,
    global,      // a class or function, not called
    call,        // of a listed function
    instance,    // an object of any class
    persistent,  // what the file keeps outside the pickle: a tensor's storage
  };

  Kind kind = Kind::none;

  int64_t integer = 0;  // boolean, integer

  // text, bytes, big_integer (little-endian); "module.name" of global, call and instance
  std::string text;

  // Of tuple and list; the arguments of call; the id of persistent
  std::vector<const PickleNode*> items;

  // Of dict, and of a call or instance of a class derived from it
  std::vector<std::pair<const PickleNode*, const PickleNode*>> entries;

  // Of call and instance: its attributes, by name where this is a dict; null without any
  const PickleNode* state = nullptr;

  bool is(Kind other) const { return kind == other; }
  bool is_call(const std::string& function) const { return kind == Kind::call && text == function; }
};

struct Pickle {
  std::deque<PickleNode> nodes;  // owns every node; the deque never moves one
  const PickleNode* root = nullptr;
  size_t size_bytes = 0;  // of the pickle, which may be followed by other data
};

// Reads the pickle `bytes` begin with: protocols 0 to 5 as far as PyTorch uses them. Throws
// corrupt_file, naming `file`: truncated, an unlisted call (named), an unknown instruction, more
// than four values (and references to them) a byte, more than 4 million of them.
Pickle read_pickle(Bytes bytes, const std::string& file);

}  // namespace submask
