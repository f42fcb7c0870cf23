#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "core/text.h"

namespace kith {

/// Builds the text of a JSON object member by member, in order, without a tree in between.
class JsonObject {
 public:
  template <std::integral Integer>
  JsonObject& add(std::string_view name, Integer value) {
    return raw(name, std::to_string(value));
  }
  JsonObject& add(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
  JsonObject& add(std::string_view name, double value) { return raw(name, json_number(value)); }
  JsonObject& add(std::string_view name, std::string_view value) {
    return raw(name, json_string(value));
  }
  JsonObject& add(std::string_view name, const char* value) {
    return add(name, std::string_view(value));
  }

  /// A member whose value is JSON already.
  JsonObject& raw(std::string_view name, std::string_view json) {
    text_ += text_.empty() ? "{" : ", ";
    text_ += json_string(name);
    text_ += ": ";
    text_ += json;
    return *this;
  }

  std::string str() const { return text_.empty() ? "{}" : text_ + '}'; }

 private:
  std::string text_;
};

/// `[a, b, c]` of things that `element` turns into JSON.
template <class Range, class Element>
std::string json_array(const Range& range, Element element) {
  std::string text = "[";
  for (const auto& value : range) {
    if (text.size() > 1) text += ", ";
    text += element(value);
  }
  return text + ']';
}

}  // namespace kith
