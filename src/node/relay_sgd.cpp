#include <algorithm>
#include <deque>
#include <optional>

#include "core/buffer.h"
#include "kernels/mix.h"
#include "kernels/sparse.h"
#include "kernels/vector_ops.h"
#include "node/equal_shares.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"
#include "node/relay_sum.h"

namespace kith {
namespace {

/// RelaySGD (Vogels et al., NeurIPS 2021, arXiv:2110.04175, Algorithm 1): on a tree, what a node
/// has trained is passed on (see RelaySum) until it has come to every other, so that differences in
/// the nodes' data do no harm. With x½ what the local steps make of x, and c_i how many have come:
///
///     x⁺_i = (x½_i + Σ_j m_ji + (n − c_i) fill) / n
///
/// `fill` stands for those who are still too far away: x_0, or the node's own x½. In relays of
/// updates (RelaySum/Grad) what travels is u = x½ − x, and x⁺_i = x_i + (u_i + Σ_j m_ji) / n. Then
/// nodes differ by the updates that are still under way to them.
///
/// On double trees the even coordinates travel on the graph's tree and the odd ones on its mirror
/// image, where node i has the place of n − 1 − i: of a binary tree who is a leaf in one is none in
/// the other, and nobody sends more than about two whole vectors a round.
class RelaySgd final : public Protocol {
 public:
  struct Params {
    std::string relay = "models";
    std::optional<std::string> fill;
    bool double_tree = false;

    void fields(Fields& f) {
      f.optional("relay", relay, "what travels: what the local steps end at, or what they moved by",
                 Choices{{"models", "updates"}});
      f.optional("fill", fill,
                 "with models, what stands for nodes not heard of yet: where all began (the "
                 "default), or the node's own",
                 Choices{{"x0", "self"}});
      f.check(!fill || relay == "models", "fill",
              "is for \"relay\": \"models\"; updates need none");
      f.optional("double_tree", double_tree,
                 "whether odd coordinates travel on the mirror image of the tree");
    }
  };

  explicit RelaySgd(const Params& params)
      : relays_models_(params.relay == "models"),
        fills_with_self_(params.fill == "self"),
        trees_(params.double_tree ? 2 : 1) {}

  bool on_device() const override { return true; }

  Needs needs() const override { return {.tree = true, .equal_start = !fills_with_self_}; }

  std::vector<Channel::Spec> channels() const override { return {}; }

  /// One for each tree.
  Kind own_kinds(std::int64_t) const override { return static_cast<Kind>(trees_); }

  Task<> run(Node& self) override {
    plant(self);
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      if (relays_models_) {
        co_await relay_models(self);
      } else {
        co_await relay_updates(self);
      }
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override {
    walker.tensor("x0", x0_.view());
    for (std::size_t tree = 0; tree < sums_.size(); ++tree) {
      sums_[tree].walk_state(walker, tree == 0 ? "relay" : "mirrored_relay");
    }
  }

 private:
  void plant(Node& self) {
    const std::size_t d = self.x().size;
    const auto last = static_cast<Uid>(self.nodes() - 1);
    for (std::size_t tree = 0; tree < trees_; ++tree) {
      const Uid place = tree == 0 ? self.uid() : last - self.uid();
      std::vector<Uid> neighbors = self.schedule().neighborhood(place, 0).receivers;
      if (tree == 1) {
        std::ranges::reverse(neighbors);
        for (Uid& uid : neighbors) uid = last - uid;
      }
      const std::size_t size = (d + trees_ - 1 - tree) / trees_;
      sums_.emplace_back(std::move(neighbors), size, self.device());
      rooms_.emplace_back(trees_ == 1 ? 0 : size, self.device());
    }
    own_.resize(trees_);
    other_room_ = Array(rooms_[0].size(), self.device());
    evens_ = Buffer<std::uint32_t>(self.device());
    evens_.fill([this](std::vector<std::uint32_t>& evens) {
      evens.resize(rooms_[0].size());
      for (std::size_t i = 0; i < evens.size(); ++i) evens[i] = static_cast<std::uint32_t>(2 * i);
    });
    if (!relays_models_ || fills_with_self_) return;
    x0_ = Array(d, self.device());
    copy(self.x(), x0_.view());
  }

  Task<> relay_models(Node& self) {
    co_await self.train();
    const ArrayView x = self.edit_x();
    co_await pass_on(self, x);
    const EqualShares share(self.nodes());
    for (std::size_t tree = 0; tree < trees_; ++tree) {
      const float missing = static_cast<float>(self.nodes() - sums_[tree].count()) * share.each;
      std::vector<kernels::Term> terms = relays(tree, share.each);
      if (missing > 0 && !fills_with_self_) {
        terms.push_back({missing, part(tree, x0_.view(), other_room_)});
      }
      const float own = share.own + (fills_with_self_ ? missing : 0);
      kernels::mix(own, own_[tree], terms, own_[tree]);
      put_back(tree, own_[tree], x);
    }
  }

  Task<> relay_updates(Node& self) {
    const std::shared_ptr<Array> u = self.vector();
    co_await self.local_update(u->view());
    kernels::subtract(u->view(), self.x(), u->view());
    co_await pass_on(self, u->view());
    const float share = EqualShares(self.nodes()).each;
    const ArrayView x = self.edit_x();
    for (std::size_t tree = 0; tree < trees_; ++tree) {
      std::vector<kernels::Term> terms = relays(tree, share);
      terms.insert(terms.begin(), {share, own_[tree]});
      const ArrayView moved = part(tree, x, other_room_);
      kernels::mix(1, moved, terms, moved);
      put_back(tree, moved, x);
    }
  }

  /// Tells the neighbors in each tree about its part of `u`, and hears them.
  Task<> pass_on(Node& self, ArrayView u) {
    if (!kernels::all_finite(u)) {
      throw NumericError("a parameter is not finite; a smaller learning rate may help");
    }
    for (std::size_t tree = 0; tree < trees_; ++tree) {
      own_[tree] = part(tree, u, rooms_[tree]);
      const std::vector<Slot> messages = sums_[tree].tell(own_[tree]);
      for (std::size_t k = 0; k < messages.size(); ++k) {
        const std::span<const Uid> to(&sums_[tree].neighbors()[k], 1);
        co_await self.post(static_cast<Kind>(tree), Body(messages[k]), to);
      }
    }
    for (std::size_t tree = 0; tree < trees_; ++tree) {
      const std::vector<Message> told =
          co_await self.collect(static_cast<Kind>(tree), sums_[tree].neighbors());
      sums_[tree].hear(told, self.nodes());
    }
  }

  /// m_ji / n for each neighbor.
  std::vector<kernels::Term> relays(std::size_t tree, float share) const {
    std::vector<kernels::Term> terms;
    for (const ConstArrayView m : sums_[tree].heard()) terms.push_back({share, m});
    return terms;
  }

  /// The coordinates that travel on `tree`: copied to `room`, unless all do.
  ArrayView part(std::size_t tree, ArrayView all, Array& room) const {
    if (trees_ == 1) return all;
    const ArrayView part = room.view().part(0, rooms_[tree].size());
    kernels::gather(all.part(tree, all.size - tree), evens(part.size), part);
    return part;
  }

  void put_back(std::size_t tree, ConstArrayView part, ArrayView all) const {
    if (trees_ == 1) return;
    kernels::scatter(evens(part.size), part, all.part(tree, all.size - tree));
  }

  /// Where so many coordinates of a tree are, from its first on.
  std::span<const std::uint32_t> evens(std::size_t count) const {
    return evens_.span().first(count);
  }

  bool relays_models_;
  bool fills_with_self_;
  std::size_t trees_;
  Array x0_;
  std::deque<RelaySum> sums_;  // by tree
  std::vector<Array> rooms_;   // for a part of the node's own vector, by tree
  std::vector<ArrayView> own_;
  Array other_room_;
  Buffer<std::uint32_t> evens_;  // 0, 2, 4, …
};

const Register<Protocol, RelaySgd> registered{
    "relay_sgd", "RelaySGD: on a tree, what each node trained is passed on to all others",
    ProtocolFacts{
        .recursion =
            "m_ij = x_i + u_i + Σ_{k ≠ j} m_ki, to each neighbor j; c_ij = 1 + Σ_{k ≠ j} c_ki\n"
            "x⁺ = (x + u + Σ_j m_ji + (n − 1 − Σ_j c_ji)·fill) / n",
        .sends = "4·(d + 1)·g",
        .keeps = "what each neighbor passed on last; with fill x0 the start",
        .needs = "a tree; equal parameters at the start, unless the fill is the node's own",
        .fixed_point =
            "of models the optimum, for η that is small enough: the smaller, the wider the "
            "tree; of updates off it by the order of η, of the tree's width and of how "
            "much the nodes' data differ",
        .source = "Vogels et al., NeurIPS 2021 (arXiv:2110.04175)"}};

}  // namespace
}  // namespace kith
