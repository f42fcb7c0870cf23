#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json_object.h"
#include "experiment/experiment.h"
#include "support/folder.h"

namespace kith {
namespace {

constexpr const char* kChoco = R"({"type": "choco", "gamma": 0.5, "compressor": "sign"})";
constexpr const char* kDeepSqueeze =
    R"({"type": "deepsqueeze", "gamma": 0.5, "compressor": "sign"})";

std::string refusal(const std::string& graph, const std::string& sharing,
                    const std::string& init = "shared") {
  const std::string config =
      JsonObject()
          .add("nodes", 8)
          .add("rounds", 1)
          .raw("graph", graph)
          .raw("sharing", sharing)
          .raw("model", JsonObject().add("type", "vector").add("size", 3).add("init", init).str())
          .raw("training", R"({"type": "sgd", "local_steps": 0})")
          .str();
  return message_of<ConfigError>(
      [&] { Experiment(RunConfig::read(Config::parse(config, "run.json")), 1); });
}

TEST(SharingNeeds, AGraphThatChangesIsRefusedWhereItMustNot) {
  EXPECT_THAT(
      refusal(R"("one_peer_exponential")", kChoco),
      testing::StartsWith(
          "/graph: choco (it keeps a sum of its neighbors' copies, weighted once and for all) "
          "needs a graph that stays the same, but one_peer_exponential changes"));
  EXPECT_EQ(refusal(R"("ring")", kChoco), "no error");
  EXPECT_EQ(refusal(R"("one_peer_exponential")", kDeepSqueeze), "no error");
}

TEST(SharingNeeds, WeightsThatDoNotKeepTheMeanAreRefused) {
  EXPECT_THAT(refusal(R"({"type": "star", "weights": "neighborhood_mean"})", kDeepSqueeze),
              testing::StartsWith("/graph/weights: deepsqueeze needs doubly stochastic weights"));
  EXPECT_EQ(refusal(R"("star")", kDeepSqueeze), "no error");
  EXPECT_EQ(refusal(R"("exponential")", kChoco), "no error");  // directed, but doubly stochastic
  EXPECT_EQ(refusal(R"("random_matching")", kDeepSqueeze), "no error");  // never repeats
  const char* const kMoniqua = R"({"type": "moniqua", "theta": 1, "bits": 4})";
  EXPECT_THAT(refusal(R"({"type": "star", "weights": "neighborhood_mean"})", kMoniqua),
              testing::StartsWith("/graph/weights: moniqua needs doubly stochastic weights"));
  EXPECT_EQ(refusal(R"("random_matching")", kMoniqua), "no error");
}

TEST(SharingNeeds, AMethodOfEdgesNeedsBothWaysAlike) {
  const char* const kPowerGossip = R"({"type": "powergossip", "rank": 1, "gamma": 1})";
  EXPECT_THAT(
      refusal(R"("exponential")", kPowerGossip),
      testing::StartsWith("/graph/weights: powergossip (two neighbors move by the same, and "
                          "remember each other's differences) needs weights that are equal "
                          "both ways"));
  EXPECT_THAT(refusal(R"("random_matching")", kPowerGossip),
              testing::HasSubstr("needs a graph that stays the same"));
  EXPECT_EQ(refusal(R"("star")", kPowerGossip), "no error");
}

TEST(SharingNeeds, NodesThatStartApartAreRefusedWhereNeighborsMustKnowTheStart) {
  EXPECT_THAT(refusal(R"("ring")", R"("low_precision")", "per_node"),
              testing::StartsWith("/model/init: low_precision (it keeps a sum of its neighbors' "
                                  "vectors, which it knows by the steps they said) needs all nodes "
                                  "to start from the same parameters"));
  EXPECT_EQ(refusal(R"("ring")", R"("low_precision")"), "no error");
  EXPECT_EQ(refusal(R"("ring")", kChoco, "per_node"), "no error");
}

TEST(SharingNeeds, AnUnsuitableCompressorIsRefusedBeforeTheRun) {
  EXPECT_EQ(refusal(R"("ring")", R"({"type": "ecd", "compressor": "bf16"})").substr(0, 44),
            "/sharing/compressor: ecd needs an unbiased c");
}

}  // namespace
}  // namespace kith
