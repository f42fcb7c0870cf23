#include <algorithm>
#include <numeric>
#include <queue>

#include "mapping/mapping.h"

namespace kith {
namespace {

/// Equal work: the node with the most samples goes first, each to the process that has the least so
/// far (longest processing time first: at most 4/3 of the best there is; Graham, SIAM J. Appl.
/// Math. 1969). Equal nodes go in order of their uids, equal processes likewise.
class Balanced final : public Mapping {
 public:
  using Params = NoParams;

  explicit Balanced(Params) {}

  Placement deal(std::int64_t nodes, std::int64_t processes,
                 std::span<const std::uint64_t> work) const override {
    check_enough(nodes, processes);
    const auto work_of = [&](Uid node) -> std::uint64_t {
      // Mixing and talking cost something where there are no samples, too.
      return 1 + (work.empty() ? 0 : work[static_cast<std::size_t>(node)]);
    };
    std::vector<Uid> order(static_cast<std::size_t>(nodes));
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater{}, work_of);

    using Load = std::pair<std::uint64_t, std::size_t>;  // work so far, process
    std::priority_queue<Load, std::vector<Load>, std::greater<>> least;
    for (std::size_t process = 0; process < static_cast<std::size_t>(processes); ++process) {
      least.emplace(0, process);
    }
    std::vector<std::vector<Uid>> nodes_of(static_cast<std::size_t>(processes));
    for (const Uid node : order) {
      const auto [load, process] = least.top();
      least.pop();
      nodes_of[process].push_back(node);
      least.emplace(load + work_of(node), process);
    }
    return placement(nodes, std::move(nodes_of));
  }
};

const Register<Mapping, Balanced> registered{"balanced", "equal work: as many samples everywhere"};

}  // namespace
}  // namespace kith
