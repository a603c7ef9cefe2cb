// Reading a foreign file's JSON strictly: what does not belong there is refused where it stands,
// however deep or long the rest is, and no document is built of it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/file.h"

namespace submask {

// The reader of one kind of file derives from this class and overrides the events that its file may
// cause. Without an override each of them is refused, and so are always a name that an object has
// twice, fractions, negative numbers, true, false and null.
class StrictJson : private nlohmann::json_sax<nlohmann::json> {
 protected:
  // For messages: the kind of file ("a split file"), and what such a file holds.
  StrictJson(std::string kind, std::string content, const std::string& file);

  // Throws corrupt_file where the bytes are no JSON.
  void parse(Bytes bytes);

  // Throws corrupt_file: "expected CONTENT, got GOT at or after 'ITEM', in FILE".
  [[noreturn]] void refuse(const std::string& got) const;
  // The item that was read last; "" before the first.
  virtual std::string_view last_item() const = 0;

  virtual void on_object_begin() { refuse("an object"); }
  virtual void on_object_end() {}
  virtual void on_array_begin() { refuse("an array"); }
  virtual void on_array_end() {}
  virtual void on_name(const std::string& name) = 0;
  virtual void on_string(const std::string&) { refuse("a string"); }
  virtual void on_number(uint64_t) { refuse("a number"); }

  // How many objects and arrays are open: without one that begins, with one that ends.
  int64_t depth() const { return depth_; }
  // How many names the innermost object has had so far.
  int64_t names_so_far() const { return std::ssize(names_.back()); }
  const std::string& file() const { return file_; }

 private:
  using Json = nlohmann::json;
  bool start_object(size_t) final;
  bool end_object() final;
  bool start_array(size_t) final;
  bool end_array() final;
  bool key(std::string& name) final;
  bool string(std::string& value) final;
  bool number_unsigned(uint64_t value) final;
  bool number_integer(int64_t) final { refuse("a negative number"); }
  bool number_float(double, const std::string&) final { refuse("a fraction"); }
  bool boolean(bool) final { refuse("a boolean"); }
  bool null() final { refuse("null"); }
  bool binary(Json::binary_t&) final { refuse("binary data"); }
  bool parse_error(size_t position, const std::string&, const Json::exception&) final;

  std::string kind_, content_;
  const std::string& file_;
  int64_t depth_ = 0;
  std::vector<std::unordered_set<std::string>> names_;  // of each open object, the innermost last
};

}  // namespace submask
