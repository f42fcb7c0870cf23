#include <string>

#include "core/text.h"
#include "mapping/mapping.h"

namespace kith {
namespace {

/// The user says which nodes each process has.
class Manual final : public Mapping {
 public:
  struct Params {
    std::vector<std::vector<Uid>> nodes;

    void fields(Fields& f) { f.required("nodes", nodes, "for each process the uids it hosts"); }
  };

  explicit Manual(Params params) : nodes_of_(std::move(params.nodes)) {}

  Placement deal(std::int64_t nodes, std::int64_t processes,
                 std::span<const std::uint64_t>) const override {
    if (processes != std::int64_t(nodes_of_.size())) {
      fail("names the nodes of " + count_of(nodes_of_.size(), "process", "processes") +
           ", but there are " + std::to_string(processes) +
           "; give one list to each, and set machines and processes_per_machine to match");
    }
    check_cover(nodes);
    return placement(nodes, nodes_of_);
  }

 private:
  [[noreturn]] static void fail(const std::string& message) {
    throw ConfigError("/mapping/nodes: " + message);
  }

  void check_cover(std::int64_t nodes) const {
    std::vector<bool> seen(static_cast<std::size_t>(nodes));
    for (std::size_t process = 0; process < nodes_of_.size(); ++process) {
      if (nodes_of_[process].empty()) fail("process " + std::to_string(process) + " has no node");
      for (const Uid node : nodes_of_[process]) {
        if (node < 0 || node >= nodes) {
          fail("node " + std::to_string(node) + " does not exist; the run has nodes 0.." +
               std::to_string(nodes - 1));
        }
        if (seen[std::size_t(node)]) {
          fail("node " + std::to_string(node) + " stands twice; every node lives in one process");
        }
        seen[std::size_t(node)] = true;
      }
    }
    for (std::int64_t node = 0; node < nodes; ++node) {
      if (seen[std::size_t(node)]) continue;
      fail("node " + std::to_string(node) + " is missing; every node lives in one process");
    }
  }

  std::vector<std::vector<Uid>> nodes_of_;
};

const Register<Mapping, Manual> registered{"manual", "the nodes of each process, as listed"};

}  // namespace
}  // namespace kith
