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

TEST(Needs, AGraphThatChangesIsRefusedWhereItMustNot) {
  EXPECT_EQ(refusal(R"("one_peer_exponential")", kChoco),
            "/graph: sharing choco needs a static graph, because it keeps a sum of its neighbors' "
            "copies, weighted once and for all; this one changes from round to round");
  EXPECT_EQ(refusal(R"("ring")", kChoco), "no error");
  EXPECT_EQ(refusal(R"("one_peer_exponential")", kDeepSqueeze), "no error");
}

TEST(Needs, WeightsThatDoNotKeepTheMeanAreRefused) {
  EXPECT_EQ(refusal(R"({"type": "star", "weights": "neighborhood_mean"})", kDeepSqueeze),
            "/graph/weights: sharing deepsqueeze needs weights whose rows and columns sum to 1, "
            "because the network's mean would drift; those of node 0 do not; metropolis_hastings "
            "has such");
  EXPECT_EQ(refusal(R"("star")", kDeepSqueeze), "no error");
  EXPECT_EQ(refusal(R"("exponential")", kChoco), "no error");  // directed, but doubly stochastic
  EXPECT_EQ(refusal(R"("random_matching")", kDeepSqueeze), "no error");  // never repeats
}

TEST(Needs, NodesThatStartApartAreRefusedWhereNeighborsMustKnowTheStart) {
  EXPECT_EQ(refusal(R"("ring")", R"("low_precision")", "per_node"),
            "/model/init: sharing low_precision needs nodes that start equal, because neighbors "
            "know a node's vector only by the steps it said; node 1 does not start where node 0 "
            "does");
  EXPECT_EQ(refusal(R"("ring")", R"("low_precision")"), "no error");
  EXPECT_EQ(refusal(R"("ring")", kChoco, "per_node"), "no error");
}

TEST(Needs, AnUnsuitableCompressorIsRefusedBeforeTheRun) {
  EXPECT_EQ(refusal(R"("ring")", R"({"type": "ecd", "compressor": "bf16"})").substr(0, 44),
            "/sharing/compressor: ecd needs an unbiased c");
}

}  // namespace
}  // namespace kith
