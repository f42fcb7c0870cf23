#include "core/json_object.h"
#include "node/last_gradient.h"
#include "node/protocol_facts.h"
#include "sharing/coder.h"

namespace kith {
namespace {

/// BEER: gradient tracking over compressed differences (Zhao, Li, Li, Richtárik & Chi, NeurIPS
/// 2022, arXiv:2201.13320). Of x and of the tracker v a node's neighbors see public copies h and q,
/// each moved by what a message of compressor C keeps of the difference, as in CHOCO-SGD. With v₀ =
/// g₀, h₀ = q₀ = 0:
///
///     x⁺ = x − η v + γ (W − I) h;         h⁺ = h + C(x⁺ − h);
///     v⁺ = v + g(x⁺) − g(x) + γ (W − I) q;  q⁺ = q + C(v⁺ − q).
///
/// Each line is a round of CHOCO in its overlapped order, one from x − η v, the other from
/// v + g(x⁺) − g(x).
class Beer final : public Protocol {
 public:
  struct Params {
    double gamma = 0;
    Coder::Options coder;

    void fields(Fields& f) {
      f.required("gamma", gamma, "γ, how far a round moves x and v towards the neighbors' copies",
                 Range{.above = 0, .at_most = 1});
      coder.fields(f, "a difference");
    }
  };

  explicit Beer(const Params& params)
      : choco_(Sharing::registry().read(Config::parse(choco(params), "beer"))) {}

  bool on_device() const override { return true; }  // where its method is

  Needs needs() const override {
    return {.doubly_stochastic = true,
            .static_graph = true,
            .one_step = true,
            .plain_sgd = true,
            .full_sharing = true,
            .because = "it compresses differences itself, and keeps a weighted sum of them"};
  }

  std::vector<Channel::Spec> channels() const override {
    return {{.name = "x"}, {.name = "tracker"}};
  }

  std::unique_ptr<Sharing> make_sharing(const Channel::Spec&,
                                        const Sharing::Context& context) const override {
    return choco_.make(context);
  }

  Task<> run(Node& self) override {
    Channel& v = self.channel(1);
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      if (round == 0) co_await gradient_.start(self, v);
      self.step(v.value());
      co_await self.mix();
      co_await gradient_.add_change(self, v);
      co_await v.mix();
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override { gradient_.walk_state(walker); }

 private:
  static std::string choco(const Params& params) {
    return JsonObject()
        .add("type", "choco")
        .add("order", "overlapped")
        .add("gamma", params.gamma)
        .raw("compressor", params.coder.compressor.json())
        .raw("codec", FieldType<CodecOptions>::json(params.coder.codec))
        .str();
  }

  Blueprint<Sharing, const Sharing::Context&> choco_;
  LastGradient gradient_;  // g
};

const Register<Protocol, Beer> registered{
    "beer", "BEER: gradient tracking over compressed differences",
    ProtocolFacts{
        .recursion = "v_0 = g(x_0), h_0 = q_0 = 0\n"
                     "x⁺ = x − η v + γ (W − I) h; h⁺ = h + C(x⁺ − h)\n"
                     "v⁺ = v + g(x⁺) − g(x) + γ (W − I) q; q⁺ = q + C(v⁺ − q)",
        .sends = "two compressed differences to each neighbor",
        .keeps = "v, the last gradient, h and q, and their pulls (W − I) h and (W − I) q",
        .needs =
            "a doubly stochastic W that stays the same; one local step of plain sgd; a small γ",
        .fixed_point = "the optimum",
        .source = "Zhao et al., NeurIPS 2022 (arXiv:2201.13320)"}};

}  // namespace
}  // namespace kith
