#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/types.h"

namespace kith {

/// Who takes part in a run: nodes 0..n−1, which learn, and node n where the protocol has a service.
struct Members {
  // Also from a number alone: most runs have nodes only.
  Members(std::int64_t nodes = std::numeric_limits<Uid>::max(), std::string service = "")
      : nodes(nodes), service(std::move(service)) {}

  std::int64_t nodes;
  std::string service;  ///< "the server"; "" where there is none

  std::int64_t count() const { return nodes + (service.empty() ? 0 : 1); }
  bool is_service(Uid uid) const { return !service.empty() && uid == nodes; }

  /// "node 3", "the server".
  std::string name(Uid uid) const;

  /// "node 3", "nodes 3, 4 and 2 more", "nodes 3, 4 and the server"; `uids` ascend.
  std::string names(const std::vector<Uid>& uids) const;
};

}  // namespace kith
