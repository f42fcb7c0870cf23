#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/members.h"
#include "core/registry.h"
#include "core/types.h"

namespace kith {

/// Which node lives in which process: every node in one, every process with at least one. A service
/// lives in one of them too.
struct Placement {
  std::vector<std::vector<Uid>> nodes_of;  ///< by process: its nodes, ascending
  std::vector<std::int32_t> process_of;    ///< by node; behind them the service's
  Members members;

  bool has_service(int process) const {
    return !members.service.empty() && process_of.back() == process;
  }

  /// Nodes and service of a process.
  std::int64_t count(int process) const {
    return std::ssize(nodes_of[static_cast<std::size_t>(process)]) + (has_service(process) ? 1 : 0);
  }

  /// "nodes 0 to 3", "nodes 0 to 3 and the server".
  std::string names(int process) const;

  /// Gives a service a home.
  void add_service(const std::string& name, int process);
};

/// "node 3", "nodes 0 to 4", "nodes 1, 5 to 7": `uids` ascend; what is long ends in "…".
std::string uid_ranges(const std::vector<Uid>& uids);

/// The placement in which process p has the nodes `nodes_of[p]`, a disjoint cover of 0..nodes-1.
Placement placement(std::int64_t nodes, std::vector<std::vector<Uid>> nodes_of);

/// Deals nodes to processes. A function of its arguments alone: every process finds the same.
class Mapping {
 public:
  /// Options of every mapping.
  struct Common {
    std::int64_t machines = 1;
    std::int64_t processes_per_machine = 1;
    std::int64_t service_process = 0;

    void fields(Fields& f) {
      f.optional("machines", machines, "hosts that take part",
                 Range{.at_least = 1, .at_most = 1e6});
      f.optional("processes_per_machine", processes_per_machine, "processes on each of them",
                 Range{.at_least = 1, .at_most = 1e6});
      f.optional("service_process", service_process,
                 "where a server or peer sampler lives, when the protocol has one",
                 Range{.at_least = 0, .at_most = 1e6});
    }

    /// How many processes the config asks for. Where another number was started, that one counts.
    std::int64_t processes() const { return machines * processes_per_machine; }
  };

  static Registry<Mapping>& registry();

  virtual ~Mapping() = default;

  /// Deals 0..nodes-1 to `processes` processes. `work` is what each node costs, in samples; empty
  /// where nothing is known. Throws ConfigError when that cannot be done.
  virtual Placement deal(std::int64_t nodes, std::int64_t processes,
                         std::span<const std::uint64_t> work) const = 0;

 protected:
  /// Throws ConfigError when there are more processes than nodes.
  static void check_enough(std::int64_t nodes, std::int64_t processes);
};

}  // namespace kith
