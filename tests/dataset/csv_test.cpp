#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataset/fixtures.h"

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Csv : public WithDataFiles {
 protected:
  std::string with(const std::string& options) {
    return R"({"type": "csv", "path": "@/t.csv", )" + options + "}";
  }
  std::string classify(const std::string& options = R"("test_fraction": 0)") {
    return with(R"("target": "y", "task": "classification", )" + options);
  }
  std::string regress(const std::string& options = R"("test_fraction": 0)") {
    return with(R"("target": "y", "task": "regression", )" + options);
  }
};

TEST_F(Csv, ColumnsAreFeaturesUnlessTheyAreTheTarget) {
  write("t.csv", "a,y,b\n1,0.5,2\n-3e1, 7 ,+.25\n");
  const Data data = load_here(regress());
  EXPECT_EQ(data.task, Objective::kRegression);
  EXPECT_EQ(data.outputs, 1);
  EXPECT_EQ(data.classes, 0);
  EXPECT_THAT(data.train.shape(), ElementsAre(2));
  EXPECT_THAT(features_of(data.train), ElementsAre(1, 2, -30, 0.25f));
  EXPECT_THAT(data.train.targets, ElementsAre(0.5f, 7));
  EXPECT_THAT(data.train.labels, IsEmpty());
}

TEST_F(Csv, FeaturesComeInTheOrderAskedFor) {
  write("t.csv", "a,who,y,b\n1,ann,0,2\n3,bob,1,4\n");
  const Data data = load_here(classify(R"("features": ["b", "a"], "test_fraction": 0)"));
  EXPECT_THAT(features_of(data.train), ElementsAre(2, 1, 4, 3));
  EXPECT_TRUE(data.train.columns.empty());
}

TEST_F(Csv, ClassesThatAreTextsAreSortedAsTexts) {
  write("t.csv", "x,y\n1,virginica\n1,setosa\n1,10\n1,9\n1,setosa\n");
  const Data data = load_here(classify());
  EXPECT_EQ(data.classes, 4);
  EXPECT_THAT(data.train.labels, ElementsAre(3, 2, 0, 1, 2));
}

TEST_F(Csv, ClassesThatAreNumbersAreSortedAsNumbers) {
  write("t.csv", "x,y\n1,10\n1,9\n1,-1\n1,9.0\n");
  const Data data = load_here(classify());
  EXPECT_EQ(data.classes, 3);
  EXPECT_THAT(data.train.labels, ElementsAre(2, 1, 0, 1));
}

TEST_F(Csv, TheLastRowsAreTheTestSet) {
  write("t.csv", "x,y\n0,b\n1,a\n2,b\n3,c\n4,a\n");
  const Data data = load_here(classify(R"("test_fraction": 0.4)"));
  EXPECT_THAT(features_of(data.train), ElementsAre(0, 1, 2));
  EXPECT_THAT(features_of(data.test), ElementsAre(3, 4));
  EXPECT_THAT(data.test.labels, ElementsAre(2, 0));
  EXPECT_EQ(data.classes, 3);
}

TEST_F(Csv, TheTestTableMayHaveItsColumnsInAnotherOrder) {
  write("t.csv", "a,b,y\n1,2,n\n3,4,p\n");
  write_gzip("test.csv.gz", "y,b,other,a\np,20,?,10\nm,40,?,30\n");
  const Data data = load_here(classify(R"("test_path": "@/test.csv.gz")"));
  EXPECT_THAT(features_of(data.test), ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(data.train.labels, ElementsAre(1, 2)) << "classes m, n, p of both tables";
  EXPECT_THAT(data.test.labels, ElementsAre(2, 0));
}

TEST_F(Csv, QuotedFieldsHoldCommasNewlinesAndQuotes) {
  write("t.csv", "\xEF\xBB\xBF\"x, \"\"wide\"\"\",y\r\n\"1\",\"a\nb\"\r\n\r\n2,a\"b\r\n3,\"\"");
  const Data data = load_here(classify(R"("features": ["x, \"wide\""], "test_fraction": 0)"));
  EXPECT_THAT(features_of(data.train), ElementsAre(1, 2, 3));
  EXPECT_THAT(data.train.labels, ElementsAre(1, 2, 0));
}

TEST_F(Csv, KeepsTheColumnThatItIsDealtBy) {
  write("t.csv", "user,x,y\nann,1,0\nbob,2,0\nann,3,1\neve,4,1\n");
  const auto dataset = dataset_of(replaced(classify(
                                               R"("features": ["x"], "test_fraction": 0.25,
             "partition": {"type": "by_column", "column": "user"})"),
                                           "@", folder_.string()));
  const Data data = load_data(dataset, 2, 1);
  EXPECT_THAT(data.train.columns.at("user"), ElementsAre(0, 1, 0));
  EXPECT_THAT(deal_samples(dataset.common().partition, data.train, 2, 1),
              ElementsAre(ElementsAre(0, 2), ElementsAre(1)));
}

TEST_F(Csv, SaysWhichOptionsGoTogether) {
  write("t.csv", "x,y\n0,b\n1,a\n");
  EXPECT_EQ(message_here<ConfigError>(classify(R"("test_path": "t", "test_fraction": 0.5)")),
            "run.json: /dataset/test_fraction: test_path says what to test on already; remove one "
            "of them");
  EXPECT_EQ(message_here<ConfigError>(classify(R"("features": ["y"], "test_fraction": 0.5)")),
            "run.json: /dataset/features: must not hold the target");
  EXPECT_EQ(message_here<ConfigError>(with(R"("target": "y")")),
            "/dataset/task: is missing; say \"classification\" or \"regression\"");
  EXPECT_EQ(message_here<ConfigError>(classify(R"("test_fraction": 1)")),
            "run.json: /dataset/test_fraction: must be at least 0 and below 1, got 1");
  EXPECT_EQ(replaced(message_here<ConfigError>(classify(R"("test_fraction": 0.9)")),
                     folder_.string() + '/', ""),
            "/dataset/test_fraction: 0.9 of the 2 rows in t.csv leaves none to train on");
}

TEST_F(Csv, SaysWhatIsWrongWithAFile) {
  const auto message = [&](const std::string& text) {
    write("t.csv", text);
    return message_here(classify());
  };
  EXPECT_EQ(message(""), "t.csv: is empty, expected a header line");
  EXPECT_EQ(message("x,y\n\n"), "t.csv: has a header line but no rows");
  EXPECT_EQ(message("y\n1\n"), "t.csv: has no column besides the target");
  EXPECT_EQ(message("ax,yy\n1,2\n"),
            "t.csv: has no column \"y\"; did you mean \"yy\"? Known: ax, yy");
  EXPECT_EQ(message("x,y,x\n"), "t.csv: line 1: the column \"x\" stands twice in the header line");
  EXPECT_EQ(message("x,y\n1,2\n1,2,3\n"),
            "t.csv: line 3: has 3 fields, expected 2 as in the header line");
  EXPECT_EQ(message("x,y\n1,\"a\nb\"\none,2\n"),
            "t.csv: line 4: column \"x\": must be a number, got \"one\"");
  EXPECT_EQ(message("x,y\n,2\n"), "t.csv: line 2: column \"x\": must be a number, got \"\"");
  EXPECT_EQ(message("x,y\nnan,2\n"), "t.csv: line 2: column \"x\": must be a number, got \"nan\"");
  EXPECT_EQ(message("x,y\n1e39,2\n"),
            "t.csv: line 2: column \"x\": must be a number, got \"1e39\"");
  EXPECT_EQ(message("x,y\n+-1,2\n"), "t.csv: line 2: column \"x\": must be a number, got \"+-1\"");
  EXPECT_EQ(
      message("x,y\n\"1\n" + std::string(50, 'z') + "\",2\n"),
      "t.csv: line 2: column \"x\": must be a number, got \"1\\n" + std::string(38, 'z') + "…\"");
  EXPECT_EQ(message("x,y\n1,\"2\n"), "t.csv: line 2: a quoted field never ends");
  EXPECT_EQ(message("x,y\n1,\"2\"3\n"),
            "t.csv: line 2: text after the end of a quoted field; double the quotes inside it");
  EXPECT_EQ(message("x,y\n1,\"" + std::string(1 << 24, 'z')),
            "t.csv: line 2: a record of more than 16.0 MiB; does a quote never close?");
}

TEST_F(Csv, AMissingFileIsToldBeforeAMissingOption) {
  EXPECT_EQ(message_here(with(R"("target": "y")")), "t.csv: no such file; is the path right?");
}

TEST_F(Csv, RegressionTargetsAreNumbers) {
  write("t.csv", "x,y\n1,good\n");
  EXPECT_EQ(message_here(regress()), "t.csv: line 2: column \"y\": must be a number, got \"good\"");
}

TEST_F(Csv, GzipThatBreaksOffIsTruncated) {
  std::string text = "x,y\n";
  for (int i = 0; i < 1000; ++i) text += std::to_string(i * i) + ",1\n";
  const auto file = write_gzip("t.csv", text);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  EXPECT_EQ(message_here(classify()),
            "t.csv: truncated: its gzip data breaks off; fetch the file again");
}

TEST_F(Csv, AColumnToDealByMustBeInTheTable) {
  write("t.csv", "user,x,y\n1,1,0\n");
  EXPECT_EQ(message_here(classify(
                R"("test_fraction": 0, "partition": {"type": "by_column", "column": "usr"})")),
            "t.csv: has no column \"usr\"; did you mean \"user\"? Known: user, x, y");
}

}  // namespace
}  // namespace kith
