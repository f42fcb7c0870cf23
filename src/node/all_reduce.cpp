#include <deque>

#include "core/device_memory.h"
#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// Every node gets the mean over all n nodes by a ring all-reduce (Patarasuk & Yuan, J. Parallel
/// Distrib. Comput. 2009), whatever the graph: the baseline of data-parallel training. A vector is
/// cut into n chunks. In n − 1 steps node i passes chunk i − s, to which its predecessors have
/// added theirs, on to node i + 1, which adds its own; in n − 1 more the sums go round. A node
/// sends 2 (n − 1) / n vectors a round, however many there are.
///
/// Of `gradients` the mean is taken at every step: synchronous SGD, x⁺ = x − η (1/n) Σ_i g_i(x),
/// the same on all nodes, and D-PSGD on the complete graph. A node without data counts, with
/// gradient zero. Of `models` it is taken after the local steps: x⁺ = (1/n) Σ_i (x_i + u_i), local
/// SGD.
///
/// All nodes get the same bits: each chunk is added up in the order of the ring, from node k on for
/// chunk k.
class AllReduce final : public Protocol {
 public:
  struct Params {
    std::string average = "gradients";

    void fields(Fields& f) {
      f.optional("average", average,
                 "what the mean is taken of: gradients, or models after training",
                 Choices{{"gradients", "models"}});
    }
  };

  explicit AllReduce(const Params& params) : averages_models_(params.average == "models") {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    if (averages_models_) return {};
    return {.equal_start = true,
            .one_step = true,
            .because = "it averages gradients, as \"average\": \"models\" would not"};
  }

  std::vector<Channel::Spec> channels() const override { return {}; }

  Kind own_kinds(std::int64_t nodes) const override {
    constexpr std::int64_t kMostNodes =
        16'384;  // each step is a kind, which a header has 16 bits for
    if (nodes > kMostNodes) {
      throw ConfigError(
          "/nodes: all_reduce passes chunks around in 2 (n - 1) steps a round, and can "
          "number those of at most 16,384 nodes; got " +
          std::to_string(nodes));
    }
    return static_cast<Kind>(2 * (nodes - 1));
  }

  Task<> run(Node& self) override {
    cut(self);
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      if (averages_models_) {
        co_await self.train();
        co_await average(self, self.edit_x());
      } else if (self.trainer().takes_steps()) {
        const std::shared_ptr<Array> g = self.vector();
        co_await self.gradient(g->view());
        co_await average(self, g->view());
        self.step(g->view());
      }
      co_await self.observe(round + 1);
    }
  }

 private:
  void cut(Node& self) {
    nodes_ = static_cast<std::size_t>(self.nodes());
    place_ = static_cast<std::size_t>(self.uid());
    next_ = static_cast<Uid>((place_ + 1) % nodes_);
    last_ = static_cast<Uid>((place_ + nodes_ - 1) % nodes_);
    shortest_ = self.x().size / nodes_;
    pools_.emplace_back(shortest_, self.device());
    pools_.emplace_back(shortest_ + 1, self.device());
  }

  /// v ← the mean of all nodes' v.
  Task<> average(Node& self, ArrayView v) {
    if (!kernels::all_finite(v)) {
      throw NumericError("a parameter or gradient is not finite; a smaller learning rate may help");
    }
    if (nodes_ == 1) co_return;
    std::shared_ptr<Array> sum = room(chunk(v, place_).size);
    copy(chunk(v, place_), sum->view());
    for (std::size_t step = 0; step + 1 < nodes_; ++step) {
      const ArrayView mine = chunk(v, place_ + nodes_ - step - 1);
      const Body said((Slot(sum)));
      const Body heard = co_await pass(self, step, said, mine.size);
      sum = room(mine.size);
      kernels::add_scaled(heard.floats(), 1, mine, sum->view());
    }
    // Not Σ · (1/n): that is rounded once more, always the same way.
    kernels::divide(sum->view(), static_cast<double>(nodes_));
    copy(sum->view(), chunk(v, place_ + 1));
    Body mean((Slot(sum)));
    for (std::size_t step = 0; step + 1 < nodes_; ++step) {
      const ArrayView due = chunk(v, place_ + nodes_ - step);
      mean = co_await pass(self, nodes_ - 1 + step, mean, due.size);
      copy(mean.floats(), due);
    }
  }

  /// Hands `body` on, and gives what the node before hands on, which is of that size. Nobody says
  /// chunks that are empty, as some are when there are more nodes than numbers.
  Task<Body> pass(Node& self, std::size_t step, Body body, std::size_t size) {
    const auto kind = static_cast<Kind>(step);
    if (body.size() > 0) co_await self.post(kind, body, std::span(&next_, 1));
    if (size == 0) co_return Body();
    const std::vector<Message> heard = co_await self.collect(kind, std::span(&last_, 1));
    const std::size_t told = heard.front().body.floats().size;
    if (told != size) {
      throw PeerError("node " + std::to_string(last_) + " sent a chunk of " + std::to_string(told) +
                      " numbers, not " + std::to_string(size));
    }
    co_return heard.front().body;
  }

  /// Chunk k mod n of a vector of d: from ⌊k d / n⌋ on.
  ArrayView chunk(ArrayView v, std::size_t k) const {
    k %= nodes_;
    const std::size_t begin = k * v.size / nodes_;
    return v.part(begin, (k + 1) * v.size / nodes_ - begin);
  }

  std::shared_ptr<Array> room(std::size_t size) { return pools_[size - shortest_].take(); }

  bool averages_models_;
  std::size_t nodes_ = 1;
  std::size_t place_ = 0;
  Uid next_ = 0;
  Uid last_ = 0;
  std::size_t shortest_ = 0;     // of the chunks; no other is longer by more than one
  std::deque<ArrayPool> pools_;  // for the shortest, and for those
};

const Register<Protocol, AllReduce> registered{
    "all_reduce", "a mean over all nodes every round, by a ring all-reduce: synchronous SGD",
    ProtocolFacts{
        .recursion = "gradients: x⁺ = x − η (1/n) Σ_j g_j(x), or another optimizer's step\n"
                     "models: x⁺ = (1/n) Σ_j (x_j + u_j(x_j))",
        .sends = "8·d·(n − 1)/n",
        .needs =
            "nothing of the graph; for gradients one local step and equal parameters at the start",
        .fixed_point =
            "gradients, or models after one step: the optimum; models after several: off "
            "it by the order of η and of how much the nodes' data differ",
        .source = "the ring: Patarasuk & Yuan, J. Parallel Distrib. Comput. 2009"}};

}  // namespace
}  // namespace kith
