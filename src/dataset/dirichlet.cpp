#include <algorithm>
#include <cmath>
#include <queue>

#include "core/error.h"
#include "core/portable_math.h"
#include "core/random.h"
#include "core/text.h"
#include "dataset/partition.h"

namespace kith {
namespace {

/// p ~ Dir(α·1_n). Works with logarithms of gamma variates, which themselves underflow for small α.
std::vector<double> dirichlet_variate(std::size_t n, double alpha, Random& random) {
  // Below this the logarithms overflow; long before, one entry is 1 and the others are 0.
  constexpr double kSmallestAlpha = 1e-300;
  std::vector<double> p(n);
  for (double& entry : p) entry = random.log_gamma_variate(std::max(alpha, kSmallestAlpha));
  const double largest = *std::ranges::max_element(p);
  double sum = 0;
  for (double& entry : p) sum += entry = portable::exp(entry - largest);
  for (double& entry : p) entry /= sum;
  return p;
}

/// Appends to every node its share of `members`, which are cut at the rounded cumulative shares.
void cut_by_shares(std::span<const std::uint32_t> members, std::span<const double> shares,
                   Partition& partition) {
  const auto count = static_cast<double>(members.size());
  double cumulative = 0;
  std::size_t begin = 0;
  for (std::size_t node = 0; node < shares.size(); ++node) {
    cumulative += shares[node];
    // The sum of all shares is 1 up to rounding; the last node gets what is left.
    const bool last = node + 1 == shares.size();
    const auto cut = static_cast<std::size_t>(std::floor(cumulative * count + 0.5));
    const std::size_t end = last ? members.size() : std::min(cut, members.size());
    const auto own = members.subspan(begin, end - begin);
    partition[node].insert(partition[node].end(), own.begin(), own.end());
    begin = end;
  }
}

/// Nodes with fewer than `minimum` samples take some, one at a time, from the node that has most
/// (of several the lowest). There are at least nodes · minimum samples, so that one has more than
/// `minimum`. Those who take end at `minimum` and never come to the top of the queue.
void level_up(Partition& partition, std::size_t minimum) {
  using SizeAndRank = std::pair<std::size_t, std::size_t>;  // the largest comes first
  std::priority_queue<SizeAndRank> largest;
  const std::size_t n = partition.size();
  for (std::size_t node = 0; node < n; ++node) largest.emplace(partition[node].size(), n - node);
  for (auto& poor : partition) {
    while (poor.size() < minimum) {
      const std::size_t rank = largest.top().second;
      largest.pop();
      auto& rich = partition[n - rank];
      poor.push_back(rich.back());
      rich.pop_back();
      largest.emplace(rich.size(), rank);
    }
  }
}

/// For every class c, p_c ~ Dir(α·1_n) over the n nodes, and node i gets the part p_c[i] of the
/// shuffled samples of that class. Small α: few classes on a node, and few nodes for a class.
/// (Yurochkin, Agarwal, Ghosh, Greenewald, Hoang & Khazaeni, "Bayesian nonparametric federated
/// learning of neural networks", ICML 2019.) A node may end without samples; `minimum` prevents
/// it, and moves the distribution away from Dirichlet.
class Dirichlet final : public Partitioner {
 public:
  struct Params {
    double alpha = 0;
    std::int64_t minimum = 0;

    void fields(Fields& f) {
      f.required("alpha", alpha, "concentration: small for nodes that differ, large for alike ones",
                 Range{.above = 0});
      f.optional("minimum", minimum,
                 "samples every node has at least, taken from the largest nodes; at 0 a node may "
                 "have none and only mix",
                 Range{.at_least = 0});
    }
  };

  explicit Dirichlet(Params params) : params_(params) {}

  Partition deal(const Samples& samples, std::int64_t nodes, std::uint64_t seed) const override {
    check(samples, nodes);
    const auto n = static_cast<std::size_t>(nodes);
    Partition partition(n);
    const auto classes = members_by_class(samples.labels);
    for (std::uint32_t c = 0; c < classes.size(); ++c) {
      std::vector<std::uint32_t> members = classes[c];
      Random random(seed, Purpose::kPartition, c);
      shuffle(std::span(members), random);
      cut_by_shares(members, dirichlet_variate(n, params_.alpha, random), partition);
    }
    level_up(partition, static_cast<std::size_t>(params_.minimum));
    return partition;
  }

 private:
  void check(const Samples& samples, std::int64_t nodes) const {
    if (samples.labels.size() != samples.size()) {
      throw ConfigError(
          "/dataset/partition: dirichlet deals by class, and these samples have none; use iid, "
          "contiguous or by_column");
    }
    const auto count = static_cast<std::int64_t>(samples.size());
    if (params_.minimum > count / nodes) {
      throw ConfigError("/dataset/partition/minimum: " + count_of(samples.size(), "sample") +
                        " are too few for " + std::to_string(params_.minimum) + " on each of " +
                        count_of(static_cast<std::uint64_t>(nodes), "node"));
    }
  }

  static std::vector<std::vector<std::uint32_t>> members_by_class(
      const std::vector<std::int64_t>& labels) {
    std::vector<std::vector<std::uint32_t>> members;
    for (std::uint32_t i = 0; i < labels.size(); ++i) {
      const auto c = static_cast<std::size_t>(labels[i]);
      if (c >= members.size()) members.resize(c + 1);
      members[c].push_back(i);
    }
    return members;
  }

  Params params_;
};

const Register<Partitioner, Dirichlet> registered{
    "dirichlet", "every class is dealt by its own Dirichlet(alpha) shares over the nodes"};

}  // namespace
}  // namespace kith
