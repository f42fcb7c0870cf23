#include "dataset/quadratics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataset/fixtures.h"

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const char* const kTwo = R"({"A": [[[2, 1], [1, 3]], [[1, 0], [0, 1]]], "b": [[1, 2], [3, 4]]})";

class QuadraticsFile : public WithDataFiles {
 protected:
  Data load_on(std::int64_t nodes, const std::string& text) {
    write("q.json", text);
    return load_data(
        dataset_of(R"({"type": "quadratics", "path": ")" + (folder_ / "q.json").string() + "\"}"),
        nodes, 1);
  }

  std::string refusal(const std::string& text) {
    return replaced(message_of<InputError>([&] { load_on(2, text); }), folder_.string() + '/', "");
  }
};

TEST_F(QuadraticsFile, HoldsAFunctionForEveryNode) {
  const Data data = load_on(2, kTwo);
  EXPECT_EQ(data.task, Objective::kQuadratics);
  EXPECT_TRUE(data.train.empty());
  const Quadratics& q = *data.quadratics;
  EXPECT_EQ(q.nodes, 2);
  EXPECT_EQ(q.dimension, 2);
  EXPECT_THAT(q.a, ElementsAre(2, 1, 1, 3, 1, 0, 0, 1));
  EXPECT_THAT(q.b, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(q.x0, IsEmpty());
}

TEST_F(QuadraticsFile, MaySayWhereToStart) {
  const Data data = load_on(1, R"({"A": [[[0.1]]], "b": [[1e-3]], "x0": [[-5]], "note": "one"})");
  EXPECT_THAT(data.quadratics->x0, ElementsAre(-5));
  EXPECT_THAT(data.quadratics->a, ElementsAre(0.1));
}

TEST_F(QuadraticsFile, AMatrixMayBeSymmetricUpToRounding) {
  EXPECT_EQ(load_on(1, R"({"A": [[[1, 0.3], [0.30000000000000004, 1]]], "b": [[0, 0]]})")
                .quadratics->nodes,
            1);
}

TEST_F(QuadraticsFile, NeedsAsManyNodesAsFunctions) {
  EXPECT_EQ(message_of<ConfigError>([&] { load_on(3, kTwo); }),
            "/nodes: must be 2, the number of functions in the quadratics dataset, got 3");
}

TEST_F(QuadraticsFile, MayHaveLabels) {
  const Data data = load_on(
      2, R"({"A": [[[1]], [[1]]], "b": [[1], [2]], "labels": [[3, 0, 1], [0, 2, 4294967295]]})");
  EXPECT_THAT(data.quadratics->labels, ElementsAre(3u, 0u, 1u, 0u, 2u, 4294967295u));
  const auto wrong = [&](const std::string& labels) {
    return refusal(R"({"A": [[[1]], [[1]]], "b": [[1], [2]], "labels": )" + labels + '}');
  };
  EXPECT_EQ(wrong("[]"), "q.json: /labels: must be a list of 2 rows, got 0");
  EXPECT_EQ(wrong("7"), "q.json: /labels: must be a list of 2 rows, got number");
  EXPECT_EQ(wrong("[[], []]"), "q.json: /labels/0: must be a list that is not empty");
  EXPECT_EQ(wrong("[[1, 2], [1]]"), "q.json: /labels/1: must be a list of 2 numbers, got 1");
  const std::string whole = "q.json: /labels: must hold whole numbers from 0 to 4294967295, got ";
  EXPECT_EQ(wrong("[[1, -2], [1, 1]]"), whole + "-2");
  EXPECT_EQ(wrong("[[1, 2], [1, 0.5]]"), whole + "0.5");
  EXPECT_EQ(wrong("[[1, 2], [1, 4294967296]]"), whole + "4294967296");
}

TEST_F(QuadraticsFile, SaysWhatIsWrongWithIt) {
  EXPECT_EQ(refusal("{\"A\": [,"), "q.json: is not valid JSON at byte 8");
  EXPECT_EQ(refusal(R"({"A": [[[1e999]]], "b": [[0]]})"), "q.json: has a number that is too large");
  const std::string members = "q.json: expected an object with \"A\" and \"b\", and none or \"x0\"";
  EXPECT_EQ(refusal("[1]"), members);
  EXPECT_EQ(refusal(R"({"A": [[[1]]]})"), members);
  EXPECT_EQ(refusal(R"({"A": [], "b": []})"), "q.json: /A: must be a list that is not empty");
  EXPECT_EQ(refusal(R"({"A": [[]], "b": []})"), "q.json: /A/0: must be a list that is not empty");
  EXPECT_EQ(refusal(R"({"A": [[[1, 0], [0, 1]], [[1, 0]]], "b": []})"),
            "q.json: /A/1: must be a list of 2 rows, got 1");
  EXPECT_EQ(refusal(R"({"A": [[[1, 0], [0]]], "b": []})"),
            "q.json: /A/0/1: must be a list of 2 numbers, got 1");
  EXPECT_EQ(refusal(R"({"A": [[[1, 0], 7]], "b": []})"),
            "q.json: /A/0/1: must be a list of 2 numbers, got number");
  EXPECT_EQ(refusal(R"({"A": [[["one"]]], "b": [[1]]})"),
            "q.json: /A/0/0: must hold numbers, got string");
  EXPECT_EQ(refusal(R"({"A": [[[1]], [[1]]], "b": [[1]]})"),
            "q.json: /b: must be a list of 2 rows, got 1");
  EXPECT_EQ(refusal(R"({"A": [[[1]]], "b": [[1]], "x0": [[1, 2]]})"),
            "q.json: /x0/0: must be a list of 1 number, got 2");
  EXPECT_EQ(refusal(R"({"A": [[[1]], [[1]]], "b": [[1], [null]]})"),
            "q.json: /b/1: must hold numbers, got null");
}

TEST_F(QuadraticsFile, AMatrixThatIsNotSymmetricIsNamed) {
  EXPECT_EQ(refusal(R"({"A": [[[1, 0], [0, 1]], [[1, 0.5], [0.25, 1]]], "b": [[0, 0], [0, 0]]})"),
            "q.json: /A/1: must be symmetric, but row 1 has 0.25 in column 0 and row 0 has 0.5 in "
            "column 1");
}

}  // namespace
}  // namespace kith
