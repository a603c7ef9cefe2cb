// The instructions of Python's pickle machine, by the names and values of its pickletools.
#pragma once

#include <cstdint>

namespace submask {

enum class PickleOp : uint8_t {
  proto = 0x80,
  frame = 0x95,
  stop = '.',
  // The stack
  mark = '(',
  pop = '0',
  pop_mark = '1',
  dup = '2',
  // Numbers and constants
  none = 'N',
  new_true = 0x88,
  new_false = 0x89,
  integer_line = 'I',
  bin_int = 'J',
  bin_int1 = 'K',
  bin_int2 = 'M',
  long_line = 'L',
  long1 = 0x8a,
  long4 = 0x8b,
  float_line = 'F',
  bin_float = 'G',
  // Strings
  bin_string = 'T',
  short_bin_string = 'U',
  bin_unicode = 'X',
  short_bin_unicode = 0x8c,
  bin_unicode8 = 0x8d,
  bin_bytes = 'B',
  short_bin_bytes = 'C',
  bin_bytes8 = 0x8e,
  byte_array8 = 0x96,
  // Containers
  empty_tuple = ')',
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  tuple = 't',
  empty_list = ']',
  list = 'l',
  append = 'a',
  appends = 'e',
  empty_dict = '}',
  dict = 'd',
  set_item = 's',
  set_items = 'u',
  empty_set = 0x8f,
  add_items = 0x90,
  frozen_set = 0x91,
  // Objects
  global = 'c',
  stack_global = 0x93,
  reduce = 'R',
  build = 'b',
  instance = 'i',
  object = 'o',
  new_object = 0x81,
  new_object_ex = 0x92,
  bin_persistent = 'Q',
  // The memo
  get_line = 'g',
  bin_get = 'h',
  long_bin_get = 'j',
  put_line = 'p',
  bin_put = 'q',
  long_bin_put = 'r',
  memoize = 0x94,
};

}  // namespace submask
