#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
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

  /// Columns of a table that it deals by: these must be in the samples' `columns`.
  virtual std::vector<std::string> columns() const { return {}; }

  /// Some nodes may get nothing: such a node only mixes. Throws ConfigError when the samples lack
  /// what it deals by.
  virtual Partition deal(const Samples& samples, std::int64_t nodes, std::uint64_t seed) const = 0;
};

/// The partition of `samples` that a config chose; its own seed, if given, goes before `seed`.
Partition deal_samples(const Blueprint<Partitioner>& partition, const Samples& samples,
                       std::int64_t nodes, std::uint64_t seed);

/// Where part `part` begins when `count` things are cut into `parts` runs whose sizes differ by at
/// most one. `parts` and `count` are below 2^32.
constexpr std::size_t part_begin(std::uint64_t count, std::uint64_t parts, std::uint64_t part) {
  return static_cast<std::size_t>(part * count / parts);
}

/// Cuts `order` into `nodes` runs whose sizes differ by at most one.
Partition cut_evenly(std::span<const std::uint32_t> order, std::int64_t nodes);

/// 0..count-1
std::vector<std::uint32_t> all_indices(std::size_t count);

}  // namespace kith
