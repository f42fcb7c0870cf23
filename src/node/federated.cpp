#include <algorithm>

#include "kernels/vector_ops.h"
#include "node/outer_step.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"
#include "node/server.h"

namespace kith {
namespace {

enum Says : Kind { kModel = server::kFirstFree, kControl, kControlChange, kResult };

struct Params {
  double working_fraction = 1;
  std::string algorithm = "fedavg";
  std::optional<double> mu;
  std::string weighting = "uniform";
  OuterStep::Options server;

  void fields(Fields& f) {
    f.optional("working_fraction", working_fraction,
               "the part of the nodes that works in a round, drawn anew for each",
               Range{.above = 0, .at_most = 1});
    f.optional("algorithm", algorithm, "how a node trains",
               Choices{{"fedavg", "fedprox", "scaffold"}});
    f.optional("mu", mu, "μ of fedprox, how strongly a node is held near the server's model",
               Range{.above = 0});
    f.check(algorithm != "fedprox" || mu.has_value(), "algorithm", "fedprox needs \"mu\"");
    f.check(algorithm == "fedprox" || !mu.has_value(), "mu", "is for fedprox");
    f.optional("weighting", weighting, "what a result counts for: the same, or its node's samples",
               Choices{{"uniform", "samples"}});
    f.optional("server", server, "how the server's model moves");
  }

  bool has_controls() const { return algorithm == "scaffold"; }
};

/// Counts what is sent of the kinds of vectors.
class Counted {
 public:
  void report(Node& self, std::string_view name, const Body& body, std::uint64_t receivers) {
    traffic_.count_sent(body, receivers);
    self.report(name, static_cast<double>(traffic_.bytes_sent));
  }

 private:
  Traffic traffic_;
};

class FederatedServer final : public Service {
 public:
  FederatedServer(const Params& params, const Context& context)
      : params_(params), share_(context.samples.begin(), context.samples.end()) {
    const bool all_equal = params.weighting == "uniform" ||
                           std::ranges::all_of(share_, [](double share) { return share == 0; });
    if (all_equal) std::ranges::fill(share_, 1);
    of_all_ = server::weights_of(share_);
  }

  Task<> run(Node& self) override {
    const std::size_t size = self.x().size;
    outer_.emplace(params_.server, size, self.device());
    if (params_.has_controls()) control_ = std::make_shared<Array>(size, self.device());
    co_await server::show(self, 0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin_apart(round);
      const std::vector<Uid> workers =
          server::draw_workers(self.seed(), round, self.nodes(), params_.working_fraction);
      self.report("workers", static_cast<double>(workers.size()));
      co_await hand_out(self, workers);
      co_await gather(self, workers);
      co_await server::show(self, round + 1);
    }
  }

  void walk_state(StateWalker& walker) override {
    if (outer_) outer_->walk_state(walker);
    if (control_) walker.tensor("control", control_->view());
  }

 private:
  Task<> hand_out(Node& self, const std::vector<Uid>& workers) {
    const Body model = server::model_of(self);
    co_await self.post(kModel, model, workers);
    if (!params_.has_controls()) co_return;
    of_x_.report(self, "bytes_sent_x", model, workers.size());
    const Body control{Slot(control_)};
    of_c_.report(self, "bytes_sent_c", control, workers.size());
    co_await self.post(kControl, control, workers);
  }

  Task<> gather(Node& self, const std::vector<Uid>& workers) {
    const std::vector<Message> results = co_await self.collect(kResult, workers);
    const std::shared_ptr<Array> mean = self.vector();
    server::add_up(self, results, weights(workers), mean->view());
    const Slot before = self.published();
    outer_->step(before->view(), mean->view(), self.overwrite_x());
    if (!params_.has_controls()) co_return;

    const std::vector<Message> changes = co_await self.collect(kControlChange, workers);
    std::vector<float> parts;  // of all nodes: what did not work did not change
    for (const Uid worker : workers) parts.push_back(of_all_[static_cast<std::size_t>(worker)]);
    server::add_up(self, changes, parts, mean->view());
    const std::shared_ptr<Array> control = self.vector();
    kernels::add_scaled(control_->view(), 1, mean->view(), control->view());
    control_ = control;
  }

  std::vector<float> weights(const std::vector<Uid>& workers) const {
    std::vector<double> shares;
    for (const Uid worker : workers) shares.push_back(share_[static_cast<std::size_t>(worker)]);
    const bool none = std::ranges::all_of(shares, [](double share) { return share == 0; });
    if (none) std::ranges::fill(shares, 1);  // they trained nothing: any weights give x
    return server::weights_of(shares);
  }

  Params params_;
  std::vector<double> share_;  // by node
  std::vector<float> of_all_;  // the same in parts of 1
  std::optional<OuterStep> outer_;
  std::shared_ptr<Array> control_;  // c
  Counted of_x_, of_c_;
};

/// Federated learning. In every round the server draws nodes that work; each gets the server's
/// model x, trains y_i from there, and sends it back; the server moves to their mean, or along it:
///
///     y_i = x + u_i(x);  Δ = Σ_i p_i y_i − x;  x⁺ = x + Δ, or a step of an optimizer along Δ
///
/// fedavg    McMahan et al., AISTATS 2017, arXiv:1602.05629: local steps as the config trains.
/// fedprox   Li et al., MLSys 2020, arXiv:1812.06127: the local gradient at y is g(y) + μ (y − x).
/// scaffold  Karimireddy et al., ICML 2020, arXiv:1910.06378, option II: it is g(y) − c_i + c, and
///           after K steps c_i⁺ = c_i − c + (x − y_i)/(Σ η);  c ← c + Σ_i p_i (c_i⁺ − c_i) over all
///           nodes, so that c stays Σ_i p_i c_i. Messages are of two kinds, x and c.
///
/// Weights p_i are equal, or in proportion to the nodes' samples. Optimizers are those of Reddi et
/// al., ICLR 2021, arXiv:2003.00295. Whoever does not work waits. The graph plays no part.
class Federated final : public Protocol {
 public:
  using Params = kith::Params;

  explicit Federated(const Params& params) : params_(params) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    if (!params_.has_controls()) return {};
    return {.plain_sgd = true, .because = "its controls are mean gradients, read off x − y"};
  }
  std::vector<Channel::Spec> channels() const override { return {}; }
  Kind own_kinds(std::int64_t) const override { return server::kKinds; }
  std::string service_name() const override { return "the server"; }
  std::unique_ptr<Service> make_service(const Service::Context& context) const override {
    return std::make_unique<FederatedServer>(params_, context);
  }

  Task<> run(Node& self) override {
    if (params_.has_controls()) control_ = Array(self.x().size, self.device());
    co_await server::look(self, 0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin_apart(round);
      if (server::is_drawn(self, params_.working_fraction)) {
        self.report("rounds_worked", static_cast<double>(++worked_));
        co_await work(self);
      }
      co_await server::look(self, round + 1);
    }
  }

  void walk_state(StateWalker& walker) override {
    if (control_.size() > 0) walker.tensor("control", control_.view());
  }

 private:
  Task<> work(Node& self) {
    const Message model = co_await server::from_server(self, kModel);
    server::become(self, model);
    const ConstArrayView x = server::vector_of(self, model);
    if (params_.algorithm == "fedavg") {
      co_await self.train();
    } else if (params_.algorithm == "fedprox") {
      co_await train_near(self, x);
    } else {
      co_await train_controlled(self, x);
    }
    if (params_.has_controls()) of_x_.report(self, "bytes_sent_x", Body(self.published()), 1);
    co_await server::to_server(self, kResult, self.published());
  }

  Task<> train_near(Node& self, ConstArrayView x) {
    const std::shared_ptr<Array> g = self.vector(), apart = self.vector();
    for (std::int64_t step = 0; step < self.local_steps(); ++step) {
      co_await self.gradient(g->view());
      kernels::subtract(self.x(), x, apart->view());
      kernels::add_scaled(g->view(), static_cast<float>(*params_.mu), apart->view(), g->view());
      self.step(g->view());
    }
  }

  Task<> train_controlled(Node& self, ConstArrayView x) {
    const Message message = co_await server::from_server(self, kControl);
    const ConstArrayView c = server::vector_of(self, message);
    const std::shared_ptr<Array> g = self.vector(), correction = self.vector();
    kernels::subtract(c, control_.view(), correction->view());
    double moved = 0;  // Σ η
    for (std::int64_t step = 0; step < self.local_steps(); ++step) {
      moved += self.learning_rate();
      co_await self.gradient(g->view());
      kernels::add_scaled(g->view(), 1, correction->view(), g->view());
      self.step(g->view());
    }
    const std::shared_ptr<Array> change = self.vector();
    if (moved > 0) {
      kernels::subtract(x, self.x(), g->view());
      kernels::fill(change->view(), 0);
      kernels::subtract(change->view(), c, change->view());
      kernels::add_scaled(change->view(), static_cast<float>(1 / moved), g->view(), change->view());
    } else {
      kernels::fill(change->view(), 0);  // without steps nothing is learned of g
    }
    kernels::add_scaled(control_.view(), 1, change->view(), control_.view());
    of_c_.report(self, "bytes_sent_c", Body(Slot(change)), 1);
    co_await server::to_server(self, kControlChange, change);
  }

  Params params_;
  Array control_;  // c_i
  std::int64_t worked_ = 0;
  Counted of_x_, of_c_;
};

const Register<Protocol, Federated> registered{
    "federated", "a server hands its model out, and averages what some nodes trained from it",
    ProtocolFacts{
        .recursion =
            "fedavg: y_i = x + u(x); x⁺ = Σ_i p_i y_i over the nodes that work\n"
            "fedprox: the same with g(y) + μ (y − x) for g(y)\n"
            "scaffold: the same with g(y) − c_i + c for g(y); "
            "c_i⁺ = c_i − c + (x − y_i)/Σ η; c⁺ = c + Σ_i p_i (c_i⁺ − c_i)\n"
            "with a server optimizer: x⁺ = x + η m/(√v + τ), m and v of Δ = Σ_i p_i y_i − x",
        .sends = "4·d to the server in a round in which it works, 8·d with scaffold; the server "
                 "sends as much to each that works",
        .keeps = "nothing; with scaffold c_i, and c at the server",
        .needs = "a server, which lives in one of the processes; with scaffold plain SGD",
        .fixed_point =
            "fedavg and fedprox: off the optimum by the order of η times the local steps "
            "and of how much the data differ; scaffold: the optimum",
        .source = "McMahan et al., AISTATS 2017 (arXiv:1602.05629); Li et al., MLSys 2020 "
                  "(arXiv:1812.06127); Karimireddy et al., ICML 2020 (arXiv:1910.06378); Reddi et "
                  "al., ICLR 2021 (arXiv:2003.00295)"}};

}  // namespace
}  // namespace kith
