#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "core/error.h"
#include "kernels/device/device_under_test.h"
#include "support/free_ports.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

using ::testing::HasSubstr;

/// Runs whose vectors lie on a device that the processor plays, where the host may not touch them.
class DeviceRun : public ::testing::Test {
 protected:
  DeviceRun() { QuadraticProblem(5, 37).write(run_.folder() / "quadratics.json"); }

  std::string config(const std::string& node, const std::string& more = "") const {
    return R"({"name": "there", "nodes": 5, "rounds": 6,
               "graph": {"type": "ring", "weights": {"type": "lazy", "of": "metropolis_hastings", "gamma": 0.5}},
               "dataset": {"type": "quadratics", "path": ")" +
           (run_.folder() / "quadratics.json").string() + R"("}, "model": "vector", "node": )" + node +
           R"(, "evaluation": {"every": 3, "record": ["parameters"], "average_model": true})" +
           (more.empty() ? R"(, "training": {"type": "sgd", "lr": 0.05, "local_steps": 1})" : more) + "}";
  }

  Experiment::Outcome run_there(const std::string& text) {
    return run_.run(text, 1, Seat{.device = kernels::device_under_test().device});
  }

  /// Over ZeroMQ, each process with a thread of its own here. What process 0 says of it.
  Experiment::Outcome run_in_processes(std::string text, int processes) {
    text.back() = ',';
    text += R"("communication": {"type": "zmq", "port": )" + std::to_string(free_ports(processes)) + "}}";
    const std::filesystem::path folder = run_.folder() / ("run in processes" + std::to_string(runs_++));
    std::vector<std::future<Experiment::Outcome>> outcomes;
    for (int p = 0; p < processes; ++p) {
      outcomes.push_back(std::async(std::launch::async, [&text, &folder, p, processes] {
        Experiment experiment(RunConfig::read(Config::parse(text, "test.json")), 1,
                              Seat{p, processes, p, kernels::device_under_test().device});
        experiment.join(folder.string());
        return experiment.run(RunDirectory(folder, p), {});
      }));
    }
    for (auto& outcome : outcomes) outcome.wait();
    return outcomes[0].get();
  }

  void expect_the_same(const std::string& text) {
    SCOPED_TRACE(text);
    const auto here = run_.run(text, 1);
    const Matrix x = run_.parameters(6);
    const auto there = run_there(text);
    EXPECT_EQ(there.digest, here.digest);
    EXPECT_EQ(largest_difference(run_.parameters(6), x), 0);
    EXPECT_EQ(run_.events("network").back().at("consensus_distance").to_number(),
              here.network.consensus_distance);
  }

  TestRun run_;
  int runs_ = 0;
};

TEST_F(DeviceRun, HasTheBitsOfTheProcessorWhateverTheProtocol) {
  for (const char* const node :
       {R"("dpsgd")", R"({"type": "dpsgd", "order": "combine_then_adapt"})",
        R"({"type": "dpsgd", "order": "combine_while_adapt"})",
        R"({"type": "dpsgd", "gossip": {"steps": 3, "acceleration": "chebyshev"}})", R"("local")",
        R"("d2")", R"("extra")", R"("exact_diffusion")",
        R"({"type": "gradient_tracking", "variant": "atc"})",
        R"({"type": "gradient_tracking", "variant": "diging"})", R"("kgt")",
        R"({"type": "decentlam", "momentum": 0.9})", R"({"type": "dmsgd", "momentum": 0.9})",
        R"({"type": "quasi_global", "momentum": 0.9})"}) {
    expect_the_same(config(node));
  }
}

TEST_F(DeviceRun, HasTheBitsOfTheProcessorWhateverTheOptimizer) {
  for (const char* const optimizer :
       {R"("type": "sgd", "momentum": 0.9, "nesterov": true, "weight_decay": 0.01)", R"("type": "adam")",
        R"("type": "adamw", "weight_decay": 0.1)", R"("type": "sgd", "momentum": 0.9, "reset_optimizer": true)"}) {
    expect_the_same(config(R"("dpsgd")", std::string(R"(, "training": {"lr": 0.05, "local_steps": 3, )") +
                                             optimizer + "}"));
  }
}

TEST_F(DeviceRun, HasTheBitsOfTheProcessorInSeveralProcesses) {
  for (const char* const node :
       {R"("dpsgd")", R"({"type": "gradient_tracking", "variant": "atc"})",
        R"({"type": "dpsgd", "gossip": {"steps": 3, "acceleration": "chebyshev"}})"}) {
    SCOPED_TRACE(node);
    const auto here = run_.run(config(node), 1);
    const auto there = run_in_processes(config(node), 3);
    EXPECT_EQ(there.digest, here.digest);
    EXPECT_EQ(there.network.consensus_distance, here.network.consensus_distance);
  }
}

TEST_F(DeviceRun, OfWhatWorksOnTheProcessorAloneIsRefused) {
  for (const auto& [text, word] :
       {std::pair{config(R"("sgp")"), "/node: sgp works on the processor alone"},
        std::pair{config(R"("dpsgd")", R"(, "sharing": {"type": "choco", "gamma": 0.5, "compressor": {"type": "top_k", "fraction": 0.5}}, "training": {"type": "sgd", "lr": 0.1})"),
                  "/sharing: choco with these options works on the processor alone"}}) {
    try {
      run_there(text);
      FAIL() << word;
    } catch (const ConfigError& error) {
      EXPECT_THAT(error.what(), HasSubstr(word));
    }
  }
}

TEST_F(DeviceRun, VectorsOfADeviceAreNoneOfTheHosts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Array there(10, kernels::device_under_test().device);
  EXPECT_DEATH(there[3] = 1, "");
}

}  // namespace
}  // namespace kith
