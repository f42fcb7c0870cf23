#include "mapping/mapping.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace kith {

Registry<Mapping>& Mapping::registry() {
  static Registry<Mapping> registry("mapping");
  return registry;
}

void Mapping::check_enough(std::int64_t nodes, std::int64_t processes) {
  if (processes <= nodes) return;
  throw ConfigError("/mapping: " + std::to_string(processes) + " processes for " +
                    count_of(static_cast<std::uint64_t>(nodes), "node") +
                    " would leave some without a node; start at most " + std::to_string(nodes));
}

Placement placement(std::int64_t nodes, std::vector<std::vector<Uid>> nodes_of) {
  Placement placement{std::move(nodes_of), std::vector<std::int32_t>(std::size_t(nodes))};
  for (std::size_t process = 0; process < placement.nodes_of.size(); ++process) {
    std::ranges::sort(placement.nodes_of[process]);
    for (const Uid node : placement.nodes_of[process]) {
      placement.process_of[std::size_t(node)] = static_cast<std::int32_t>(process);
    }
  }
  return placement;
}

}  // namespace kith
