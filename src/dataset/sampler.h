#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/random.h"
#include "core/types.h"

namespace kith {

/// The order in which one node goes through its partition, batch by batch, without replacement.
///
/// An epoch is a random order of the partition; a batch continues where the last one stopped; an
/// epoch ends with a short batch where the size does not divide it, then a new order is drawn. Each
/// order is a function of (seed, node, epoch), or with Order::kRound of (seed, node, round, orders
/// drawn before in that round). Holds a copy of the partition from the first batch on.
class Sampler {
 public:
  enum class Order : std::uint8_t {
    kEpoch,  ///< a new order when the old one is used up
    kRound,  ///< a new order at every round too (decentralizepy)
  };

  /// `partition` outlives the sampler. `batch_size` 0 means the whole partition, in its own order.
  Sampler(std::span<const std::uint32_t> partition, std::int64_t batch_size, Order order,
          std::uint64_t seed, Uid node);

  /// Tells that `round` begins: needed for Order::kRound, without effect for Order::kEpoch.
  void begin_round(Round round);

  /// The next batch: sample indices, valid until the next call. Empty only for an empty partition.
  std::span<const std::uint32_t> next();

  /// Batches in one epoch: 0 for an empty partition.
  std::int64_t batches_per_epoch() const;

 private:
  void draw_order();

  std::span<const std::uint32_t> partition_;
  std::size_t batch_size_;
  Order order_;
  std::uint64_t seed_;
  Uid node_;
  std::uint32_t epoch_ = 0;  // orders drawn so far, for Order::kEpoch
  Random round_random_;      // draws the orders of one round, for Order::kRound
  std::vector<std::uint32_t> shuffled_;
  std::size_t used_ = 0;  // of shuffled_
};

}  // namespace kith
