#include "experiment/report/chart.h"

#include <gmock/gmock.h>

#include <limits>

namespace kith {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Chart chart_of(const std::vector<double>& mean, const std::vector<double>& deviation) {
  Curve curve{"a < b", {}, mean, deviation};
  for (std::size_t i = 0; i < mean.size(); ++i) curve.x.push_back(static_cast<double>(i));
  return {"title", "round", "loss", {{"panel", {curve}}}};
}

TEST(Chart, TicksAreRoundNumbersWithinTheRange) {
  EXPECT_THAT(round_ticks(0, 50, 6), ElementsAre(0, 10, 20, 30, 40, 50));
  EXPECT_THAT(round_ticks(0.97, 3.1, 5), ElementsAre(1, 1.5, 2, 2.5, 3));
  EXPECT_THAT(round_ticks(-1, 1, 4), ElementsAre(-1, -0.5, 0, 0.5, 1));
  // Closer than neighbors among the doubles: still an end.
  EXPECT_LE(round_ticks(1e16, 1e16 + 2, 5).size(), 11u);
}

TEST(Chart, DrawsABandOnlyAroundWhatVaries) {
  EXPECT_THAT(chart_of({1, 2, 3}, {0.1, 0.2, 0.1}).svg(), HasSubstr("fill-opacity=\"0.18\""));
  EXPECT_THAT(chart_of({1, 2, 3}, {0, 0, 0}).svg(), Not(HasSubstr("fill-opacity")));
}

TEST(Chart, ACurveGoesFromCornerToCorner) {
  // The axes end where the data do: 400 by 260 units, y downwards.
  EXPECT_THAT(chart_of({1, 2, 3}, {0, 0, 0}).svg(), HasSubstr("d=\"M0 260L200 130L400 0\""));
}

TEST(Chart, IsLogarithmicWhereValuesSpanMoreThanTwoDecades) {
  // From 1 through 10 to 1,000: a third of the way up.
  EXPECT_THAT(chart_of({1, 10, 1000}, {0, 0, 0}).svg(), HasSubstr("d=\"M0 260L200 173.33L400 0\""));
  EXPECT_THAT(chart_of({1, 10, 1000}, {0, 0, 0}).svg(), HasSubstr(">10²</text>"));
  // A zero has no place, and what is below 0 none at all.
  EXPECT_THAT(chart_of({0, 1, 1000}, {0, 0, 0}).svg(), HasSubstr("d=\"M200 260L400 0\""));
  EXPECT_THAT(chart_of({-1, 0, 999}, {0, 0, 0}).svg(), HasSubstr("d=\"M0 260L200 259.74L400 0\""));
}

TEST(Chart, LeavesOutWhatIsNotFinite) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const std::string svg = chart_of({1, kNan, kInf, 3}, {0, 0, 0, kNan}).svg();
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_THAT(chart_of({kNan}, {kNan}).svg(), HasSubstr("</svg>"));
  EXPECT_THAT(chart_of({5}, {0}).svg(), HasSubstr("</svg>"));
}

TEST(Chart, NamesAreEscaped) {
  const std::string svg = chart_of({1, 2}, {0, 0}).svg();
  EXPECT_THAT(svg, HasSubstr("a &lt; b"));
  EXPECT_THAT(svg, Not(HasSubstr("a < b")));
}

}  // namespace
}  // namespace kith
