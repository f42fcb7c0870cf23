#include <gmock/gmock.h>

#include "core/error.h"
#include "experiment/report/fixtures.h"

namespace kith {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr char kMetrics[] =
    "{\"event\": \"evaluation\", \"round\": 0, \"node\": 0}\n"
    "{\"event\": \"network\", \"round\": 0, \"time_s\": 0.5, \"mean_test_loss\": 2, "
    "\"mean_train_loss\": null}\n"
    "{\"event\": \"network\", \"round\": 5, \"time_s\": 1.5, \"mean_test_loss\": 1}\n";

class FinishedRunFiles : public WithFolder {};

TEST_F(FinishedRunFiles, AreReadAsTheNetworkSawThem) {
  const FinishedRun run = FinishedRun::read(write_run(test_folder_, "run", kMetrics));
  EXPECT_EQ(run.name, "made-up");
  EXPECT_EQ(run.seed, 3);
  EXPECT_EQ(run.wall_time_s, 2.5);
  ASSERT_EQ(run.milestones.size(), 2u);
  EXPECT_EQ(run.last().round, 5);
  EXPECT_EQ(run.last().time_s, 1.5);
  EXPECT_EQ(run.last().value("mean_test_loss"), 1.0);
  EXPECT_EQ(run.milestones[0].value("mean_train_loss"), std::nullopt);
  EXPECT_THAT(run.settings, ElementsAre(Pair("/graph/type", "\"ring\""),
                                        Pair("/name", "\"made-up\""), Pair("/seed", "3")));
}

TEST_F(FinishedRunFiles, OfARunThatFailedAreRefused) {
  const auto folder = write_run(test_folder_, "run", kMetrics, "failed");
  EXPECT_FALSE(is_finished(folder));
  EXPECT_THAT(message_of<InputError>([&] { FinishedRun::read(folder); }),
              HasSubstr("did not finish (status: failed)"));
}

TEST_F(FinishedRunFiles, ThatAreDamagedAreNamed) {
  const auto torn = write_run(test_folder_, "torn", "{\"event\": \"network\", \"rou");
  EXPECT_THAT(message_of<InputError>([&] { FinishedRun::read(torn); }),
              HasSubstr("metrics-0.jsonl: line 1 is damaged"));
  const auto empty = write_run(test_folder_, "empty", "");
  EXPECT_THAT(message_of<InputError>([&] { FinishedRun::read(empty); }),
              HasSubstr("holds no record of the network"));
  const auto odd = write_run(test_folder_, "odd", kMetrics);
  write("odd/summary.json", "[" + std::string(100'000, '['));
  EXPECT_FALSE(is_finished(odd));
  EXPECT_THAT(message_of<InputError>([&] { FinishedRun::read(odd); }),
              HasSubstr("summary.json: is damaged"));
}

TEST_F(FinishedRunFiles, AreFoundInAFolderOfRunsAndInASweep) {
  write_run(test_folder_, "b", kMetrics);
  write_run(test_folder_, "a", kMetrics);
  write_run(test_folder_, "a.old", kMetrics);
  EXPECT_THAT(run_folders(folder_), ElementsAre(folder_ / "a", folder_ / "b"));
  EXPECT_THAT(run_folders(folder_ / "b"), ElementsAre(folder_ / "b"));
  write_run(test_folder_, "sweep/runs/c", kMetrics);
  EXPECT_THAT(run_folders(folder_ / "sweep"), ElementsAre(folder_ / "sweep/runs/c"));
  EXPECT_THAT(message_of<InputError>([&] { run_folders(folder_ / "nowhere"); }),
              HasSubstr("holds no run"));
}

}  // namespace
}  // namespace kith
