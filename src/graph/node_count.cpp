#include "graph/node_count.h"

#include <bit>

#include "core/error.h"

namespace kith {

void require_even(std::int64_t nodes, const std::string& kind) {
  if (nodes % 2 != 0) fail_at_nodes(nodes, kind, "even", nodes - 1, nodes + 1);
}

void require_power_of_two(std::int64_t nodes, const std::string& kind) {
  const auto count = static_cast<std::uint64_t>(nodes);
  if (std::has_single_bit(count)) return;
  fail_at_nodes(nodes, kind, "a power of two", std::int64_t(std::bit_floor(count)),
                std::int64_t(std::bit_ceil(count)));
}

void fail_at_nodes(std::int64_t nodes, const std::string& kind, const std::string& what,
                   std::int64_t below, std::int64_t above) {
  const std::string choice = below > 0 ? std::to_string(below) + " or " : "";
  throw ConfigError("/nodes: must be " + what + " for " + kind + ", got " + std::to_string(nodes) +
                    "; " + choice + std::to_string(above) + " would work");
}

}  // namespace kith
