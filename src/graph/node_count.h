#pragma once

#include <cstdint>
#include <string>

namespace kith {

/// For schedules that exist for some numbers of nodes only: throw ConfigError, with the nearest
/// numbers that would do. `kind` is the schedule's name.
void require_even(std::int64_t nodes, const std::string& kind);
void require_power_of_two(std::int64_t nodes, const std::string& kind);

/// Of `k`, the most neighbors at a time; a single node may have any.
void require_fewer_neighbors(std::int64_t k, std::int64_t nodes);

/// The message: "/nodes: must be <what> for <kind>, got <nodes>; <below> or <above> would work".
/// `below` may be 0: then only `above` is named.
[[noreturn]] void fail_at_nodes(std::int64_t nodes, const std::string& kind,
                                const std::string& what, std::int64_t below, std::int64_t above);

}  // namespace kith
