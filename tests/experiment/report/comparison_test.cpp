#include "experiment/report/comparison.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "experiment/report/fixtures.h"

namespace kith {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<RunGroup> some_groups() {
  return group_runs(
      {run_with(1, {0.1, 0.6, 0.9}, {{"/sharing/type", "\"full\""}}),
       run_with(1, {0.1, 0.2, 0.7}, {{"/sharing/type", "\"choco\""}, {"/sharing/gamma", "0.5"}}),
       run_with(2, {0.1, 0.6, 0.5}, {{"/sharing/type", "\"full\""}}),
       run_with(2, {0.1, 0.2, 0.3}, {{"/sharing/type", "\"choco\""}, {"/sharing/gamma", "0.5"}})});
}

TEST(Comparison, GroupsRunsThatDifferInTheirSeedOnly) {
  const std::vector<RunGroup> groups = some_groups();
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].runs.size(), 2u);
  EXPECT_THAT(names_of(groups), ElementsAre("full", "choco"));
}

TEST(Comparison, TellsGroupsApartByWhatDiffers) {
  const auto choco = [](const std::string& gamma, const std::string& lr) {
    return run_with(
        1, {0.5},
        {{"/sharing/type", "\"choco\""}, {"/sharing/gamma", gamma}, {"/training/lr", lr}});
  };
  EXPECT_THAT(names_of(group_runs({choco("0.5", "1"), choco("0.25", "1")})),
              ElementsAre("gamma=0.5", "gamma=0.25"));
  const auto full = run_with(1, {0.5}, {{"/sharing/type", "\"full\""}, {"/training/lr", "1"}});
  EXPECT_THAT(names_of(group_runs({full, choco("0.5", "1"), choco("0.25", "1")})),
              ElementsAre("full", "gamma=0.5, choco", "gamma=0.25, choco"));
}

TEST(Comparison, CountsToTheFirstEvaluationThatMeetsTheGoal) {
  const std::vector<RunGroup> groups = some_groups();
  const Goal goal = Goal::of(groups, 0.6, false);
  const Reached full = reach(groups[0], goal);
  EXPECT_EQ(full.count, 2u);
  EXPECT_EQ(full.rounds.mean, 10);
  EXPECT_EQ(full.bytes.mean, 1000);
  EXPECT_EQ(full.time_s.mean, 1);
  const Reached choco = reach(groups[1], goal);
  EXPECT_EQ(choco.count, 1u);
  EXPECT_EQ(choco.rounds.mean, 20);
  EXPECT_THAT(never_reached(groups, goal),
              ElementsAre("choco: never reached in runs/2 (best: 0.3)"));
  EXPECT_THAT(
      comparison_table(groups, goal).rows[1],
      ElementsAre("choco", "1 of 2", "20.0", "2.0 KiB", "2", "0.5000 ± 0.2828", "0.5000 ± 0.2828"));
}

TEST(Comparison, TheCommonGoalIsTheBestThatEveryRunReached) {
  const Goal goal = Goal::common(some_groups());
  EXPECT_EQ(goal.metric, "mean_test_accuracy");
  EXPECT_DOUBLE_EQ(goal.value, 0.3);
  for (const RunGroup& group : some_groups()) EXPECT_TRUE(reach(group, goal).never.empty());
  std::vector<RunGroup> third = group_runs({run_with(1, {1.0 / 3}), run_with(2, {2.0 / 3})});
  EXPECT_DOUBLE_EQ(Goal::common(third).value, 0.3333);
}

TEST(Comparison, WhatNobodyMeasuredIsNoGoal) {
  EXPECT_THAT(message_of<InputError>([] { Goal::of(some_groups(), 1, true); }),
              HasSubstr("none of the runs has a test loss"));
  FinishedRun bare = run_with(1, {0.5});
  bare.milestones[0].values.clear();
  EXPECT_THAT(message_of<InputError>([&] { Goal::common(group_runs({bare})); }),
              HasSubstr("neither"));
}

TEST(Comparison, AsJsonSaysTheSame) {
  const std::vector<RunGroup> groups = some_groups();
  EXPECT_THAT(comparison_json(groups, Goal::of(groups, 0.6, false)),
              HasSubstr(R"({"name": "choco", "runs": 2, "reached": 1, )"
                        R"("rounds": {"mean": 20, "std": null}, )"));
}

}  // namespace
}  // namespace kith
