#pragma once

#include <deque>
#include <string>
#include <vector>

#include "graph/schedule.h"
#include "node/relay_sum.h"

namespace kith {

/// The nodes of a tree that a graph of Kith is, who tell each other in rounds.
class RelayTree {
 public:
  RelayTree(const std::string& graph, std::int64_t n, std::size_t size) {
    const auto chosen = Schedule::registry().standard(graph);
    const auto schedule = chosen.make({n, 1, &chosen.common()});
    for (Uid uid = 0; uid < n; ++uid) {
      sums.emplace_back(schedule->neighborhood(uid, 0).receivers, size);
    }
  }

  /// A round in which node i brings `own`[i].
  void round(const std::vector<Array>& own) {
    std::vector<std::vector<Message>> inbox(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const std::vector<Slot> messages = sums[i].tell(own[i].view());
      for (std::size_t k = 0; k < messages.size(); ++k) {
        inbox[std::size_t(sums[i].neighbors()[k])].push_back({Uid(i), 0, 0, Body(messages[k])});
      }
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i].hear(inbox[i], std::int64_t(sums.size()));
    }
  }

  std::deque<RelaySum> sums;
};

/// 1000 j + t for node j.
inline std::vector<Array> numbers(std::size_t n, double t) {
  std::vector<Array> own;
  for (std::size_t j = 0; j < n; ++j)
    own.emplace_back(1)[0] = static_cast<float>(1000.0 * double(j) + t);
  return own;
}

/// What has come to a node of one number, with its own.
inline float sum_at(const RelaySum& sum, const Array& own) {
  float all = own[0];
  for (const ConstArrayView m : sum.heard()) all += m.data[0];
  return all;
}

}  // namespace kith
