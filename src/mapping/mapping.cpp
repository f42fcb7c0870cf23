#include "mapping/mapping.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace kith {

Registry<Mapping>& Mapping::registry() {
  static Registry<Mapping> registry("mapping");
  return registry;
}

std::string uid_ranges(const std::vector<Uid>& uids) {
  constexpr std::size_t kNamed = 6;
  std::vector<std::string> ranges;
  for (std::size_t i = 0; i < uids.size();) {
    std::size_t last = i;
    while (last + 1 < uids.size() && uids[last + 1] == uids[last] + 1) ++last;
    const std::string first = std::to_string(uids[i]);
    ranges.push_back(
        last == i ? first : first + (last == i + 1 ? ", " : " to ") + std::to_string(uids[last]));
    i = last + 1;
  }
  const bool is_long = ranges.size() > kNamed;
  ranges.resize(std::min(ranges.size(), kNamed));
  return (uids.size() == 1 ? "node " : "nodes ") + join(ranges) + (is_long ? ", …" : "");
}

std::string Placement::names(int process) const {
  return uid_ranges(nodes_of[static_cast<std::size_t>(process)]) +
         (has_service(process) ? " and " + members.service : "");
}

void Placement::add_service(const std::string& name, int process) {
  members.service = name;
  process_of.push_back(process);
}

void Mapping::check_enough(std::int64_t nodes, std::int64_t processes) {
  if (processes <= nodes) return;
  throw ConfigError("/mapping: " + std::to_string(processes) + " processes for " +
                    count_of(static_cast<std::uint64_t>(nodes), "node") +
                    " would leave some without a node; start at most " + std::to_string(nodes));
}

Placement placement(std::int64_t nodes, std::vector<std::vector<Uid>> nodes_of) {
  Placement placement{std::move(nodes_of), std::vector<std::int32_t>(std::size_t(nodes)), nodes};
  for (std::size_t process = 0; process < placement.nodes_of.size(); ++process) {
    std::ranges::sort(placement.nodes_of[process]);
    for (const Uid node : placement.nodes_of[process]) {
      placement.process_of[std::size_t(node)] = static_cast<std::int32_t>(process);
    }
  }
  return placement;
}

}  // namespace kith
