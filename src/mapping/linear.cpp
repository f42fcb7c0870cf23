#include "mapping/mapping.h"

namespace kith {
namespace {

/// Contiguous blocks of nodes in order of the processes, the first ones a node longer where they
/// cannot be equal. Process p of machine m is process m · processes_per_machine + p of the run.
class Linear final : public Mapping {
 public:
  using Params = NoParams;

  explicit Linear(Params) {}

  Placement deal(std::int64_t nodes, std::int64_t processes,
                 std::span<const std::uint64_t>) const override {
    check_enough(nodes, processes);
    std::vector<std::vector<Uid>> nodes_of(static_cast<std::size_t>(processes));
    Uid next = 0;
    for (std::int64_t process = 0; process < processes; ++process) {
      const std::int64_t size = nodes / processes + (process < nodes % processes ? 1 : 0);
      for (std::int64_t i = 0; i < size; ++i) nodes_of[std::size_t(process)].push_back(next++);
    }
    return placement(nodes, std::move(nodes_of));
  }
};

const Register<Mapping, Linear> registered{"linear", "contiguous blocks of nodes"};

}  // namespace
}  // namespace kith
