#include <algorithm>
#include <set>

#include "core/clock.h"
#include "core/random.h"
#include "kernels/mix.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// EL-Local with a timeout (Epidemic Learning: de Vos et al., NeurIPS 2023, arXiv:2310.01972; the
/// timeout is decentralizepy's): after its local steps a node says its model to `degree` random
/// neighbors, listens for some seconds, and becomes the plain mean of its own model and of what
/// came, whatever rounds that is of:
///
///     x_i ← (x_i + u(x_i) + Σ_{j ∈ S_i} x_j) / (1 + |S_i|)
///
/// Nobody waits for anybody in particular. Of a sender only the newest model counts, and nobody who
/// has not read the last one is sent another.
class EpidemicTimeout final : public Protocol {
 public:
  struct Params {
    std::int64_t degree = 2;
    double timeout_s = 1;

    void fields(Fields& f) {
      f.optional("degree", degree, "how many neighbors a node says its model to in a round",
                 Range{.at_least = 1});
      f.optional("timeout_s", timeout_s, "seconds it listens in a round", Range{.above = 0});
    }
  };

  explicit EpidemicTimeout(const Params& params) : params_(params) {}

  bool on_device() const override { return true; }

  Needs needs() const override { return {}; }
  std::vector<Channel::Spec> channels() const override { return {}; }
  double own_vectors(std::int64_t nodes) const override {
    return static_cast<double>(nodes * std::min(params_.degree, nodes - 1));
  }
  int lanes() const override { return 2; }

  Task<> run(Node& self) override {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      co_await self.train();
      say(self);
      co_await hear(self);
      if (round + 1 < self.rounds()) co_await self.note(round + 1, self.published());
    }
    co_await self.gather();
    co_await self.observe(self.rounds());
  }

 private:
  enum Lane { kModel, kRead };

  void say(Node& self) {
    while (const std::optional<Message> read = self.take_mail(kRead)) unread_.erase(read->sender);
    std::vector<Uid> others(self.receivers().begin(), self.receivers().end());
    Random random(self.seed(), Purpose::kNode, static_cast<std::uint32_t>(self.uid()),
                  static_cast<std::uint32_t>(self.round()));
    shuffle(std::span(others), random);
    others.resize(std::min(others.size(), static_cast<std::size_t>(params_.degree)));
    for (const Uid other : others) {
      if (unread_.insert(other).second) self.mail(kModel, Body(self.published()), other);
    }
  }

  Task<> hear(Node& self) {
    const double end_s = now_s() + params_.timeout_s;
    std::vector<Message> heard;
    for (double left_s = params_.timeout_s; left_s > 0; left_s = end_s - now_s()) {
      std::optional<Message> message =
          co_await self.next_mail(kModel, PostOffice::kAnybody, left_s);
      if (!message) break;
      self.mail(kRead, Body(), message->sender);
      std::erase_if(heard, [&](const Message& m) { return m.sender == message->sender; });
      heard.push_back(std::move(*message));
    }
    self.report("received", static_cast<double>(heard.size()));
    std::ranges::sort(heard, {}, &Message::sender);
    const float weight = 1 / static_cast<float>(1 + heard.size());
    std::vector<kernels::Term> terms;
    for (const Message& message : heard) terms.push_back({weight, self.vector_in(message)});
    const ArrayView x = self.edit_x();
    kernels::mix(weight, x, terms, x);
  }

  Params params_;
  std::set<Uid> unread_;  // those who have not read this node's last model
};

const Register<Protocol, EpidemicTimeout> registered{
    "epidemic_timeout",
    "EL-Local with a timeout: models to random neighbors, the mean of what comes in time",
    ProtocolFacts{
        .recursion =
            "x_i⁺ = (x_i + u(x_i) + Σ_{j ∈ S_i} x_j) / (1 + |S_i|), S_i who was heard in time",
        .sends = "at most 4·d bytes to each of `degree` neighbors",
        .needs = "a fully connected graph for the paper's; any other works",
        .fixed_point =
            "as D-PSGD's, on average: each average moves the mean of all models a little",
        .source = "de Vos et al., NeurIPS 2023 (arXiv:2310.01972)"}};

}  // namespace
}  // namespace kith
