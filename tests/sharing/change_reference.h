#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "sharing/gossip_network.h"
#include "support/folder.h"

namespace kith {

using Doubles = std::vector<double>;

/// The sharing of changed coordinates on a ring, as decentralizepy and the JWINS paper describe it:
/// an accumulator that changes are added to, gaps filled before averaging, everything averaged in
/// the transformed domain. In float64, coordinate by coordinate.
class ChangeReference {
 public:
  std::function<Doubles(const Doubles&)> forward = [](const Doubles& x) { return x; };
  std::function<Doubles(const Doubles&)> inverse = forward;
  std::size_t width = 1;  ///< numbers a coordinate
  std::string accumulation = "none";

  /// How many coordinates a node says.
  std::function<std::size_t(std::size_t node)> count;

  void start(const GossipNetwork& network) {
    previous_ = vectors(network);
    accumulator_.assign(network.nodes(), Doubles(forward(previous_[0]).size()));
  }

  /// What the network's vectors become in its next round.
  std::vector<Doubles> round(const GossipNetwork& network) {
    const std::size_t n = network.nodes();
    y_ = vectors(network);
    said_.assign(n, {});
    for (std::size_t i = 0; i < n; ++i) choose(i);
    std::vector<Doubles> next;
    for (std::size_t i = 0; i < n; ++i) {
      const Doubles own = forward(y_[i]);
      Doubles sum(own);
      for (double& value : sum) value /= 3;
      for (const std::size_t j : {(i + n - 1) % n, (i + 1) % n}) {
        Doubles filled = own;
        const Doubles theirs = forward(y_[j]);
        for (const std::size_t k : said_[j]) filled[k] = theirs[k];
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += filled[k] / 3;
      }
      next.push_back(inverse(sum));
    }
    return next;
  }

  /// Adds what the averaging changed to the accumulators. The network has had its round.
  void finish(const GossipNetwork& network) {
    const std::vector<Doubles> next = vectors(network);
    for (std::size_t i = 0; i < network.nodes(); ++i) {
      if (accumulation == "none") accumulator_[i].assign(accumulator_[i].size(), 0);
      if (accumulation == "legacy") add(accumulator_[i], next[i], previous_[i]);
      if (accumulation == "paper") add(accumulator_[i], next[i], y_[i]);
    }
    previous_ = next;
  }

  /// The numbers of the coordinates' floats that node i said last, ascending.
  const std::vector<std::size_t>& said(std::size_t i) const { return said_[i]; }

 private:
  static std::vector<Doubles> vectors(const GossipNetwork& network) {
    std::vector<Doubles> rows;
    for (std::size_t i = 0; i < network.nodes(); ++i) {
      const ConstArrayView x = network.vector(i)->view();
      rows.emplace_back(x.begin(), x.end());
    }
    return rows;
  }

  void add(Doubles& sum, const Doubles& a, const Doubles& b) const {
    const Doubles ta = forward(a), tb = forward(b);
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += ta[k] - tb[k];
  }

  void choose(std::size_t i) {
    Doubles score = accumulator_[i];
    add(score, y_[i], previous_[i]);
    if (accumulation == "local" || accumulation == "paper") accumulator_[i] = score;
    Doubles size(score.size() / width);
    for (std::size_t k = 0; k < score.size(); ++k) size[k / width] += score[k] * score[k];
    std::vector<std::size_t> order(size.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, [&](auto a, auto b) { return size[a] > size[b]; });
    order.resize(count(i));
    std::ranges::sort(order);
    for (const std::size_t coordinate : order) {
      for (std::size_t part = 0; part < width; ++part) {
        said_[i].push_back(width * coordinate + part);
        accumulator_[i][said_[i].back()] = 0;
      }
    }
  }

  std::vector<Doubles> previous_, accumulator_, y_;
  std::vector<std::vector<std::size_t>> said_;
};

/// Plays `rounds` rounds of learning and talking, and holds each against the reference.
inline void expect_as_reference(GossipNetwork& network, ChangeReference& reference, int rounds,
                                double tolerance = 2e-6) {
  reference.start(network);
  for (int round = 0; round < rounds; ++round) {
    network.learn();
    const std::vector<Doubles> expected = reference.round(network);
    network.round();
    for (std::size_t i = 0; i < network.nodes(); ++i) {
      for (std::size_t k = 0; k < network.size(); ++k) {
        ASSERT_NEAR(network.x(i, k), expected[i][k], tolerance)
            << "round " << round << ", node " << i << ", parameter " << k;
      }
    }
    reference.finish(network);
  }
}

/// Both play `rounds` rounds; each then has the same bits.
inline void expect_same_bits(GossipNetwork& a, GossipNetwork& b, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    a.learn();
    b.learn();
    a.round();
    b.round();
    for (std::size_t i = 0; i < a.nodes(); ++i) {
      for (std::size_t k = 0; k < a.size(); ++k) {
        ASSERT_EQ(a.x(i, k), b.x(i, k)) << "round " << round << ", node " << i;
      }
    }
  }
}

/// `b`, which is where `a` is, goes three rounds ahead and is thrown back to a's state: from there
/// both go on alike.
inline void expect_resumes(GossipNetwork& a, GossipNetwork& b, int rounds) {
  for (int ahead = 0; ahead < 3; ++ahead) {
    b.learn();
    b.round();
  }
  b.rewind(3);
  for (std::size_t i = 0; i < a.nodes(); ++i) {
    StateCopy state;
    a.method(i).walk_state(state);
    state.restores = true;
    b.method(i).walk_state(state);
    for (std::size_t k = 0; k < a.size(); ++k) b.x(i, k) = a.x(i, k);
  }
  expect_same_bits(a, b, rounds);
}

}  // namespace kith
