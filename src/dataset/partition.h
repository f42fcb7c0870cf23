#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/registry.h"
#include "dataset/samples.h"

namespace kith {

/// For each node the indices of its training samples: a disjoint cover of all of them.
using Partition = std::vector<std::vector<std::uint32_t>>;

/// Deals the training samples to the nodes. A function of the samples, the number of nodes and the
/// seed alone, so that every process finds the same partition.
class Partitioner {
 public:
  /// Options of every partition.
  struct Common {
    std::optional<std::int64_t> seed;

    void fields(Fields& f) {
      f.optional("seed", seed, "deals the samples whatever the run's seed", Range{.at_least = 0});
    }
  };

  static Registry<Partitioner>& registry();

  virtual ~Partitioner() = default;

  /// Some nodes may get nothing. Throws ConfigError when the samples lack what it deals by.
  virtual Partition deal(const Samples& samples, std::int64_t nodes, std::uint64_t seed) const = 0;
};

}  // namespace kith
