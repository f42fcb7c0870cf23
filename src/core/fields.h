#pragma once

#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config.h"
#include "core/text.h"

namespace kith {

/// The numbers a field accepts. Write only the bounds that exist.
struct Range {
  double above = -std::numeric_limits<double>::infinity();
  double at_least = -std::numeric_limits<double>::infinity();
  double at_most = std::numeric_limits<double>::infinity();
  double below = std::numeric_limits<double>::infinity();

  bool holds(double value) const {
    return value > above && value >= at_least && value <= at_most && value < below;
  }
  std::string words() const;  ///< "above 0 and at most 1"; "" when anything goes
};

/// The words a string field accepts.
struct Choices {
  std::vector<std::string> words;
};

/// A path of the user's, absolute once read.
struct Path {
  std::filesystem::path value;
};

class Fields;

/// What is known of one field without a config: the source of `kith list` and of the JSON Schema.
struct FieldInfo {
  std::string name;
  std::string type;  ///< "number", "integer", "boolean", "string", "path", "list of …",
                     ///< "object", "anything", or a component's kind
  std::string help;
  bool required = false;
  std::string standard;  ///< the default as JSON, "null" where there is none
  Range range;
  std::vector<std::string> choices;
  std::string component;           ///< the kind, where the value is a component
  std::string more;                ///< the kind of the others, where it may be a list of components
  std::vector<FieldInfo> members;  ///< where the value is an object
};

/// A struct that lists its own fields.
template <class T>
concept HasFields = requires(T value, Fields& fields) {
  value.fields(fields);
};

/// How a value of type T is read, described and written. Specialize for a new type:
/// `read(config, value)`, `json(value)` and `describe(value, info)`.
template <class T>
struct FieldType;

/// The fields of one JSON object and the members of a struct they fill.
///
/// A component lists its fields once, in `Params::fields(Fields&)`. That list reads the config,
/// checks it, knows every legal key (so a misspelt key is an error, not a default), writes the
/// resolved config with every default spelled out, and is what `kith list` and `kith schema` show.
class Fields {
 public:
  /// Reads `config`, which must be an object.
  explicit Fields(Config config) : config_(std::move(config)) {}

  /// Reads nothing: only describes.
  Fields() = default;

  /// A field that must be present.
  template <class T, class... Limits>
  void required(std::string_view name, T& value, std::string_view help, const Limits&... limits) {
    visit(name, value, help, true, limits...);
  }

  /// A field that keeps the value it has when it is absent or null.
  template <class T, class... Limits>
  void optional(std::string_view name, T& value, std::string_view help, const Limits&... limits) {
    visit(name, value, help, false, limits...);
  }

  /// Fails at field `name` with `message` unless `holds`; for what depends on several fields.
  void check(bool holds, std::string_view name, const std::string& message) const;

  /// Throws ConfigError if the object has a key that is not a field, or lacks a required one.
  /// Call it last: a misspelt required key then gets the message about its spelling.
  void finish() const;

  /// What was read, as members of a JSON object: `"lr":0.1,"momentum":0`.
  const std::string& resolved() const { return resolved_; }

  const std::vector<FieldInfo>& infos() const { return infos_; }

 private:
  template <class T, class... Limits>
  void visit(std::string_view name, T& value, std::string_view help, bool required,
             const Limits&... limits) {
    FieldInfo info{.name = std::string(name), .help = std::string(help), .required = required};
    FieldType<T>::describe(value, info);
    (limit(info, limits), ...);
    if (config_) {
      const bool present = config_->has(name) && !config_->at(name).is_null();
      if (required && !present) note_missing(info);
      if (present) FieldType<T>::read(config_->at(name), value);
      if (present) (check_limit(config_->at(name), value, limits), ...);
      write(name, FieldType<T>::json(value));
    } else {
      info.standard = FieldType<T>::json(value);
    }
    infos_.push_back(std::move(info));
  }

  static void limit(FieldInfo& info, const Range& range) { info.range = range; }
  static void limit(FieldInfo& info, const Choices& choices) { info.choices = choices.words; }

  template <class T>
  static void check_limit(const Config& config, const T& value, const Range& range) {
    if constexpr (std::is_arithmetic_v<T>) {
      check_range(config, static_cast<double>(value), range);
    } else if constexpr (requires { value.has_value(); }) {
      if (value) check_limit(config, *value, range);
    } else {
      for (const auto& element : value) check_range(config, static_cast<double>(element), range);
    }
  }
  static void check_limit(const Config& config, const std::string& value, const Choices& choices);
  static void check_limit(const Config& config, const std::vector<std::string>& values,
                          const Choices& choices);
  static void check_limit(const Config& config, const std::optional<std::string>& value,
                          const Choices& choices) {
    if (value) check_limit(config, *value, choices);
  }
  static void check_range(const Config& config, double value, const Range& range);

  void note_missing(const FieldInfo& info);
  void write(std::string_view name, const std::string& json);

  std::optional<Config> config_;
  std::vector<FieldInfo> infos_;
  std::string resolved_;
  std::string missing_;  // the message about the first required field that is absent
};

template <>
struct FieldType<bool> {
  static void read(const Config& config, bool& value) { value = config.to_bool(); }
  static std::string json(bool value) { return value ? "true" : "false"; }
  static void describe(bool, FieldInfo& info) { info.type = "boolean"; }
};

template <>
struct FieldType<std::string> {
  static void read(const Config& config, std::string& value) { value = config.to_string(); }
  static std::string json(const std::string& value) { return json_string(value); }
  static void describe(const std::string&, FieldInfo& info) { info.type = "string"; }
};

template <std::integral Integer>
struct FieldType<Integer> {
  static void read(const Config& config, Integer& value) {
    const std::int64_t number = config.to_integer();
    if (!std::in_range<Integer>(number)) config.fail("is out of range: " + config.dump());
    value = static_cast<Integer>(number);
  }
  static std::string json(Integer value) { return std::to_string(value); }
  static void describe(Integer, FieldInfo& info) { info.type = "integer"; }
};

template <std::floating_point Float>
struct FieldType<Float> {
  static void read(const Config& config, Float& value) {
    value = static_cast<Float>(config.to_number());
  }
  static std::string json(Float value) { return json_number(value); }
  static void describe(Float, FieldInfo& info) { info.type = "number"; }
};

template <>
struct FieldType<Path> {
  static void read(const Config& config, Path& value) { value.value = config.to_path(); }
  static std::string json(const Path& value) {
    return value.value.empty() ? "null" : json_string(value.value.string());
  }
  static void describe(const Path&, FieldInfo& info) { info.type = "path"; }
};

/// Absent unless given.
template <class T>
struct FieldType<std::optional<T>> {
  static void read(const Config& config, std::optional<T>& value) {
    FieldType<T>::read(config, value.emplace());
  }
  static std::string json(const std::optional<T>& value) {
    return value ? FieldType<T>::json(*value) : "null";
  }
  static void describe(const std::optional<T>&, FieldInfo& info) {
    FieldType<T>::describe(T{}, info);
  }
};

template <class T>
struct FieldType<std::vector<T>> {
  static void read(const Config& config, std::vector<T>& values) {
    values.clear();
    for (const Config& element : config.elements()) {
      FieldType<T>::read(element, values.emplace_back());
    }
  }
  static std::string json(const std::vector<T>& values) {
    std::vector<std::string> elements;
    for (const auto& value : values) elements.push_back(FieldType<T>::json(value));
    return '[' + join(elements, ",") + ']';
  }
  static void describe(const std::vector<T>&, FieldInfo& info) {
    FieldInfo element;
    FieldType<T>::describe(T{}, element);
    const bool of_lists = element.type.starts_with("list of ");
    info.type = "list of " + (of_lists ? "lists" + element.type.substr(4) : element.type + "s");
  }
};

template <HasFields T>
struct FieldType<T> {
  static void read(const Config& config, T& value) {
    if (!config.is_object()) config.fail("must be an object, {…}, got " + config.dump(true));
    Fields fields(config);
    value.fields(fields);
    fields.finish();
  }
  static std::string json(const T& value) {
    T copy = value;
    Fields fields;
    copy.fields(fields);
    std::vector<std::string> members;
    for (const FieldInfo& info : fields.infos()) {
      if (info.standard == "null") continue;
      members.push_back(json_string(info.name) + ':' + info.standard);
    }
    return '{' + join(members, ",") + '}';
  }
  static void describe(const T& value, FieldInfo& info) {
    T copy = value;
    Fields fields;
    copy.fields(fields);
    info.type = "object";
    info.members = fields.infos();
  }
};

}  // namespace kith
