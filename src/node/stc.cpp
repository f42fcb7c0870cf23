#include <algorithm>

#include "core/device_memory.h"
#include "kernels/vector_ops.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"
#include "node/server.h"
#include "sharing/coder.h"

namespace kith {
namespace {

enum Says : Kind { kUpload = server::kFirstFree, kDownload };

struct Options {
  double alpha = 0;
  bool ternary = true;
  double working_fraction = 1;
  CodecOptions codec;

  void fields(Fields& f) {
    f.required("alpha", alpha, "the part of the coordinates that a message has, either way",
               Range{.above = 0, .at_most = 1});
    f.optional("ternary", ternary,
               "whether a message has signs and one magnitude (STC), or the numbers themselves, "
               "which a codec may round (decentralizepy's STC)");
    f.optional("working_fraction", working_fraction,
               "the part of the nodes that works in a round, drawn anew for each",
               Range{.above = 0, .at_most = 1});
    f.optional("codec", codec, "how the numbers of a message become bytes");
  }
};

/// Says T(v) of what it is asked to say, and keeps what that leaves out for the next time.
class ErrorFeedback {
 public:
  ErrorFeedback(const Options& options, Node& self)
      : coder_({compressor(options), options.codec},
               {self.uid(), self.seed(), self.layout(), self.device(), self.reports()}),
        residual_(self.layout().size, self.device()) {}

  /// What is to be said, with what was left.
  ArrayView v() { return residual_.view(); }

  /// T(v); v ← v − T(v).
  Body say(Round round) {
    Body message = coder_.say(v(), round);
    coder_.add_own(-1, v());
    return message;
  }

  /// out += scale · what a message says.
  void add(const Message& message, float scale, ArrayView out) const {
    coder_.add({message.sender, 0, &message.body}, scale, out);
  }

  void walk_state(StateWalker& walker) {
    walker.tensor("residual", residual_.view());
    coder_.walk_state(walker);
  }

 private:
  static Blueprint<Compressor, const Compressor::Context&> compressor(const Options& options) {
    const std::string type = options.ternary ? "ternary" : "top_k";
    return Compressor::registry().read(Config::parse(
        "{\"type\": \"" + type + "\", \"fraction\": " + json_number(options.alpha) + '}', "stc"));
  }

  Coder coder_;
  Array residual_;  // e
};

class StcServer final : public Service {
 public:
  explicit StcServer(const Options& options) : options_(options) {}

  Task<> run(Node& self) override {
    feedback_.emplace(options_, self);
    const std::vector<Uid> all = server::everybody(self);
    co_await server::show(self, 0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin_apart(round);
      if (round == 0) co_await server::hand_out_start(self);
      const std::vector<Uid> workers =
          server::draw_workers(self.seed(), round, self.nodes(), options_.working_fraction);
      self.report("workers", static_cast<double>(workers.size()));
      const std::vector<Message> uploads = co_await self.collect(kUpload, workers);
      const float part = 1 / static_cast<float>(workers.size());
      for (const Message& upload : uploads) feedback_->add(upload, part, feedback_->v());
      const Body download = feedback_->say(round);
      feedback_->add({self.uid(), round, kDownload, download}, 1, self.edit_x());
      co_await self.post(kDownload, download, all);
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override {
    if (feedback_) feedback_->walk_state(walker);
  }

 private:
  Options options_;
  std::optional<ErrorFeedback> feedback_;
};

/// Sparse ternary compression with a server (Sattler, Wiedemann, Müller & Samek, IEEE TNNLS 2020,
/// arXiv:1903.02891). T(v) has the signs of the largest coordinates of v, times their mean
/// magnitude; clients and the server each keep what their T left out:
///
///     client: v_i = u_i(x) + e_i;  says q_i = T(v_i);  e_i ← v_i − q_i
///     server: v = (1/m) Σ_i q_i + e;  says q = T(v) to all;  e ← v − q
///     all:    x ← x + q
///
/// over the m clients that work. All hear the server in every round, so that all have the same x:
/// the paper keeps sums of what those who were away have missed. The graph plays no part.
class StcProtocol final : public Protocol {
 public:
  using Params = Options;

  explicit StcProtocol(const Params& params) : options_(params) {}

  bool on_device() const override { return true; }

  Needs needs() const override { return {}; }
  std::vector<Channel::Spec> channels() const override { return {}; }
  Kind own_kinds(std::int64_t) const override { return server::kKinds; }
  std::string service_name() const override { return "the server"; }
  std::unique_ptr<Service> make_service(const Service::Context&) const override {
    return std::make_unique<StcServer>(options_);
  }

  Task<> run(Node& self) override {
    feedback_.emplace(options_, self);
    co_await server::look(self, 0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin_apart(round);
      if (round == 0) co_await server::take_start(self);
      const Slot x = self.published();
      if (server::is_drawn(self, options_.working_fraction)) co_await work(self, x);
      const Message download = co_await server::from_server(self, kDownload);
      copy(x->view(), self.overwrite_x());
      feedback_->add(download, 1, self.edit_x());
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override {
    if (feedback_) feedback_->walk_state(walker);
  }

 private:
  Task<> work(Node& self, Slot x) {
    co_await self.train();
    const std::shared_ptr<Array> moved = self.vector();
    kernels::subtract(self.x(), x->view(), moved->view());
    kernels::add_scaled(moved->view(), 1, feedback_->v(), feedback_->v());
    server::require_finite(feedback_->v());
    const Body upload = feedback_->say(self.round());
    const std::vector<Uid> server(1, self.service());
    co_await self.post(kUpload, upload, server);
  }

  Options options_;
  std::optional<ErrorFeedback> feedback_;
};

const Register<Protocol, StcProtocol> registered{
    "stc", "a server and its clients say sparse ternary changes, and what they left out later",
    ProtocolFacts{
        .recursion = "client: v_i = u_i(x) + e_i; q_i = T(v_i); e_i⁺ = v_i − q_i\n"
                     "server: v = (1/m) Σ_i q_i + e; q = T(v); e⁺ = v − q; x⁺ = x + q",
        .sends =
            "⌈α d⌉ signs with their coordinates, and one magnitude; the server as much to each "
            "node, and its whole model once",
        .keeps = "e_i, and e at the server",
        .needs = "a server, which lives in one of the processes",
        .fixed_point = "near that of federated",
        .source = "Sattler et al., IEEE TNNLS 2020 (arXiv:1903.02891)"}};

}  // namespace
}  // namespace kith
