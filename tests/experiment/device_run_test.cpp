#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <set>

#include "core/device_memory.h"
#include "core/device_stream.h"
#include "core/error.h"
#include "kernels/device/device_under_test.h"
#include "kernels/device/played_memory.h"
#include "sharing/sharing.h"
#include "support/configs.h"
#include "support/free_ports.h"
#include "support/node_run.h"

namespace kith {
namespace {

using ::testing::HasSubstr;

const char* const kLazyRing =
    R"({"type": "ring", "weights": {"type": "lazy", "of": "metropolis_hastings", "gamma": 0.5}})";
const char* const kOneWay = R"({"type": "star", "weights": "column_stochastic"})";
const char* const kOneStep = R"({"type": "sgd", "lr": 0.05, "local_steps": 1})";
const char* const kThreeSteps = R"({"type": "sgd", "lr": 0.05, "momentum": 0.9, "local_steps": 3})";
const char* const kPlainSteps = R"({"type": "sgd", "lr": 0.05, "local_steps": 3})";

/// Cards whose work is done as late as it may be.
struct LateCards {
  explicit LateCards(int count) {
    for (int k = 0; k < count; ++k) {
      streams.push_back(device_streams().stream({Device::Kind::kCuda, first.index + k, nullptr}));
    }
  }

  /// A process that computes on all of them.
  Seat seat() const {
    Seat seat;
    for (const auto& stream : streams) seat.devices.push_back(stream->device());
    return seat;
  }

  const Device first = kernels::device_under_test().device;
  std::vector<std::unique_ptr<DeviceStream>> streams;
};

/// Five nodes of 37 numbers.
struct Five {
  std::string node;
  std::string graph = kLazyRing;
  std::string training = kOneStep;
  bool one_start = false;
};

/// Runs whose vectors lie on a device that the processor plays, where the host may not touch them.
class DeviceRun : public ::testing::Test {
 protected:
  static constexpr int kRounds = 6;

  DeviceRun() {
    QuadraticProblem problem(5, 37);
    problem.write(run_.folder() / "apart.json");
    for (auto& x : problem.x0) x = problem.x0[0];
    problem.write(run_.folder() / "together.json");
  }

  std::string config(const Five& of, const std::string& more = "") const {
    const char* const data = of.one_start ? "together.json" : "apart.json";
    return node_config(of.node, of.graph, 5, kRounds, run_.folder() / data, of.training, more, 3);
  }

  Experiment::Outcome run_there(const std::string& text) { return run_.run(text, 1, there()); }

  static Seat there() { return Seat{.devices = {kernels::device_under_test().device}}; }

  /// Over ZeroMQ, each process with a thread of its own here. What process 0 says of it.
  Experiment::Outcome run_in_processes(std::string text, int processes,
                                       const std::vector<Device>& devices) {
    text.back() = ',';
    text += R"("communication": {"type": "zmq", "port": )" + std::to_string(free_ports(processes)) +
            "}}";
    const std::filesystem::path folder =
        run_.folder() / ("run in processes" + std::to_string(runs_++));
    std::vector<std::future<Experiment::Outcome>> outcomes;
    for (int p = 0; p < processes; ++p) {
      outcomes.push_back(std::async(std::launch::async, [&text, &folder, &devices, p, processes] {
        Experiment experiment(RunConfig::read(Config::parse(text, "test.json")), 1,
                              Seat{p, processes, p, devices});
        experiment.join(folder.string());
        return experiment.run(RunDirectory(folder, p), {});
      }));
    }
    for (auto& outcome : outcomes) outcome.wait();
    return outcomes[0].get();
  }

  void expect_the_same(const Five& of, const std::string& more = "") {
    const std::string text = config(of, more);
    SCOPED_TRACE(text);
    const auto here = run_.run(text, 1);
    const Matrix x = run_.parameters(kRounds);
    const auto there = run_there(text);
    EXPECT_EQ(there.digest, here.digest);
    EXPECT_EQ(largest_difference(run_.parameters(kRounds), x), 0);
    EXPECT_EQ(run_.events("network").back().at("consensus_distance").to_number(),
              here.network.consensus_distance);
  }

  void expect_the_same(std::initializer_list<Five> all) {
    for (const Five& of : all) expect_the_same(of);
  }

  TestRun run_;
  int runs_ = 0;
};

TEST_F(DeviceRun, HasTheBitsOfTheProcessorWhateverTheProtocol) {
  expect_the_same({{R"("dpsgd")"},
                   {R"({"type": "dpsgd", "order": "combine_then_adapt"})"},
                   {R"({"type": "dpsgd", "order": "combine_while_adapt"})"},
                   {R"({"type": "dpsgd", "gossip": {"steps": 3, "acceleration": "chebyshev"}})"},
                   {R"("local")"},
                   {R"("d2")"},
                   {R"("extra")"},
                   {R"("exact_diffusion")"},
                   {R"({"type": "gradient_tracking", "variant": "atc"})"},
                   {R"({"type": "gradient_tracking", "variant": "diging"})"},
                   {R"("kgt")"},
                   {R"({"type": "decentlam", "momentum": 0.9})"},
                   {R"({"type": "dmsgd", "momentum": 0.9})"},
                   {R"({"type": "quasi_global", "momentum": 0.9})"}});
}

TEST_F(DeviceRun, HasThemWherePushSumsWeightTravelsBehindAVector) {
  expect_the_same({{R"("sgp")", kOneWay, kThreeSteps},
                   {R"({"type": "sgp", "overlap": 1})", kOneWay, kThreeSteps},
                   {R"({"type": "sgp", "overlap": 3})", R"("one_peer_exponential")", kOneStep},
                   {R"("push_diging")", kOneWay}});
}

TEST_F(DeviceRun, HasThemWherePairsMeetInAnOrder) {
  for (const char* const exchange : {"push", "pull", "push_pull"}) {
    for (const char* const merge : {"average", "by_age", "newer", "replace"}) {
      expect_the_same({std::string(R"({"type": "gossip", "activation": "seeded", "exchange": ")") +
                           exchange + R"(", "merge": ")" + merge + "\"}",
                       kLazyRing, kThreeSteps});
    }
  }
  const char* const kLate =
      R"({"type": "ad_psgd", "activation": {"type": "seeded", "max_delay": 3}})";
  expect_the_same({{R"({"type": "swarm", "activation": "seeded"})", kLazyRing, kThreeSteps},
                   {R"({"type": "swarm", "steps": "geometric", "activation": "seeded"})", kLazyRing,
                    kThreeSteps},
                   {R"({"type": "ad_psgd", "activation": "seeded"})"},
                   {kLate},
                   {R"({"type": "async_average", "activation": "seeded", "warmup_rounds": 2})",
                    R"("fully_connected")"}});
}

TEST_F(DeviceRun, HasThemWhereAllAverageWithAll) {
  constexpr bool kTogether = true;
  expect_the_same({{R"("all_reduce")", kLazyRing, kOneStep, kTogether},
                   {R"({"type": "all_reduce", "average": "models"})", kLazyRing, kThreeSteps},
                   {R"("centralized")", kLazyRing, kOneStep, kTogether}});
}

TEST_F(DeviceRun, HasThemWhereSumsAreRelayed) {
  constexpr bool kTogether = true;
  for (const char* const options :
       {"", R"(, "fill": "self")", R"(, "relay": "updates")", R"(, "double_tree": true)",
        R"(, "relay": "updates", "double_tree": true)"}) {
    expect_the_same({std::string(R"({"type": "relay_sgd")") + options + "}", R"("binary_tree")",
                     kThreeSteps, kTogether});
  }
}

TEST_F(DeviceRun, HasThemWithAnOuterOptimizer) {
  expect_the_same({{R"("local_sgd")", kLazyRing, kThreeSteps},
                   {R"("diloco")", kLazyRing, kThreeSteps},
                   {R"({"type": "diloco", "outer_momentum": 0})", kLazyRing, kThreeSteps},
                   {R"("noloco")", kLazyRing, kThreeSteps},
                   {R"({"type": "noloco", "outer_momentum": 0.5, "gamma": 0.9})",
                    R"("random_matching")", kThreeSteps}});
}

TEST_F(DeviceRun, HasThemWithAServer) {
  for (const char* const server :
       {R"({"type": "sgd"})", R"({"type": "sgd", "lr": 0.7})",
        R"({"type": "sgd", "momentum": 0.9})",
        R"({"type": "sgd", "momentum": 0.9, "nesterov": true})",
        R"({"type": "adagrad", "lr": 0.1})", R"({"type": "adam", "lr": 0.1, "momentum": 0.9})",
        R"({"type": "yogi", "lr": 0.1, "momentum": 0.9})"}) {
    expect_the_same(
        {std::string(R"({"type": "federated", "working_fraction": 0.6, "server": )") + server + "}",
         kLazyRing, kThreeSteps});
  }
  expect_the_same(
      {{R"({"type": "federated", "algorithm": "fedprox", "mu": 0.4})", kLazyRing, kThreeSteps},
       {R"({"type": "federated", "algorithm": "scaffold", "working_fraction": 0.6})", kLazyRing,
        kPlainSteps},
       {R"("parameter_server")"},
       {R"("parameter_server")", kLazyRing, R"({"type": "adam", "lr": 0.05})"}});
}

TEST_F(DeviceRun, HasThemWherePeersAreDrawnOrNamed) {
  expect_the_same(
      {{R"({"type": "epidemic", "variant": "local"})", R"({"type": "epidemic", "degree": 2})"},
       {R"({"type": "epidemic", "variant": "oracle"})", R"("random_matching")"},
       {R"("peer_sampler")"},
       {R"("peer_sampler")", R"("random_matching")"}});
}

// What meets there depends on who is scheduled when; the sum of all models does not.
TEST_F(DeviceRun, KeepsTheMeanOfNodesThatAverageWheneverTheyAreReady) {
  for (const Five& of :
       {Five{R"("swarm")"}, Five{R"("ad_psgd")", R"("star")"},
        Five{R"({"type": "async_average", "interval_s": 0.001})", R"("fully_connected")"}}) {
    SCOPED_TRACE(of.node);
    Five only_averages = of;
    only_averages.training = R"({"type": "sgd", "local_steps": 0})";
    run_there(config(only_averages));
    const Matrix start = run_.parameters(0), end = run_.parameters(kRounds);
    const std::vector<double> before = mean_of(start), after = mean_of(end);
    for (std::size_t k = 0; k < before.size(); ++k) EXPECT_NEAR(after[k], before[k], 1e-6);
    EXPECT_GT(largest_difference(start, end), 0.1);
  }
}

TEST_F(DeviceRun, HasTheBitsOfTheProcessorWhateverTheOptimizer) {
  for (const char* const optimizer :
       {R"("type": "sgd", "momentum": 0.9, "nesterov": true, "weight_decay": 0.01)",
        R"("type": "adam")", R"("type": "adamw", "weight_decay": 0.1)",
        R"("type": "sgd", "momentum": 0.9, "reset_optimizer": true)"}) {
    expect_the_same({R"("dpsgd")", kLazyRing,
                     std::string(R"({"lr": 0.05, "local_steps": 3, )") + optimizer + "}"});
  }
}

TEST_F(DeviceRun, HasTheBitsOfTheProcessorInSeveralProcesses) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "NOT CHECKED: libzmq was not built for ThreadSanitizer";
#endif
  const auto expect_the_same = [&](const Five& of, const std::string& more) {
    const std::string text = config(of, more);
    SCOPED_TRACE(text);
    const auto here = run_.run(text, 1);
    const auto there = run_in_processes(text, 3, DeviceRun::there().devices);
    EXPECT_EQ(there.digest, here.digest);
    const LateCards cards(2);
    const auto on_two_each = run_in_processes(text, 2, cards.seat().devices);
    EXPECT_EQ(on_two_each.digest, here.digest);
    EXPECT_EQ(on_two_each.network.consensus_distance, here.network.consensus_distance);
    EXPECT_EQ(there.network.consensus_distance, here.network.consensus_distance);
  };
  expect_the_same({R"({"type": "gradient_tracking", "variant": "atc"})"}, "");
  expect_the_same({R"({"type": "dpsgd", "gossip": {"steps": 3, "acceleration": "chebyshev"}})"},
                  "");
  expect_the_same({R"({"type": "sgp", "overlap": 2})", kOneWay, kThreeSteps}, "");
  expect_the_same({R"({"type": "gossip", "activation": "seeded"})"}, "");
  expect_the_same({R"({"type": "all_reduce", "average": "models"})"}, "");
  expect_the_same(
      {R"({"type": "relay_sgd", "double_tree": true})", R"("binary_tree")", kOneStep, true}, "");
  expect_the_same({R"({"type": "federated", "algorithm": "scaffold"})", kLazyRing, kPlainSteps},
                  "");
  for (const char* const sharing :
       {R"({"type": "choco", "gamma": 0.5, "compressor": {"type": "qsgd", "levels": 4}})",
        R"({"type": "partial", "alpha": 0.2})",
        R"({"type": "full", "codec": {"values": "lz4"}})"}) {
    expect_the_same({R"("dpsgd")"}, std::string(R"("sharing": )") + sharing);
  }
}

TEST_F(DeviceRun, HasTheBitsOfTheProcessorWhateverTheSharingMethod) {
  for (const char* const sharing :
       {R"({"type": "full", "codec": {"values": "zstd"}})", R"({"type": "partial", "alpha": 0.2})",
        R"("jwins")", R"({"type": "subsampling", "alpha": 0.3})",
        R"({"type": "random_fragments", "fragments": 4})",
        R"({"type": "choco", "gamma": 0.5, "compressor": {"type": "top_k", "fraction": 0.2}})",
        R"({"type": "choco", "gamma": 0.5, "compressor": {"type": "qsgd", "levels": 4}})",
        R"({"type": "deepsqueeze", "gamma": 0.5, "compressor": "minmax_uint8"})",
        R"({"type": "moniqua", "theta": 20, "bits": 8})",
        R"({"type": "powergossip", "rank": 1, "gamma": 0.5})"}) {
    expect_the_same({R"("dpsgd")"}, std::string(R"("sharing": )") + sharing);
  }
  expect_the_same({R"("dpsgd")", kLazyRing, kOneStep, true}, R"("sharing": "low_precision")");
}

TEST_F(DeviceRun, HasThemWhereAProtocolCompresses) {
  expect_the_same(
      {{R"({"type": "beer", "gamma": 0.3, "compressor": {"type": "top_k", "fraction": 0.5}})"},
       {R"({"type": "stc", "alpha": 0.2})", kLazyRing, kPlainSteps},
       {R"({"type": "stc", "alpha": 0.2, "working_fraction": 0.6})", kLazyRing, kPlainSteps},
       {R"({"type": "stc", "alpha": 0.2, "ternary": false, "codec": {"values": "zstd"}})",
        kLazyRing, kPlainSteps}});
}

/// As `local`, but somebody wrote it who knows of no devices.
class OfTheProcessor final : public Sharing {
 public:
  using Params = NoParams;
  OfTheProcessor(Params, const Context&) {}
  void say(const Turn&, const Slot& x, Outbox& outbox) override { outbox.to_all(Body(x)); }
  void hear(const Turn&, const Slot& x, std::span<const Heard>, ArrayView out) override {
    copy(x->view(), out);
  }
};
const Register<Sharing, OfTheProcessor> sharing{"of_the_processor_in_a_test", "for a test"};

/// The same of protocols.
class RunsOnTheProcessor final : public Protocol {
 public:
  using Params = NoParams;
  explicit RunsOnTheProcessor(Params) {}
  Needs needs() const override { return {}; }
  Task<> run(Node&) override { co_return; }
};
const Register<Protocol, RunsOnTheProcessor> protocol{"of_the_processor_in_a_test", "for a test"};

/// And one that says its messages by a method of its own.
class SaysItsOwn final : public Protocol {
 public:
  using Params = NoParams;
  explicit SaysItsOwn(Params) {}
  bool on_device() const override { return true; }
  Needs needs() const override { return {}; }
  std::unique_ptr<Sharing> make_sharing(const Channel::Spec&,
                                        const Sharing::Context& context) const override {
    return std::make_unique<OfTheProcessor>(NoParams{}, context);
  }
  Task<> run(Node&) override { co_return; }
};
const Register<Protocol, SaysItsOwn> own_sharing{"own_sharing_in_a_test", "for a test"};

/// What a run is refused for; "" where it was not.
template <class Run>
std::string refusal(const Run& run) {
  try {
    run();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST_F(DeviceRun, OfWhatWorksOnTheProcessorAloneIsRefused) {
  const auto why = [this](const char* node, const char* more = "") {
    return refusal([&] { run_there(config({node}, more)); });
  };
  EXPECT_THAT(why(R"("of_the_processor_in_a_test")"),
              HasSubstr("/node: of_the_processor_in_a_test works on the processor alone"));
  EXPECT_THAT(
      why(R"("own_sharing_in_a_test")"),
      HasSubstr("/node: own_sharing_in_a_test with these options works on the processor alone"));
  EXPECT_THAT(
      why(R"("dpsgd")", R"("sharing": "of_the_processor_in_a_test")"),
      HasSubstr(
          "/sharing: of_the_processor_in_a_test with these options works on the processor alone"));
}

TEST_F(DeviceRun, NoVectorCrossesTheBusAtAnEvaluationAndEachOnceAtTheEnd) {
  constexpr int kSize = 50'000, kNodes = 6, kBlocks = (kSize + 4095) / 4096;
  const auto bytes_off = [&](int rounds, int every, bool saves) {
    const std::size_t before = played_counts().bytes_off;
    run_there(
        JsonObject()
            .add("nodes", kNodes)
            .add("rounds", rounds)
            .add("graph", "ring")
            .raw("model", R"({"type": "vector", "size": 50000, "init": "per_node"})")
            .raw("training", R"({"type": "sgd", "local_steps": 0})")
            .raw("evaluation", JsonObject().add("every", every).add("average_model", true).str())
            .raw("checkpoint", JsonObject().add("final", saves).str())
            .str());
    return played_counts().bytes_off - before;
  };
  // Of a block and a node, whether it is finite, its largest magnitude and its distance.
  constexpr std::size_t kEvaluation = 24 * kBlocks * kNodes;
  EXPECT_EQ(bytes_off(9, 1, false) - bytes_off(9, 0, false), 8 * kEvaluation);
  for (const bool saves : {false, true}) {
    EXPECT_EQ(bytes_off(0, 0, saves), kEvaluation + sizeof(float) * kSize * kNodes);
  }
}

// Of all that is registered there is a config: nothing new is forgotten here.
TEST_F(DeviceRun, OfEveryTestConfigIsThatOfTheProcessor) {
  std::set<std::string> protocols;
  for (const std::filesystem::path& file : configs_in(source_folder() / "tests" / "configs")) {
    for (RunConfig& run : runs_of(file)) {
      if (run.model.type() != "vector" || run.communication.type() != "inproc") continue;
      SCOPED_TRACE(file.string());
      run.rounds = std::min<Round>(run.rounds, 2);
      Experiment::Outcome here;
      const std::string missing = refusal([&] { here = run_.run(run, 1, Seat{}); });
      if (!missing.empty()) {
        EXPECT_THAT(missing, HasSubstr("this build of Kith has none"));  // of LibTorch
        continue;
      }
      const auto outcome = run_.run(run, 1, there());
      // On arrivals the network is another one each time.
      const bool is_on_arrivals = run.node.make()->lanes() > 0;
      EXPECT_TRUE(is_on_arrivals || outcome.digest == here.digest);
      const LateCards cards(2);
      const auto on_two = run_.run(run, 1, cards.seat());
      EXPECT_TRUE(is_on_arrivals || on_two.digest == here.digest) << "on two cards";
      EXPECT_TRUE(is_on_arrivals ||
                  on_two.network.consensus_distance == here.network.consensus_distance);
      protocols.insert(run.node.type());
    }
  }
  for (const std::string& name : Protocol::registry().names()) {
    EXPECT_TRUE(protocols.contains(name) || name.ends_with("_in_a_test")) << name;
  }
}

TEST_F(DeviceRun, OnSeveralCardsIsThatOfTheProcessor) {
  const std::string text = config({R"({"type": "gradient_tracking", "variant": "atc"})"});
  const auto here = run_.run(text, 1);
  for (const int cards : {2, 3, 5, 7}) {
    const LateCards late(cards);
    const auto there = run_.run(text, 2, late.seat());
    EXPECT_EQ(there.digest, here.digest) << cards << " cards";
    EXPECT_EQ(there.network.consensus_distance, here.network.consensus_distance);
  }
}

TEST_F(DeviceRun, VectorsOfADeviceAreNoneOfTheHosts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Array there(10, kernels::device_under_test().device);
  EXPECT_DEATH(there[3] = 1, "");
}

}  // namespace
}  // namespace kith
