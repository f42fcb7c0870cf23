#include <algorithm>
#include <cmath>

#include "node/peer_service.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

constexpr Kind kNeighbors = 0, kNote = 0;  // no variant has both

/// Epidemic learning (de Vos, Farhadkhani, Guerraoui, Kermarrec, Pires & Sharma, NeurIPS 2023,
/// arXiv:2310.01972): every round local steps, then models go to a few others that are drawn anew,
/// and whoever hears the nodes S_i becomes (y_i + Σ_{j ∈ S_i} y_j) / (1 + |S_i|).
///
/// oracle  A peer sampler draws for all: in the paper a random s-regular graph, random_regular
/// here. local   Every node draws s others by itself, as the graph epidemic has it, and needs
/// nobody to
///         know that: a note of one byte tells each of the others whether a model came.
///
/// Either way the run is that of dpsgd on the same graph bit for bit.
class EpidemicLearning final : public Protocol {
 public:
  struct Params {
    std::string variant = "local";

    void fields(Fields& f) {
      f.optional("variant", variant, "who draws the peers: each node, or a peer sampler for all",
                 Choices{{"local", "oracle"}});
    }
  };

  explicit EpidemicLearning(const Params& params) : is_local_(params.variant == "local") {}

  bool on_device() const override { return true; }

  Needs needs() const override { return {.row_stochastic = true}; }

  void check(const Schedule& schedule, Round) const override {
    if (schedule.period() == 1 && schedule.nodes() > 2) {
      throw ConfigError(
          "/graph: epidemic needs peers that are drawn anew in every round, but this graph stays "
          "the "
          "same; use epidemic, random_regular or random_matching");
    }
    for (Uid uid = 0; is_local_ && uid < schedule.nodes(); ++uid) {
      const Neighborhood row = schedule.neighborhood(uid, 0);
      for (const Neighborhood::Sender& sender : row.senders) {
        if (std::abs(sender.weight - row.self_weight) < 1e-12) continue;
        throw ConfigError(
            "/graph/weights: epidemic needs weights that are equal for all that a node averages; "
            "use "
            "neighborhood_mean, or the graph's own");
      }
    }
  }

  Kind own_kinds(std::int64_t) const override { return 1; }
  std::string service_name() const override { return is_local_ ? "" : "the peer sampler"; }
  std::unique_ptr<Service> make_service(const Service::Context& context) const override {
    return is_local_ ? nullptr : std::make_unique<PeerService>(context, kNeighbors);
  }

  Task<> run(Node& self) override {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      if (is_local_) {
        self.begin_apart(round);
        co_await self.train();
        co_await mix_with_whoever_says(self);
      } else {
        co_await PeerService::begin(self, round, kNeighbors, true);
        co_await self.train();
        co_await self.mix();
      }
      co_await self.observe(round + 1);
    }
  }

 private:
  /// Says the model to those drawn, and tells all others too whether it did. Then it is known from
  /// whom a model came.
  static Task<> mix_with_whoever_says(Node& self) {
    Neighborhood own;
    own.receivers = self.drawn_receivers();
    self.meet(own);
    co_await self.say();
    std::vector<Uid> others, silent;
    for (Uid uid = 0; uid < self.nodes(); ++uid) {
      if (uid != self.uid()) others.push_back(uid);
    }
    std::ranges::set_difference(others, own.receivers, std::back_inserter(silent));
    const Body yes(Bytes(1, std::byte{1}), 1), no(Bytes(1, std::byte{0}), 1);
    co_await self.post(kNote, yes, own.receivers);
    co_await self.post(kNote, no, silent);
    const std::vector<Message> notes = co_await self.collect(kNote, others);
    for (const Message& note : notes) {
      const ByteView bytes = note.body.coded();
      if (bytes.size() != 1 || bytes[0] > std::byte{1}) {
        throw PeerError("node " + std::to_string(note.sender) + " sent a note that is none");
      }
      if (bytes[0] == std::byte{1}) own.senders.push_back({note.sender, 0});
    }
    own.self_weight = 1 / static_cast<double>(1 + own.senders.size());
    for (Neighborhood::Sender& sender : own.senders) sender.weight = own.self_weight;
    self.meet(own);
    co_await self.hear();
  }

  bool is_local_;
};

const Register<Protocol, EpidemicLearning> registered{
    "epidemic", "epidemic learning: models go to a few others, drawn anew in every round",
    ProtocolFacts{
        .recursion = "y_i = x_i + u(x_i); x_i⁺ = (y_i + Σ_{j ∈ S_i} y_j)/(1 + |S_i|)",
        .sends = "4·d·g, and a note of a byte to all others with local",
        .needs =
            "a graph that is drawn anew in every round: epidemic for local, random_regular for "
            "oracle, and there a peer sampler in one of the processes",
        .fixed_point = "off the optimum as dpsgd, by less than on a graph that stays",
        .source = "de Vos et al., NeurIPS 2023 (arXiv:2310.01972)"}};

}  // namespace
}  // namespace kith
