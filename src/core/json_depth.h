#pragma once

#include <exception>
#include <nlohmann/json.hpp>

namespace kith {

/// What `limit_depth` throws.
struct JsonTooDeep : std::exception {
  const char* what() const noexcept override { return "is nested more than 100 levels deep"; }
};

/// A callback for json::parse. Deeper documents than any of ours would overflow the stack of
/// whoever copies, merges or prints them.
inline bool limit_depth(int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
  constexpr int kDeepest = 100;
  if (depth > kDeepest) throw JsonTooDeep();
  return true;
}

}  // namespace kith
