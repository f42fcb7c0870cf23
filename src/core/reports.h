#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kith {

/// Metrics of their own that a node's components report: the last value of each name stands in the
/// node's next evaluation record. Used by the node's own coroutine.
class Reports {
 public:
  void report(std::string_view name, double value) {
    const auto known = std::ranges::find(values_, name, &Value::first);
    if (known != values_.end()) {
      known->second = value;
    } else {
      values_.emplace_back(name, value);
    }
  }

  using Value = std::pair<std::string, double>;

  /// In the order in which the names first came.
  const std::vector<Value>& values() const { return values_; }

 private:
  std::vector<Value> values_;
};

}  // namespace kith
