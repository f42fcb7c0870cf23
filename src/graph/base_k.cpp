#include <algorithm>

#include "graph/mixed_radix.h"
#include "graph/node_count.h"
#include "graph/own_weights.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// The Simple Base-(k+1) Graph of n nodes at places 0..n-1. Where n is a product of factors up to
/// k + 1 it is their Hyper-HyperCube. Else n = Σ a_l (k+1)^p_l with p_1 > … > p_L, a_l ≤ k, and the
/// places fall into parts V_1, …, V_L, of a_l blocks of (k+1)^p_l each:
///   - rounds 0..m−1: every part averages in itself, by its Hyper-HyperCube; m is that of V_1;
///   - round m+j−1: every node behind V_j links to a node of its own in each block of V_j, with
///         w = (k+1)^p_j / Σ_{i≥j} |V_i|,
///     after which the nodes of each block of V_j, and those behind V_j, have the average of the
///     whole network as their own;
///   - after its exchange every V_j averages inside its blocks, in p_j rounds.
/// The average is exact after m + 1 + p_1 rounds.
class SimpleBase {
 public:
  SimpleBase(std::int64_t nodes, std::int64_t k) {
    if (auto whole = MixedRadix::of(nodes, k + 1)) {
      rounds_ = within_ = whole->digits();
      parts_.push_back({0, nodes, 1, nodes, *whole, {}});
      return;
    }
    std::int64_t block = 1;
    while (block <= nodes / (k + 1)) block *= k + 1;
    for (std::int64_t begin = 0; begin < nodes; block /= k + 1) {
      const std::int64_t blocks = (nodes - begin) / block;
      if (blocks == 0) continue;
      parts_.push_back({begin, begin + blocks * block, blocks, block,
                        MixedRadix::of(blocks * block, k + 1).value(),
                        MixedRadix::of(block, k + 1).value()});
      begin = parts_.back().end;
    }
    within_ = parts_.front().whole.digits();
    rounds_ = within_ + 1 + parts_.front().inside.digits();
  }

  Round rounds() const { return rounds_; }

  /// The neighborhood of `place`; `offset` is added to every uid.
  Neighborhood neighborhood(std::int64_t place, Round round, std::int64_t offset) const {
    const auto part = std::ranges::find_if(parts_, [&](const Part& p) { return place < p.end; });
    const std::int64_t own = part - parts_.begin();
    if (round < within_) {
      return average(part->whole, round, part->begin, place, offset);
    }
    const Round exchange = round - within_;
    if (exchange < own) return link_to_blocks(parts_[std::size_t(exchange)], place, offset);
    if (part->end == nodes()) return alone();  // the last part has nobody behind it, and is done
    if (exchange == own) return link_from_block(*part, place, offset);
    if (exchange - own > part->inside.digits()) return alone();
    const std::int64_t in_block = (place - part->begin) % part->block;
    return average(part->inside, exchange - own - 1, place - in_block, place, offset);
  }

 private:
  struct Part {
    std::int64_t begin, end;
    std::int64_t blocks, block;  // a_l, and the size (k + 1)^p_l of each
    MixedRadix whole, inside;    // of the part, and of a block
  };

  std::int64_t nodes() const { return parts_.back().end; }

  /// Averages over the digits of `radix`, again and again; its number 0 is at `begin`.
  static Neighborhood average(const MixedRadix& radix, Round round, std::int64_t begin,
                              std::int64_t place, std::int64_t offset) {
    if (radix.digits() == 0) return alone();
    Group group = radix.group(place - begin, round % radix.digits());
    group.first += begin + offset;
    return average_over(group, static_cast<Uid>(place + offset));
  }

  double link_weight(const Part& part) const {
    return double(part.block) / double(nodes() - part.begin);
  }

  /// The last places of each block are linked to those behind the part, in order.
  Neighborhood link_to_blocks(const Part& part, std::int64_t place, std::int64_t offset) const {
    const double weight = link_weight(part);
    const std::int64_t from_end = nodes() - place;
    std::vector<Neighborhood::Sender> peers;
    for (std::int64_t b = 1; b <= part.blocks; ++b) {
      const std::int64_t peer = part.begin + b * part.block - from_end;
      peers.push_back({static_cast<Uid>(peer + offset), weight});
    }
    return with_peers(1 - double(part.blocks) * weight, std::move(peers));
  }

  Neighborhood link_from_block(const Part& part, std::int64_t place, std::int64_t offset) const {
    const std::int64_t from_end = part.block - (place - part.begin) % part.block;
    if (from_end > nodes() - part.end) return alone();
    const double weight = link_weight(part);
    return with_peers(1 - weight, {{static_cast<Uid>(nodes() - from_end + offset), weight}});
  }

  std::vector<Part> parts_;
  Round within_ = 0;  // m
  Round rounds_ = 0;
};

/// The Base-(k+1) Graph (Takezawa, Sato, Bao, Niwa & Yamada, NeurIPS 2023): exact averaging of any
/// number of nodes after few rounds, in which nobody has more than k neighbors. Let p be the
/// largest divisor of n without prime factors above k + 1, and q = n / p. p groups of q nodes in a
/// row run the Simple Base-(k+1) Graph; then those that hold the same place in each of the groups
/// run a Hyper-HyperCube. Where the Simple graph of all n nodes is strictly shorter, it is taken.
/// Every W is symmetric and doubly stochastic; only whole periods, from a multiple of the period
/// on, average exactly.
class BaseK final : public Schedule {
 public:
  struct Params {
    std::int64_t k = 0;
    bool simple = false;

    void fields(Fields& f) {
      f.required("k", k, "most neighbors at a time", Range{.at_least = 1});
      f.optional("simple", simple, "the Simple Base-(k+1) Graph even where Base-(k+1) is shorter");
    }
  };

  BaseK(Params params, const Context& context)
      : BaseK(context.nodes, most_neighbors(params.k, context.nodes), params.simple) {
    require_own_weights(context, "base_k");
  }

  BaseK(std::int64_t nodes, std::int64_t k, bool take_simple)
      : group_(nodes / smooth_part(nodes, k + 1)),
        groups_(nodes / group_),
        within_(group_, k),
        across_(MixedRadix::of(groups_, k + 1).value()) {
    const SimpleBase simple(nodes, k);
    if (!take_simple && simple.rounds() >= within_.rounds() + across_.digits()) return;
    within_ = simple;
    across_ = MixedRadix();
    group_ = nodes;
    groups_ = 1;
  }

  std::int64_t nodes() const override { return group_ * groups_; }

  Neighborhood neighborhood(Uid node, Round round) const override {
    if (nodes() == 1) return alone();
    const Round now = round % period();
    const std::int64_t number = node / group_;
    if (now < within_.rounds()) {
      return within_.neighborhood(node % group_, now, number * group_);
    }
    const auto [first, stride, size] = across_.group(number, now - within_.rounds());
    return average_over({first * group_ + node % group_, stride * group_, size}, node);
  }

  Round period() const override { return std::max<Round>(1, within_.rounds() + across_.digits()); }

 private:
  std::int64_t group_;   // q
  std::int64_t groups_;  // p
  SimpleBase within_;
  MixedRadix across_;
};

const Register<Schedule, BaseK> registered{
    "base_k", "Base-(k+1): exact averaging of any number of nodes, of k neighbors at a time",
    TopologyFacts{.degree = "at most k",
                  .period = "at most 2·log(n)/log(k + 1) + 2",
                  .product_distance = "0",
                  .source = "Takezawa, Sato, Bao, Niwa & Yamada, NeurIPS 2023 (arXiv:2305.11420)",
                  .example = "--nodes 12 --k 1"}};

}  // namespace
}  // namespace kith
