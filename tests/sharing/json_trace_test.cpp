#include <gtest/gtest.h>

#include "compression/messages.h"
#include "sharing/fragments.h"
#include "sharing/sharing.h"
#include "support/json_trajectory.h"

namespace kith {
namespace {

using nlohmann::json;

const Trajectory kTraces[] = {
    {"choco_v1_ring_top1", R"({"sharing": {"type": "choco", "gamma": 0.3,
                                           "compressor": {"type": "top_k", "k": 1}}})"},
    {"choco_v2_ring_top1", R"({"sharing": {"type": "choco", "gamma": 0.2, "order": "overlapped",
                                           "compressor": {"type": "top_k", "k": 1}}})"},
    {"choco_v1_ring_sign", R"({"sharing": {"type": "choco", "gamma": 0.3, "compressor": "sign"}})"},
    {"deepsqueeze_ring_top2", R"({"sharing": {"type": "deepsqueeze", "gamma": 0.1,
                                              "compressor": {"type": "top_k", "fraction": 0.5}}})"},
    {"dcd_ring_top3", R"({"sharing": {"type": "dcd", "compressor": {"type": "top_k", "k": 3}}})",
     true},
};

class SharingTrace : public ::testing::TestWithParam<Trajectory> {};
INSTANTIATE_TEST_SUITE_P(Traces, SharingTrace, ::testing::ValuesIn(kTraces),
                         [](const auto& info) { return info.param.trace; });

// In float32 a top-k may choose otherwise sooner or later: only the first rounds are compared.
TEST_P(SharingTrace, IsThatOfTheIndependentComputation) {
  Trajectory trajectory = GetParam();
  json config = json::parse(trajectory.config);
  config["graph"] = "ring";
  config["training"] = {{"lr", 0.05}};
  trajectory.config = config.dump();
  trajectory.rounds = 10;
  expect_trajectory(trajectory);
}

// EL-Local's: everybody sends to two random others, and averages what came, however much. W is of
// any kind: here a receiver would keep half of its own.
TEST(PlainAverageTrace, IsThatOfTheIndependentComputation) {
  const json problem = oracle("trajectories.json"), extra = oracle("trajectories_extra.json");
  if (problem.is_null() || extra.is_null()) GTEST_SKIP() << "NOT CHECKED: no trajectories";
  const json& trace = extra.at("el_local_s2");
  const auto n = problem.at("n").get<std::size_t>();
  json rounds = json::array();
  for (const json& send_to : trace.at("send_to")) {
    std::vector<std::vector<std::size_t>> senders(n);
    for (std::size_t j = 0; j < n; ++j) {
      for (const std::size_t i : send_to.at(j)) senders[i].push_back(j);
    }
    json round = json::array();
    for (std::size_t i = 0; i < n; ++i) {
      const double others = senders[i].empty() ? 0 : 0.5;
      round.push_back({i, i, 1 - others});
      for (const std::size_t j : senders[i]) {
        round.push_back({i, j, others / double(senders[i].size())});
      }
    }
    rounds.push_back(round);
  }
  TestRun run;
  const auto period = rounds.size();
  std::ofstream(run.folder() / "g.json")
      << json{{"nodes", n}, {"period", period}, {"rounds", rounds}}.dump();
  std::ofstream(run.folder() / "q.json")
      << json{{"A", problem.at("A")}, {"b", problem.at("b")}, {"x0", problem.at("X0")}}.dump();
  run.run(json{{"nodes", n},
               {"rounds", period},
               {"graph", {{"type", "file"}, {"path", run.folder() / "g.json"}}},
               {"dataset", {{"type", "quadratics"}, {"path", run.folder() / "q.json"}}},
               {"model", "vector"},
               {"training", {{"type", "sgd"}, {"lr", 0.05}}},
               {"sharing", "plain_average"},
               {"evaluation", {{"every", 1}, {"record", {"parameters"}}}}}
              .dump());
  for (const auto& [round, expected] : trace.at("X").items()) {
    EXPECT_LT(largest_difference(run.parameters(std::stoi(round)), expected.get<Matrix>()), 1e-5)
        << "round " << round;
  }
}

// Shatter with two fragments of two coordinates, each told to one node that the trace names.
TEST(RandomFragmentsTrace, IsThatOfTheIndependentComputation) {
  const json problem = oracle("trajectories.json"), extra = oracle("trajectories_extra.json");
  if (problem.is_null() || extra.is_null()) GTEST_SKIP() << "NOT CHECKED: no trajectories";
  const json& trace = extra.at("shatter_k2");
  const auto n = problem.at("n").get<std::size_t>(), d = problem.at("d").get<std::size_t>();
  ParameterLayout layout;
  layout.add("x", {std::int64_t(d)});
  const auto chunks = trace.at("chunks").get<std::vector<std::vector<std::uint32_t>>>();
  std::uint64_t seed = 0;  // the first that cuts as the trace does
  const auto cut_as_there = [&] {
    const Fragments cut(layout, 2, seed);
    return std::ranges::equal(cut.coordinates().first(2), chunks[0]) &&
           std::ranges::equal(cut.coordinates().last(2), chunks[1]);
  };
  while (!cut_as_there()) ++seed;

  const auto chosen = Sharing::registry().read(
      Config::parse(R"({"type": "random_fragments", "fragments": 2})", "run.json"));
  Reports reports;
  std::vector<std::unique_ptr<Sharing>> nodes;
  for (std::size_t i = 0; i < n; ++i)
    nodes.push_back(chosen.make({Uid(i), seed, layout, {}, reports}));
  const Codec codec(CodecOptions{});
  const auto a = problem.at("A").get<std::vector<Matrix>>();
  const auto b = problem.at("b").get<Matrix>(), x0 = problem.at("X0").get<Matrix>();
  std::vector<std::shared_ptr<Array>> x;
  for (const auto& row : x0) {
    x.push_back(std::make_shared<Array>(d));
    std::ranges::copy(row, x.back()->data());
  }
  int round = 0;
  for (const json& route : trace.at("route")) {
    std::vector<std::shared_ptr<Array>> y;
    for (std::size_t i = 0; i < n; ++i) {
      y.push_back(std::make_shared<Array>(d));
      for (std::size_t r = 0; r < d; ++r) {
        double gradient = 0;
        for (std::size_t c = 0; c < d; ++c) gradient += a[i][r][c] * (double((*x[i])[c]) - b[i][c]);
        (*y[i])[r] = static_cast<float>(double((*x[i])[r]) - 0.05 * gradient);
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<Body> bodies;
      std::vector<Uid> senders;
      for (std::size_t j = 0; j < n; ++j) {
        std::vector<float> values;
        std::vector<std::uint8_t> set(1);
        for (std::size_t f = 0; f < 2; ++f) {
          if (route.at(f).at(j) != i) continue;
          set[0] = static_cast<std::uint8_t>(set[0] | 1u << f);
          for (const std::uint32_t k : chunks[f]) values.push_back((*y[j])[k]);
        }
        if (values.empty()) continue;
        const Form form{.head = 1, .values = values.size()};
        bodies.push_back(in_bytes(codec, message({}, values, set), form, kNoIndices));
        senders.push_back(static_cast<Uid>(j));
      }
      std::vector<Sharing::Heard> heard;
      for (std::size_t k = 0; k < bodies.size(); ++k)
        heard.push_back({senders[k], 0.1f, &bodies[k]});
      nodes[i]->hear({}, y[i], heard, x[i]->view());
    }
    ++round;
    if (!trace.at("X").contains(std::to_string(round))) continue;
    const Matrix expected = trace.at("X").at(std::to_string(round));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < d; ++k) {
        ASSERT_NEAR((*x[i])[k], expected[i][k], 1e-5) << "round " << round << ", node " << i;
      }
    }
  }
  EXPECT_EQ(round, 25);
}

}  // namespace
}  // namespace kith
