#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json_object.h"
#include "node/server.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

constexpr int kNodes = 7;
constexpr double kLr = 0.05;

std::string config_of(const std::filesystem::path& data, const std::string& node, int rounds,
                      int local_steps = 3, int nodes = kNodes,
                      const char* evaluation = R"({"every": 1, "record": ["parameters"]})") {
  return JsonObject()
      .add("nodes", nodes)
      .add("rounds", rounds)
      .add("graph", "ring")
      .raw("dataset", JsonObject().add("type", "quadratics").add("path", data.string()).str())
      .add("model", "vector")
      .raw("training",
           JsonObject().add("type", "sgd").add("lr", kLr).add("local_steps", local_steps).str())
      .raw("node", node)
      .raw("evaluation", evaluation)
      .str();
}

/// Federated learning by the book, in float64.
class ByTheBook {
 public:
  ByTheBook(const QuadraticProblem& problem, std::string algorithm, std::string optimizer)
      : x(problem.x0[0]),
        problem_(problem),
        algorithm_(std::move(algorithm)),
        optimizer_(std::move(optimizer)),
        c_(x.size()),
        m_(x.size()),
        v_(x.size(), kTau * kTau),
        c_of_(problem.n, std::vector<double>(x.size())) {}

  void round(Round number, double fraction, int steps) {
    const std::vector<double> start = x, c = c_;
    std::vector<double> delta(x.size());
    const auto workers = server::draw_workers(1, number, std::ssize(c_of_), fraction);
    for (const Uid worker : workers) {
      const auto i = static_cast<std::size_t>(worker);
      std::vector<double> y = start;
      for (int s = 0; s < steps; ++s) {
        const auto g = problem_.gradient(i, y);
        for (std::size_t k = 0; k < y.size(); ++k) {
          double along = g[k];
          if (algorithm_ == "fedprox") along += 0.4 * (y[k] - start[k]);
          if (algorithm_ == "scaffold") along += c[k] - c_of_[i][k];
          y[k] -= kLr * along;
        }
      }
      for (std::size_t k = 0; k < y.size(); ++k) {
        delta[k] += (y[k] - start[k]) / double(workers.size());
        const double change = (start[k] - y[k]) / (steps * kLr) - c[k];
        if (algorithm_ != "scaffold") continue;
        c_of_[i][k] += change;
        c_[k] += change / double(problem_.n);
      }
    }
    for (std::size_t k = 0; k < x.size(); ++k) x[k] += move(k, delta[k]);
  }

  std::vector<double> x;

  static constexpr double kTau = 0.01, kBeta = 0.6, kBeta2 = 0.9, kServerLr = 0.1;

 private:
  double move(std::size_t k, double delta) {
    if (optimizer_ == "average") return delta;
    double& v = v_[k];
    const double square = delta * delta;
    if (optimizer_ == "sgd") return kServerLr * (m_[k] = kBeta * m_[k] + delta);
    m_[k] = kBeta * m_[k] + (1 - kBeta) * delta;
    if (optimizer_ == "adagrad") v += square;
    if (optimizer_ == "adam") v = kBeta2 * v + (1 - kBeta2) * square;
    if (optimizer_ == "yogi") v -= (1 - kBeta2) * square * (v > square ? 1 : v < square ? -1 : 0);
    return kServerLr * m_[k] / (std::sqrt(v) + kTau);
  }

  const QuadraticProblem& problem_;
  std::string algorithm_, optimizer_;
  std::vector<double> c_, m_, v_;
  Matrix c_of_;
};

struct Case {
  const char* algorithm;
  const char* optimizer;
  double fraction;
};

class FederatedRecursion : public ::testing::TestWithParam<Case> {};

TEST_P(FederatedRecursion, IsTheModelThatAllNodesShowRoundByRound) {
  const Case& c = GetParam();
  const QuadraticProblem problem(kNodes, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  JsonObject node;
  node.add("type", "federated").add("algorithm", c.algorithm).add("working_fraction", c.fraction);
  if (std::string(c.algorithm) == "fedprox") node.add("mu", 0.4);
  if (std::string(c.optimizer) != "average") {
    JsonObject server;
    server.add("type", c.optimizer)
        .add("lr", ByTheBook::kServerLr)
        .add("momentum", ByTheBook::kBeta)
        .add("beta2", ByTheBook::kBeta2)
        .add("tau", ByTheBook::kTau);
    node.raw("server", server.str());
  }
  run.run(config_of(run.folder() / "q.json", node.str(), 40));
  ByTheBook expected(problem, c.algorithm, c.optimizer);
  for (int round = 0; round <= 40; ++round) {
    ASSERT_LT(largest_difference(run.parameters(round), Matrix(kNodes, expected.x)), 2e-5)
        << "round " << round;
    expected.round(round, c.fraction, 3);
  }
}

const Case kCases[] = {
    {"fedavg", "average", 1},   {"fedavg", "average", 0.5},   {"fedprox", "average", 0.3},
    {"scaffold", "average", 1}, {"scaffold", "average", 0.4}, {"scaffold", "sgd", 0.6},
    {"fedavg", "sgd", 0.5},     {"fedavg", "adagrad", 0.5},   {"fedavg", "adam", 0.5},
    {"fedavg", "yogi", 0.5},
};
INSTANTIATE_TEST_SUITE_P(Algorithms, FederatedRecursion, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(Federated, OnlyScaffoldComesToTheOptimumOfAll) {
  const QuadraticProblem problem(kNodes, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  const auto slope = [&](const char* node) {
    run.run(config_of(run.folder() / "q.json", node, 400, 10));
    std::vector<double> mean(4);
    for (std::size_t i = 0; i < kNodes; ++i) {
      const auto g = problem.gradient(i, run.parameters(400)[i]);
      for (std::size_t k = 0; k < 4; ++k) mean[k] += g[k] / kNodes;
    }
    return std::abs(
        *std::ranges::max_element(mean, {}, [](double component) { return std::abs(component); }));
  };
  EXPECT_LT(slope(R"({"type": "federated", "algorithm": "scaffold"})"), 1e-5);
  EXPECT_LT(slope(R"({"type": "federated", "algorithm": "scaffold", "working_fraction": 0.5})"),
            1e-4);
  EXPECT_GT(slope(R"({"type": "federated"})"), 1e-2);
}

TEST(Federated, OneNodeAndTwoNodesWork) {
  for (const int nodes : {1, 2}) {
    const QuadraticProblem problem(static_cast<std::size_t>(nodes), 3);
    TestRun run;
    problem.write(run.folder() / "q.json");
    run.run(config_of(run.folder() / "q.json", R"({"type": "federated"})", 500, 1, nodes));
    std::vector<double> slope(3);
    for (std::size_t i = 0; i < std::size_t(nodes); ++i) {
      const auto g = problem.gradient(i, run.parameters(500)[0]);
      for (std::size_t k = 0; k < 3; ++k) slope[k] += g[k];
    }
    for (const double component : slope) EXPECT_NEAR(component, 0, 1e-5);
  }
}

TEST(Federated, NeitherThreadsNorWhoLooksOnChangeABit) {
  const QuadraticProblem problem(kNodes, 5);
  TestRun run;
  problem.write(run.folder() / "q.json");
  const char* const node =
      R"({"type": "federated", "algorithm": "scaffold", "working_fraction": 0.6})";
  const auto digest = [&](int threads, const char* evaluation) {
    return run.run(config_of(run.folder() / "q.json", node, 30, 3, kNodes, evaluation), threads)
        .digest;
  };
  const auto expected = digest(1, R"({"every": 1})");
  EXPECT_EQ(digest(4, R"({"every": 1})"), expected);
  EXPECT_EQ(digest(2, R"({"every": 0})"), expected);
  EXPECT_EQ(digest(3, R"({"every": 7})"), expected);
}

TEST(Federated, CountsWhatServerAndWorkersSay) {
  constexpr int kRounds = 12, kWorkers = 4;  // ⌈0.5 · 7⌉
  const QuadraticProblem problem(kNodes, 5);
  TestRun run;
  problem.write(run.folder() / "q.json");
  for (const std::uint64_t kinds : {1, 2}) {
    const std::string node =
        std::string(R"({"type": "federated", "working_fraction": 0.5, "algorithm": ")") +
        (kinds == 2 ? "scaffold" : "fedavg") + "\"}";
    run.run(config_of(run.folder() / "q.json", node, kRounds));
    const std::uint64_t one_way = kinds * kRounds * kWorkers * (64 + 5 * 4);
    std::uint64_t said = 0, heard = 0, worked = 0;
    for (const Config& line : run.events("evaluation")) {
      if (line.at("round").to_integer() != kRounds) continue;
      said += std::uint64_t(line.at("bytes_sent").to_integer());
      heard += std::uint64_t(line.at("bytes_received").to_integer());
      if (line.has("rounds_worked")) worked += std::uint64_t(line.at("rounds_worked").to_integer());
    }
    EXPECT_EQ(said, one_way);
    EXPECT_EQ(heard, one_way);
    EXPECT_EQ(worked, std::uint64_t{kRounds * kWorkers});
    const Config server = run.events("service").back();
    EXPECT_EQ(server.at("service").to_string(), "the server");
    EXPECT_EQ(server.at("bytes_sent").to_integer(), std::int64_t(one_way));
    EXPECT_EQ(server.at("bytes_received").to_integer(), std::int64_t(one_way));
    EXPECT_EQ(server.at("workers").to_integer(), kWorkers);
    const Config network = run.events("network").back();
    EXPECT_EQ(network.at("total_bytes_sent").to_integer(), std::int64_t(2 * one_way));
    EXPECT_LT(network.at("consensus_distance").to_number(), 1e-12);
    if (kinds == 2) {
      EXPECT_EQ(server.at("bytes_sent_c").to_integer(), std::int64_t(one_way / 2));
    }
  }
}

TEST(Federated, DrawsEveryNodeEquallyOften) {
  constexpr int kDraws = 20000;
  std::vector<int> drawn(10);
  for (Round round = 0; round < kDraws; ++round) {
    const auto workers = server::draw_workers(3, round, 10, 0.25);
    ASSERT_EQ(workers.size(), 3u);
    ASSERT_TRUE(std::ranges::is_sorted(workers, std::less_equal{}));
    for (const Uid worker : workers) ++drawn[std::size_t(worker)];
  }
  const double deviation = std::sqrt(kDraws * 0.3 * 0.7);
  for (const int times : drawn) EXPECT_NEAR(times, kDraws * 0.3, 4.5 * deviation);
}

TEST(Federated, AServerThatFailsIsNamed) {
  const QuadraticProblem problem(kNodes, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  const char* const node = R"({"type": "federated", "server": {"lr": 1e38}})";
  try {
    run.run(config_of(run.folder() / "q.json", node, 10));
    FAIL() << "a step of 1e38";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                ::testing::StartsWith("the server, round 1: a parameter is not finite"));
    EXPECT_EQ(static_cast<int>(error.code()), 6);
  }
}

TEST(Federated, RefusesWhatPlaysNoPart) {
  const QuadraticProblem problem(kNodes, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  const auto refusal = [&](const std::string& config) -> std::string {
    try {
      run.run(config);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const std::string config = config_of(run.folder() / "q.json", R"({"type": "federated"})", 3);
  EXPECT_THAT(refusal(config.substr(0, config.size() - 1) +
                      R"(, "sharing": {"type": "subsampling", "alpha": 0.5}})"),
              ::testing::HasSubstr(
                  "/sharing: federated says its messages itself, and has no use for subsampling"));
  EXPECT_THAT(refusal(config_of(run.folder() / "q.json", R"({"type": "federated", "mu": 0.1})", 3)),
              ::testing::HasSubstr("mu: is for fedprox"));
  EXPECT_THAT(
      refusal(config.substr(0, config.size() - 1) + R"(, "mapping": {"service_process": 2}})"),
      ::testing::HasSubstr("/mapping/service_process: there are 1 process"));
}

}  // namespace
}  // namespace kith
