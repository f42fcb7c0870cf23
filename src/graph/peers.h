#pragma once

#include <utility>
#include <vector>

#include "graph/schedule.h"

namespace kith {

/// Neighborhoods of rounds in which weights go both ways: senders are receivers.

/// A node that neither hears nor tells anything this round.
inline Neighborhood alone() { return {}; }

/// Puts `self_weight` on itself and the weights of `peers`, ascending by uid, on them.
inline Neighborhood with_peers(double self_weight, std::vector<Neighborhood::Sender> peers) {
  Neighborhood neighborhood{self_weight, std::move(peers), {}};
  neighborhood.receivers.reserve(neighborhood.senders.size());
  for (const auto& peer : neighborhood.senders) neighborhood.receivers.push_back(peer.uid);
  return neighborhood;
}

/// Averages with `peer`: ½ of each.
inline Neighborhood average_with(Uid peer) { return {0.5, {{peer, 0.5}}, {peer}}; }

/// The nodes first, first + stride, …, `size` of them.
struct Group {
  std::int64_t first, stride, size;
};

/// Averages with all others of its group.
inline Neighborhood average_over(const Group& group, Uid node) {
  const double weight = 1.0 / double(group.size);
  std::vector<Neighborhood::Sender> peers;
  peers.reserve(std::size_t(group.size - 1));
  for (std::int64_t m = 0; m < group.size; ++m) {
    const auto uid = static_cast<Uid>(group.first + m * group.stride);
    if (uid != node) peers.push_back({uid, weight});
  }
  return with_peers(weight, std::move(peers));
}

}  // namespace kith
