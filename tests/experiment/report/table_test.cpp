#include "experiment/report/table.h"

#include <gtest/gtest.h>

namespace kith {
namespace {

TEST(Spread, IsThatOfASample) {
  const Spread spread({1, 2, 3, 4});
  EXPECT_EQ(spread.mean, 2.5);
  EXPECT_DOUBLE_EQ(spread.deviation * spread.deviation, 5.0 / 3);
  EXPECT_EQ(Spread({0.1, 0.1, 0.1}).mean, 0.1);
  EXPECT_EQ(Spread({0.1, 0.1, 0.1}).deviation, 0);
  EXPECT_EQ(Spread({7}).deviation, 0);
  EXPECT_EQ(Spread(std::vector<double>{}).count, 0u);
}

TEST(Table, LinesUpWhatATerminalShows) {
  const Table table{{"", "x ± y", "n"}, {{"long name", "1 ± 2", "7"}, {"é", "–", "10"}}};
  EXPECT_EQ(table.text(),
            "           x ± y   n\n"
            "long name  1 ± 2   7\n"
            "é              –  10\n");
}

TEST(Table, IsTakenByLatexAsItStands) {
  const Table table{{"", "of"}, {{"a_b & 50 % \\ {}~^#$", "1 ± 2"}, {"none", "–"}}};
  EXPECT_EQ(table.latex(),
            "\\begin{tabular}{lr}\n  \\toprule\n   & of \\\\\n  \\midrule\n"
            "  a\\_b \\& 50 \\% \\textbackslash{} "
            "\\{\\}\\textasciitilde{}\\textasciicircum{}\\#\\$ & 1 $\\pm$ 2 \\\\\n"
            "  none & -- \\\\\n  \\bottomrule\n\\end{tabular}\n");
}

TEST(Table, HasNoDeviationOfASingleRun) {
  EXPECT_EQ(spread_text(Spread({0.91234}), 3), "0.912");
  EXPECT_EQ(spread_text(Spread({0.9, 0.92}), 3), "0.910 ± 0.014");
  EXPECT_EQ(spread_text(Spread(), 3), "–");
  EXPECT_EQ(short_spread_text(Spread({123456, 123456})), "1.23e+05 ± 0");
}

}  // namespace
}  // namespace kith
