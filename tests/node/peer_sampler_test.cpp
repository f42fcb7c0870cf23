#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json_object.h"
#include "node/peer_service.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

constexpr int kNodes = 9, kRounds = 20;

std::string config_of(const std::filesystem::path& data, const std::string& node,
                      const std::string& graph, const char* sharing = R"("full")") {
  return JsonObject()
      .add("nodes", kNodes)
      .add("rounds", kRounds)
      .raw("graph", graph)
      .raw("dataset", JsonObject().add("type", "quadratics").add("path", data.string()).str())
      .add("model", "vector")
      .raw("training", R"({"type": "sgd", "lr": 0.05, "local_steps": 2})")
      .raw("sharing", sharing)
      .raw("node", node)
      .raw("evaluation", R"({"every": 5})")
      .str();
}

class Peers : public ::testing::Test {
 protected:
  Peers() { QuadraticProblem(kNodes, 6).write(run_.folder() / "q.json"); }

  std::uint64_t digest(const std::string& node, const std::string& graph,
                       const char* sharing = R"("full")") {
    return run_.run(config_of(run_.folder() / "q.json", node, graph, sharing)).digest;
  }

  std::string refusal(const std::string& node, const std::string& graph) {
    try {
      digest(node, graph);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  }

  TestRun run_;
};

TEST_F(Peers, ThatASamplerNamesAreThoseOfTheSchedule) {
  for (const char* graph : {R"("ring")", R"("star")", R"({"type": "random_regular", "degree": 4})",
                            R"({"type": "epidemic", "degree": 2})", R"("one_peer_exponential")",
                            R"("random_matching")"}) {
    EXPECT_EQ(digest(R"("peer_sampler")", graph), digest(R"("dpsgd")", graph)) << graph;
  }
  const char* const choco =
      R"({"type": "choco", "gamma": 0.3, "compressor": {"type": "top_k", "k": 2}})";
  EXPECT_EQ(digest(R"("peer_sampler")", R"("ring")", choco),
            digest(R"("dpsgd")", R"("ring")", choco));
}

TEST_F(Peers, AreNamedOnceWhereTheGraphStays) {
  // 64 of a header, 12 of numbers, and for each neighbor 12 to hear it and 4 to be heard.
  const std::int64_t one = 64 + 12 + 2 * (12 + 4);
  digest(R"("peer_sampler")", R"("ring")");
  EXPECT_EQ(run_.events("service").back().at("bytes_sent").to_integer(), kNodes * one);
  EXPECT_EQ(run_.events("service").back().at("service").to_string(), "the peer sampler");
  digest(R"("peer_sampler")", R"({"type": "random_regular", "degree": 2})");
  EXPECT_EQ(run_.events("service").back().at("bytes_sent").to_integer(), kRounds * kNodes * one);
}

TEST_F(Peers, OfEpidemicLearningAreDrawnByEachNodeOrByAnOracle) {
  const std::string local = R"({"type": "epidemic", "variant": "local"})";
  const std::string oracle = R"({"type": "epidemic", "variant": "oracle"})";
  const std::string drawn = R"({"type": "epidemic", "degree": 3})";
  EXPECT_EQ(digest(local, drawn), digest(R"("dpsgd")", drawn));
  const std::string regular = R"({"type": "random_regular", "degree": 4})";
  EXPECT_EQ(digest(oracle, regular), digest(R"("dpsgd")", regular));
}

TEST_F(Peers, OfEpidemicLearningHearAByteFromAllOthers) {
  digest(R"("epidemic")", R"({"type": "epidemic", "degree": 3})");
  const Config last = run_.events("evaluation").back();
  EXPECT_EQ(last.at("bytes_sent").to_integer(),
            kRounds * (3 * (64 + 4 * 6) + (kNodes - 1) * (64 + 1)));
}

TEST_F(Peers, OfEpidemicLearningAreDrawnAnewOrTheRunIsRefused) {
  EXPECT_THAT(
      refusal(R"("epidemic")", R"("ring")"),
      ::testing::HasSubstr("/graph: epidemic needs peers that are drawn anew in every round, "
                           "but this graph stays the same; use epidemic"));
  EXPECT_THAT(refusal(R"("epidemic")",
                      R"({"type": "epidemic", "degree": 2, "weights": {"type": "lazy", "gamma": 0.5,
                          "of": "neighborhood_mean"}})"),
              ::testing::HasSubstr("/graph/weights: epidemic needs weights that are equal"));
}

TEST(PeerService, BelievesNoNonsense) {
  const Neighborhood right{0.5, {{1, 0.25}, {3, 0.25}}, {0, 3}};
  const Body body = message_of(right);
  const ByteView bytes = body.coded();
  const Neighborhood back = neighborhood_of(bytes, 2, 4);
  EXPECT_EQ(back.self_weight, 0.5);
  EXPECT_EQ(back.receivers, right.receivers);
  ASSERT_EQ(back.senders.size(), 2u);
  EXPECT_EQ(back.senders[1].uid, 3);
  EXPECT_EQ(back.senders[1].weight, 0.25);
  for (std::size_t size = 0; size < 12 + 2 * 12; ++size) {  // cut off before the receivers
    EXPECT_THROW(neighborhood_of(bytes.first(size), 2, 4), PeerError) << size;
  }
  EXPECT_THROW(neighborhood_of(bytes.first(bytes.size() - 1), 2, 4), PeerError);
  EXPECT_THROW(neighborhood_of(bytes, 1, 4), PeerError);  // hears itself
  EXPECT_THROW(neighborhood_of(bytes, 2, 3), PeerError);  // hears who is not there
  EXPECT_THROW(neighborhood_of(message_of({NAN, {}, {}}).coded(), 0, 4), PeerError);
  EXPECT_THROW(neighborhood_of(message_of({1, {}, {2, 1}}).coded(), 0, 4), PeerError);
}

}  // namespace
}  // namespace kith
