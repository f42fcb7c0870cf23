#pragma once

#include <span>
#include <string>
#include <vector>

#include "communication/message.h"
#include "core/array.h"
#include "core/state.h"

namespace kith {

/// The sum over all nodes of a tree, passed from neighbor to neighbor (Vogels et al., "RelaySum for
/// decentralized deep learning", NeurIPS 2021, arXiv:2110.04175). A node tells each neighbor what
/// it and all that lies behind it add up to, which every round hears from one hop farther:
///
///     m_ij = u_i + Σ_{k ∈ N_i \ j} m_ki (of the round before),   c_ij = 1 + Σ_{k ∈ N_i \ j} c_ki
///
/// So y_i = u_i + Σ_j m_ji has the vector of a node d hops away as it was d − 1 rounds ago, each
/// exactly once, and c_i = 1 + Σ_j c_ji counts how many have come. It is of one node and one tree.
class RelaySum {
 public:
  /// `neighbors` ascend. Vectors lie on `device`.
  RelaySum(std::vector<Uid> neighbors, std::size_t size, const Device& device = {});

  const std::vector<Uid>& neighbors() const { return neighbors_; }

  /// What each neighbor is told, in their order, when u_i is `own`: m_ij, and behind it c_ij.
  std::vector<Slot> tell(ConstArrayView own);

  /// Takes what the neighbors told in this round, in their order. Throws PeerError for what no node
  /// of a tree of `nodes` can have told.
  void hear(std::span<const Message> told, std::int64_t nodes);

  /// m_ji of this round for each neighbor, in their order.
  std::vector<ConstArrayView> heard() const;

  /// c_i.
  std::int64_t count() const;

  /// Lists what neighbors told last, by `name`.
  void walk_state(StateWalker& walker, const std::string& name);

 private:
  ConstArrayView relay(std::size_t neighbor) const {
    return told_[neighbor].floats().part(0, size_);
  }

  std::vector<Uid> neighbors_;
  std::size_t size_;
  ArrayPool messages_;
  std::vector<Body> told_;     // by each neighbor, in their order; behind m_ji stands
  std::vector<float> counts_;  // c_ji
};

}  // namespace kith
