#include "experiment/report/run_group.h"

#include <gmock/gmock.h>

#include "experiment/report/fixtures.h"

namespace kith {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RunGroup group_of(const std::string& panel, const std::string& name,
                  std::vector<FinishedRun> runs) {
  return {panel, name, std::move(runs), 3};
}

TEST(RunGroup, CurvesAreMeansOverTheRoundsThatAllRunsShare) {
  const RunGroup group =
      group_of("p", "g", {run_with(1, {0.1, 0.5, 0.7}), run_with(2, {0.3, 0.5})});
  const Chart chart = curves_of({group}, "mean_test_accuracy", Abscissa::kRound);
  ASSERT_EQ(chart.panels.size(), 1u);
  const Curve& curve = chart.panels[0].curves.at(0);
  EXPECT_THAT(curve.x, ElementsAre(0, 10));
  EXPECT_THAT(curve.mean, ElementsAre(0.2, 0.5));
  EXPECT_NEAR(curve.deviation[0], 0.2 / std::sqrt(2), 1e-15);
  EXPECT_EQ(curve.deviation[1], 0);
  EXPECT_EQ(chart.y_label, "test accuracy");
}

TEST(RunGroup, BytesAreShownInAUnitThatFits) {
  std::vector<double> many(3, 0.5);
  const Chart chart =
      curves_of({group_of("p", "g", {run_with(1, many)})}, "mean_test_accuracy", Abscissa::kBytes);
  EXPECT_EQ(chart.x_label, "sent by all nodes [KiB]");
  EXPECT_THAT(chart.panels[0].curves[0].x, ElementsAre(0, 1000 / 1024.0, 2000 / 1024.0));
}

TEST(RunGroup, ConfigsHaveAPanelEach) {
  const std::vector<RunGroup> groups{group_of("a", "full", {run_with(1, {0.1, 0.2})}),
                                     group_of("b", "full", {run_with(1, {0.1, 0.2})})};
  EXPECT_EQ(curves_of(groups, "mean_test_accuracy", Abscissa::kSeconds).panels.size(), 2u);
  EXPECT_TRUE(curves_of(groups, "unheard_of", Abscissa::kRound).panels.empty());
  EXPECT_THAT(names_of(groups), ElementsAre("a, full", "b, full"));
}

TEST(RunGroup, TheTableSaysHowManyRunsAreMissing) {
  const Table table = final_table(
      {group_of("p", "g", {run_with(1, {0.9}), run_with(2, {0.8})}), group_of("p", "gone", {})});
  EXPECT_THAT(table.header, ElementsAre("", "runs", "test accuracy", "consensus distance", "rounds",
                                        "sent", "wall time [s]"));
  EXPECT_THAT(table.rows[0],
              ElementsAre("g", "2 of 3", "0.8500 ± 0.0707", "–", "0", "0 B", "10 ± 0"));
  EXPECT_THAT(table.rows[1], ElementsAre("gone", "0 of 3", "–", "–", "–", "–", "–"));
}

}  // namespace
}  // namespace kith
