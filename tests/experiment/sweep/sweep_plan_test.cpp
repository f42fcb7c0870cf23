#include "experiment/sweep/sweep_plan.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "experiment/sweep/sweep_report.h"
#include "support/folder.h"

namespace kith {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kGossip[] = R"({
  "nodes": 4, "rounds": 2, "seed": 9, "graph": "ring", "model": {"type": "vector", "size": 2},
  "training": {"type": "sgd", "local_steps": 0} })";

class SweepPlans : public WithFolder {
 protected:
  SweepPlans() { write("gossip.json", kGossip); }

  SweepPlan plan(const std::string& text, const std::vector<std::string>& settings = {}) const {
    const std::filesystem::path file = write("sweep.json", text);
    return SweepPlan::make(SweepConfig::read(file), file, settings);
  }
  static std::vector<std::string> names(const SweepPlan& plan) {
    std::vector<std::string> names;
    for (const PlannedRun& run : plan.runs) names.push_back(run.name);
    return names;
  }
  std::string error(const std::string& text) const {
    return message_of<ConfigError>([&] { plan(text); });
  }
};

TEST_F(SweepPlans, AreEveryCombination) {
  const SweepPlan made = plan(R"({ "configs": ["gossip.json"], "seeds": "1..2",
    "overrides": [ {"name": "plain"}, {"name": "long", "set": {"rounds": 7}} ],
    "vary": { "graph": ["ring", "star"] } })");
  EXPECT_THAT(names(made), ElementsAre("gossip-plain_ring-seed1", "gossip-plain_ring-seed2",
                                       "gossip-plain_star-seed1", "gossip-plain_star-seed2",
                                       "gossip-long_ring-seed1", "gossip-long_ring-seed2",
                                       "gossip-long_star-seed1", "gossip-long_star-seed2"));
  EXPECT_THAT(made.axes, ElementsAre("config", "override", "graph", "seed"));
  const PlannedRun& last = made.runs.back();
  EXPECT_THAT(last.labels, ElementsAre("gossip", "long", "star", "2"));
  EXPECT_EQ(last.group, "long, star");
  EXPECT_EQ(last.config.rounds, 7);
  EXPECT_EQ(last.config.seed, 2);
  EXPECT_EQ(last.config.graph.type(), "star");
  EXPECT_EQ(made.name, "sweep");
}

TEST_F(SweepPlans, OfAConfigAloneAreThatConfig) {
  const SweepConfig sweep = SweepConfig::read(folder_ / "gossip.json");
  const SweepPlan made = SweepPlan::make(sweep, folder_ / "gossip.json", {"rounds=3"});
  EXPECT_THAT(names(made), ElementsAre("gossip-seed9"));
  EXPECT_EQ(made.runs[0].group, "");
  EXPECT_EQ(made.runs[0].config.rounds, 3);
}

TEST_F(SweepPlans, PathsInASweepFileAreRelativeToIt) {
  write("deep/sweep.json", R"({ "configs": ["../gossip.json"],
    "overrides": [{"name": "file", "set": {"graph": {"type": "file", "path": "my.edges"}}}] })");
  const auto file = folder_ / "deep/sweep.json";
  const SweepPlan made = SweepPlan::make(SweepConfig::read(file), file, {});
  EXPECT_THAT(made.runs.at(0).config.json(), HasSubstr((folder_ / "deep/my.edges").string()));
}

TEST_F(SweepPlans, NameValuesByWhatSetsThemApart) {
  EXPECT_THAT(names(plan(R"({ "configs": ["gossip.json"], "vary": { "rounds": [1, 2] } })")),
              ElementsAre("gossip-rounds=1-seed9", "gossip-rounds=2-seed9"));
  const SweepPlan made = plan(R"({ "configs": ["gossip.json"], "vary": { "sharing": [ "full",
    {"type": "choco", "gamma": 1, "compressor": "sign"},
    {"type": "choco", "gamma": 0.5, "compressor": "sign"} ] } })");
  EXPECT_EQ(made.runs[0].group, "full");
  EXPECT_THAT(made.runs[1].group, HasSubstr("\"gamma\":1"));
  EXPECT_THAT(made.runs[2].group, HasSubstr("\"gamma\":0.5"));
}

TEST_F(SweepPlans, TellWhatIsWrongAndWhere) {
  EXPECT_THAT(error(R"({ "configs": [] })"), HasSubstr("/configs: must name at least one config"));
  EXPECT_THAT(error(R"({ "configs": ["gossip.json"], "overides": [] })"),
              HasSubstr("did you mean \"overrides\"?"));
  EXPECT_THAT(error(R"({ "configs": ["gossip.json"], "seeds": "5..1" })"),
              HasSubstr("/seeds: seeds must be such as 1..5"));
  EXPECT_THAT(error(R"({ "configs": ["gossip.json"], "seeds": [1, 1] })"),
              HasSubstr("seed \"1\" twice"));
  EXPECT_THAT(error(R"({ "configs": ["gossip.json"], "vary": {"rounds": []} })"),
              HasSubstr("/vary/rounds: must have at least one value"));
  EXPECT_THAT(error(R"({ "configs": ["gossip.json"], "vary": {"rounds": [1, "many"]} })"),
              HasSubstr("sweep.json: /rounds: must be an integer"));
  EXPECT_THAT(error(R"({ "configs": ["gossip.json", "gossip.json"] })"), HasSubstr("twice"));
  EXPECT_THAT(error(R"({ "configs": ["gossip.json"], "seeds": "1..90000",
                         "vary": {"rounds": [1, 2]} })"),
              HasSubstr("more than 100000 runs"));
  EXPECT_THAT(error(R"({ "configs": ["gossip.json"], "name": "../up" })"), HasSubstr("/name"));
}

TEST(SweepWords, SeedsAreARangeOrAList) {
  EXPECT_THAT(seeds_of("2..4").all, ElementsAre(2, 3, 4));
  EXPECT_THAT(seeds_of("7").all, ElementsAre(7));
  EXPECT_THAT(seeds_of("1,4,9").all, ElementsAre(1, 4, 9));
  for (const char* wrong : {"", "a", "1..", "..2", "-1", "1,", "3..1", "0..9999999999", "1.5"}) {
    EXPECT_THROW(seeds_of(wrong), ConfigError) << wrong;
  }
}

TEST(SweepWords, CommasWithinBracketsPartNothing) {
  EXPECT_THAT(variation_of("a.b=1,x,{\"p\": [1,2], \"q\": \"a,]\"},\"u,v\"").values,
              ElementsAre("1", "x", "{\"p\": [1,2], \"q\": \"a,]\"}", "\"u,v\""));
  for (const char* wrong : {"", "a", "=1", "a="}) {
    EXPECT_THROW(variation_of(wrong), ConfigError) << wrong;
  }
}

TEST(SweepWords, CsvCellsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(csv_cell("plain"), "plain");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("{\"a\"}"), "\"{\"\"a\"\"}\"");
}

}  // namespace
}  // namespace kith
