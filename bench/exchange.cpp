#include <cstdio>
#include <string>

#include "bench/harness.h"
#include "dataset/dataset.h"
#include "kernels/mix.h"
#include "node/node.h"
#include "node/protocol.h"

/// What a round costs a node when nobody learns: begin, publish, wait, hear, merge, as a run does
/// it with the protocol D-PSGD, full sharing and the in-process transport; beside it the mixing
/// kernel alone, on as many vectors of the same size with the same neighbors.
///
/// Small vectors show what scheduling and messages cost, in nanoseconds; large ones that the rest
/// nearly disappears behind the kernel. Their target allows the one more reading of the vector that
/// looks for NaN before it is sent: a quarter of the kernel's traffic at degree 2.
namespace kith::bench {
namespace {

class Nobody final : public Observer {
 public:
  void passed(Round) override {}
  bool due(Round) const override { return false; }
  Task<> observe(Node&, Round) override { co_return; }
  Task<> note(Snapshot, Round) override { co_return; }
  Task<> gather(Node&) override { co_return; }
};

template <class Interface>
auto chosen(const std::string& json) {
  return Interface::registry().read(Config::parse(json, "bench"));
}

/// A network that only mixes.
class Gossip {
 public:
  Gossip(std::int64_t nodes, std::size_t size, const std::string& graph)
      : nodes_(nodes),
        schedule_(chosen<Schedule>(graph).make({nodes, 1, nullptr})),
        models_(one_model(data_, size)),
        plan_(TrainingPlan::make(chosen<Optimizer>(R"({"type": "sgd", "local_steps": 0})"),
                                 data_.task, 1)) {}

  struct Time {
    double cpu_s;
    double wall_s;
  };

  /// What `rounds` rounds of all nodes take.
  Time run(Round rounds, int threads) const {
    ArrayPool vectors(models_->layout().size);
    std::vector<std::vector<Uid>> all(1);
    for (Uid uid = 0; uid < nodes_; ++uid) all.front().push_back(uid);
    const Placement here = placement(nodes_, std::move(all));
    const auto chosen_transport = chosen<Transport>(R"("inproc")");
    const auto transport = chosen_transport.make({chosen_transport.common(), here, 0, 1, vectors});
    PostOffice office(*transport, nodes_, /*max_lead=*/1);
    Nobody nobody;
    ArrayPool weighted_vectors(models_->layout().size + 1);
    const Neighborly common{rounds,   1,       *schedule_,       office,
                            *models_, vectors, weighted_vectors, nobody};
    const auto sharing = chosen<Sharing>(R"("full")");
    const auto protocol = chosen<Protocol>(R"("dpsgd")");
    Executor::Options options;
    options.threads = threads;
    Executor executor(options);
    std::vector<std::unique_ptr<Node>> nodes;
    std::vector<std::unique_ptr<Protocol>> protocols;
    for (Uid uid = 0; uid < nodes_; ++uid) {
      const std::shared_ptr<Array> x = vectors.take();
      models_->any().initialize(1, static_cast<std::uint32_t>(uid), x->view());
      Node& node = *nodes.emplace_back(std::make_unique<Node>(
          uid, common, std::make_unique<Trainer>(plan_, kNoSamples, uid, 0), x));
      node.open({}, sharing.make({uid, 1, models_->layout(), {}, node.reports()}));
      Protocol& steps = *protocols.emplace_back(protocol.make());
      executor.spawn(uid, [&node, &steps](Fiber& fiber) {
        node.attach(fiber);
        return steps.run(node);
      });
    }
    const double cpu = cpu_s();
    const double wall = now_s();
    executor.run();
    return {cpu_s() - cpu, now_s() - wall};
  }

  /// The kernel alone: one round of all nodes, from one set of vectors to another.
  class Mixing {
   public:
    explicit Mixing(const Gossip& gossip) {
      for (Uid uid = 0; uid < gossip.nodes_; ++uid) {
        in_.emplace_back(gossip.models_->layout().size);
        out_.emplace_back(gossip.models_->layout().size);
        neighborhoods_.push_back(gossip.schedule_->neighborhood(uid, 0));
      }
    }

    void round() {
      for (std::size_t i = 0; i < in_.size(); ++i) {
        terms_.clear();
        for (const auto& [uid, weight] : neighborhoods_[i].senders) {
          terms_.push_back({float(weight), in_[std::size_t(uid)].view()});
        }
        kernels::mix(float(neighborhoods_[i].self_weight), in_[i].view(), terms_, out_[i].view());
      }
      std::swap(in_, out_);
    }

   private:
    std::vector<Array> in_, out_;
    std::vector<Neighborhood> neighborhoods_;
    std::vector<kernels::Term> terms_;
  };

 private:
  static constexpr std::span<const std::uint32_t> kNoSamples{};

  static std::unique_ptr<ModelPool> one_model(const Data& data, std::size_t size) {
    const std::string json = R"({"type": "vector", "size": )" + std::to_string(size) + '}';
    std::vector<std::unique_ptr<Model>> models;
    models.push_back(chosen<Model>(json).make({data, ""}));
    return std::make_unique<ModelPool>(std::move(models));
  }

  std::int64_t nodes_;
  Data data_;
  std::unique_ptr<Schedule> schedule_;
  std::unique_ptr<ModelPool> models_;
  TrainingPlan plan_;
};

struct Case {
  std::int64_t nodes;
  std::size_t size;
  int degree;
  Round rounds;
  double target;  ///< most times the kernel's time, on one thread; 0 where none is set
};

constexpr Case kCases[] = {
    {1'000, 16, 2, 200, 0},
    {100'000, 16, 2, 5, 0},
    {64, 61'706, 2, 30, 1.25},
    {64, 61'706, 5, 30, 1.25},
};

bool measure(const Case& c) {
  constexpr Round kWarmUp = 3;
  constexpr int kTurns = 5;
  const std::string graph =
      c.degree == 2 ? R"("ring")"
                    : R"({"type": "regular", "degree": )" + std::to_string(c.degree) + '}';
  const Gossip gossip(c.nodes, c.size, graph);
  Gossip::Mixing mixing(gossip);
  bool reached = true;
  for (const int threads : {1, 2}) {
    const double node_rounds = double(c.nodes) * double(c.rounds);
    std::vector<double> walls, cpus, kernels, ratios;
    for (int turn = 0; turn < kTurns; ++turn) {
      const Gossip::Time start = gossip.run(kWarmUp, threads);
      const Gossip::Time whole = gossip.run(kWarmUp + c.rounds, threads);
      mixing.round();
      const double start_s = cpu_s();
      for (Round round = 0; round < c.rounds; ++round) mixing.round();
      kernels.push_back((cpu_s() - start_s) / node_rounds);
      cpus.push_back((whole.cpu_s - start.cpu_s) / node_rounds);
      ratios.push_back(cpus.back() / kernels.back());
      walls.push_back((whole.wall_s - start.wall_s) / node_rounds);
    }
    const double ratio = median(ratios);
    std::printf("%8lld %8zu %7d %8d %12.0f %12.0f %12.0f %7.2f", static_cast<long long>(c.nodes),
                c.size, c.degree, threads, 1e9 * median(walls), 1e9 * median(cpus),
                1e9 * median(kernels), ratio);
    if (c.target > 0 && threads == 1) {
      reached &= ratio <= c.target;
      std::printf("   <= %.2f  %s", c.target, ratio <= c.target ? "reached" : "MISSED");
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  return reached;
}

}  // namespace
}  // namespace kith::bench

int main() {
  std::printf("nanoseconds per node and round\n%8s %8s %7s %8s %12s %12s %12s %7s   %s\n", "nodes",
              "d", "degree", "threads", "wall", "cpu", "kernel cpu", "ratio", "target");
  bool reached = true;
  for (const auto& c : kith::bench::kCases) reached &= kith::bench::measure(c);
  return reached ? 0 : 1;
}
