#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

namespace kith {

/// For schedules that exist for some numbers of nodes only: throw ConfigError, with the nearest
/// numbers that would do. `kind` is the schedule's name.
void require_even(std::int64_t nodes, const std::string& kind);
void require_power_of_two(std::int64_t nodes, const std::string& kind);

/// The most neighbors at a time that nodes really have where `k` are allowed.
inline std::int64_t most_neighbors(std::int64_t k, std::int64_t nodes) {
  return std::clamp<std::int64_t>(nodes - 1, 1, k);
}

/// The message: "/nodes: must be <what> for <kind>, got <nodes>; <below> or <above> would work".
/// `below` may be 0: then only `above` is named.
[[noreturn]] void fail_at_nodes(std::int64_t nodes, const std::string& kind,
                                const std::string& what, std::int64_t below, std::int64_t above);

}  // namespace kith
