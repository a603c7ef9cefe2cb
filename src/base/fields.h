// Settings as tables. Each struct of settings has one function that names every field once:
//
//   const Fields<SwavSettings>& swav_fields();
//
// Whatever reads or writes settings by name walks the table: the command line, TOML files, the
// record in results and task files, the fingerprint of a checkpoint, names of cells, the pages of
// options. A field's name is its long option; in a record '_' stands for '-'.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/field_form.h"

namespace submask {

// What another value of a field changes.
enum class Effect {
  result,    // the result: it enters the record
  content,   // what is read: digests of the images and weights stand for it
  files,     // not the numbers but which files there are in the end: it enters a cell's name alone
  rounding,  // results by rounding alone
  nothing,   // not one byte of a result
};
constexpr auto names_of(Effect) {
  return std::array{"result", "content", "files", "rounding", "nothing"};
}

// What is known of a field without its struct.
struct FieldDescription {
  std::string name;
  std::string help;  // one sentence, without a full stop
  FieldShape shape;
  Effect effect = Effect::result;
};

struct FieldOptions {
  Range range = {};
  Effect effect = Effect::result;
  const char* type_name = "";  // in help: "FILE", "DIR"; "" for that of the type
  bool is_flag = false;        // FieldShape::is_flag
};

template <typename S>
struct Field : FieldDescription {
  // Sets the value by words that stand after `option`, which messages name. No words: no value,
  // where a field may have none. Throws invalid_argument.
  std::function<void(S&, const std::string& option, const Words&)> read;
  std::function<Words(const S&)> words;        // what read() takes; none where there is no value
  std::function<RecordJson(const S&)> record;  // null: it leaves no trace in a record
  // Whether its value is of any use with these settings; empty: where its section applies. It has
  // no part in the record, which also holds what another setting has put out of use.
  std::function<bool(const S&)> is_used = {};

  template <typename T>
  Field(const std::string& name, T S::*member, const std::string& help,
        const FieldOptions& options = {})
      : Field(
            name, [member](const S& settings) -> const T& { return settings.*member; },
            [member](S& settings, T value) { settings.*member = std::move(value); }, help,
            options) {}

  // A member of a member.
  template <typename Part, typename T>
  Field(const std::string& name, Part S::*part, T Part::*member, const std::string& help,
        const FieldOptions& options = {})
      : Field(
            name, [=](const S& settings) -> const T& { return settings.*part.*member; },
            [=](S& settings, T value) { settings.*part.*member = std::move(value); }, help,
            options) {}

  // By functions: get(const S&) -> T, set(S&, T).
  template <typename Get, typename Set>
  requires requires(Get get, const S& settings) { get(settings); }
  Field(const std::string& name, Get get, Set set, const std::string& help,
        const FieldOptions& options = {})
      : FieldDescription{name, help, {}, options.effect} {
    using T = std::decay_t<decltype(get(std::declval<const S&>()))>;
    shape = FieldForm<T>::shape(options.range);
    if (*options.type_name != '\0') shape.type_name = options.type_name;
    shape.is_flag = options.is_flag;
    read = [set, shape = shape, range = options.range](S& settings, const std::string& option,
                                                       const Words& words) {
      check_words(option, shape, words);
      set(settings, FieldForm<T>::read(option, words, range));
    };
    words = [get](const S& settings) { return FieldForm<T>::write(get(settings)); };
    record = [get](const S& settings) { return FieldForm<T>::json(get(settings)); };
  }

  // Without a way to its values yet (lifted_field()).
  explicit Field(FieldDescription description) : FieldDescription(std::move(description)) {}

  void assign(S& settings, const Words& words) const { read(settings, name, words); }

  // Another record than the value itself, as of a file its content.
  Field recorded_as(std::function<RecordJson(const S&)> other) && {
    record = std::move(other);
    return std::move(*this);
  }

  Field used_where(std::function<bool(const S&)> condition) && {
    is_used = std::move(condition);
    return std::move(*this);
  }
};

// Fields that belong together.
template <typename S>
struct Section {
  std::string title;
  std::vector<Field<S>> fields;
  // Whether the fields mean anything with these settings; empty: always. Where not, no record.
  std::function<bool(const S&)> applies = {};
};

template <typename S>
using Fields = std::vector<Section<S>>;

// The fields of a part as fields of the whole.
template <typename S, typename Part>
Field<S> lifted_field(const Field<Part>& field, std::function<Part&(S&)> part,
                      const std::string& prefix) {
  Field<S> lifted{static_cast<const FieldDescription&>(field)};
  lifted.name = prefix + field.name;
  // Reading leaves a struct as it is; one accessor then serves both ways.
  const auto look = [part](const S& whole) -> const Part& { return part(const_cast<S&>(whole)); };
  lifted.read = [part, read = field.read](S& whole, const std::string& option, const Words& words) {
    read(part(whole), option, words);
  };
  lifted.words = [look, words = field.words](const S& whole) { return words(look(whole)); };
  lifted.record = [look, record = field.record](const S& whole) { return record(look(whole)); };
  if (field.is_used)
    lifted.is_used = [look, used = field.is_used](const S& whole) { return used(look(whole)); };
  return lifted;
}

template <typename S, typename Part>
Section<S> lifted(std::function<Part&(S&)> part, const Section<Part>& section,
                  const std::string& prefix = "") {
  Section<S> all{section.title, {}, {}};
  for (const Field<Part>& field : section.fields)
    all.fields.push_back(lifted_field<S, Part>(field, part, prefix));
  if (section.applies)
    all.applies = [part, applies = section.applies](const S& whole) {
      return applies(part(const_cast<S&>(whole)));  // as in lifted_field()
    };
  return all;
}

template <typename S, typename Part>
Section<S> lifted(Part S::*member, const Section<Part>& section, const std::string& prefix = "") {
  return lifted<S, Part>([member](S& whole) -> Part& { return whole.*member; }, section, prefix);
}

template <typename S, typename Part>
Fields<S> lifted(Part S::*member, const Fields<Part>& sections, const std::string& prefix = "") {
  Fields<S> all;
  for (const Section<Part>& section : sections) all.push_back(lifted(member, section, prefix));
  return all;
}

template <typename S>
void append(Fields<S>& table, const Fields<S>& more) {
  table.insert(table.end(), more.begin(), more.end());
}

template <typename S>
const Field<S>* find_field(const Fields<S>& table, const std::string& name) {
  for (const Section<S>& section : table)
    for (const Field<S>& field : section.fields)
      if (field.name == name) return &field;
  return nullptr;
}

// The fields of these names.
template <typename S>
Section<S> chosen_fields(Section<S> section, const std::vector<std::string>& names) {
  std::erase_if(section.fields, [&](const Field<S>& field) {
    return std::find(names.begin(), names.end(), field.name) == names.end();
  });
  return section;
}

template <typename S>
Fields<S> fields_without(Fields<S> table, const std::vector<std::string>& names) {
  for (Section<S>& section : table)
    std::erase_if(section.fields, [&](const Field<S>& field) {
      return std::find(names.begin(), names.end(), field.name) != names.end();
    });
  return table;
}

template <typename S>
std::vector<std::string> field_names(const Fields<S>& table) {
  std::vector<std::string> names;
  for (const Section<S>& section : table)
    for (const Field<S>& field : section.fields) names.push_back(field.name);
  return names;
}

// Those of the names whose fields are of no use with these settings, in the order of the table.
template <typename S>
std::vector<std::string> useless_fields(const Fields<S>& table, const S& settings,
                                        const std::vector<std::string>& names) {
  std::vector<std::string> useless;
  for (const Section<S>& section : table) {
    const bool applies = !section.applies || section.applies(settings);
    for (const Field<S>& field : section.fields)
      if (!(field.is_used ? field.is_used(settings) : applies) &&
          std::find(names.begin(), names.end(), field.name) != names.end())
        useless.push_back(field.name);
  }
  return useless;
}

// The names of the fields that have another value than in `usual`.
template <typename S>
std::vector<std::string> changed_fields(const Fields<S>& table, const S& settings, const S& usual) {
  std::vector<std::string> changed;
  for (const Section<S>& section : table)
    for (const Field<S>& field : section.fields)
      if (field.words(settings) != field.words(usual)) changed.push_back(field.name);
  return changed;
}

// The values of the fields that apply and have one of the effects, by their names with '_'.
template <typename S>
RecordJson record_of(const Fields<S>& table, const S& settings,
                     const std::vector<Effect>& effects = {Effect::result}) {
  RecordJson record = RecordJson::object();
  for (const Section<S>& section : table) {
    if (section.applies && !section.applies(settings)) continue;
    for (const Field<S>& field : section.fields) {
      if (std::find(effects.begin(), effects.end(), field.effect) == effects.end()) continue;
      RecordJson value = field.record(settings);
      if (!value.is_null()) record[record_key(field.name)] = std::move(value);
    }
  }
  return record;
}

// Options, in the order of the table, that make `settings` of `usual`: "--name=word" each.
template <typename S>
Words arguments_of(const Fields<S>& table, const S& settings, const S& usual) {
  Words arguments;
  for (const Section<S>& section : table)
    for (const Field<S>& field : section.fields) {
      const Words words = field.words(settings);
      if (words == field.words(usual)) continue;
      for (const std::string& word : words_or_default(words))
        arguments.push_back("--" + field.name + "=" + word);
    }
  return arguments;
}

}  // namespace submask
