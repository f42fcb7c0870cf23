#include "graph/two_coloring.h"

namespace kith {

std::optional<std::vector<bool>> two_coloring(const Schedule& schedule) {
  const auto nodes = static_cast<std::size_t>(schedule.nodes());
  std::vector<bool> colors(nodes), seen(nodes);
  for (std::size_t first = 0; first < nodes; ++first) {
    if (seen[first]) continue;
    seen[first] = true;
    std::vector<std::size_t> open{first};
    while (!open.empty()) {
      const std::size_t node = open.back();
      open.pop_back();
      for (const Uid uid : schedule.neighborhood(static_cast<Uid>(node), 0).receivers) {
        const auto other = static_cast<std::size_t>(uid);
        if (seen[other] && colors[other] == colors[node]) return std::nullopt;
        if (seen[other]) continue;
        seen[other] = true;
        colors[other] = !colors[node];
        open.push_back(other);
      }
    }
  }
  return colors;
}

}  // namespace kith
