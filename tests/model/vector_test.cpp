#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "model/model.h"

namespace kith {
namespace {

using ::testing::ElementsAre;

Data quadratics_data(Quadratics quadratics) {
  Data data;
  data.task = Objective::kQuadratics;
  data.quadratics = std::make_shared<const Quadratics>(std::move(quadratics));
  return data;
}

/// f_0 around (1, 2), f_1 around (3, 4).
Data two_quadratics() {
  return quadratics_data({2, 2, {2, 1, 1, 3, 1, 0, 0, 4}, {1, 2, 3, 4}, {}});
}

std::unique_ptr<Model> vector_of(const std::string& json, const Data& data) {
  const Config config = Config::parse("{\"model\": " + json + "}", "run.json");
  return Model::registry().read(config.at("model")).make({data, ""});
}

ConstArrayView view_of(const std::vector<float>& x) { return {x.data(), x.size(), {}}; }

TEST(Vector, GradientOfNodeIIsThatOfItsOwnQuadratic) {
  const Data data = two_quadratics();
  const auto model = vector_of(R"("vector")", data);
  const std::vector<float> x{2, 0};
  // A_0 (1, −2) = (0, −5), and ½ (1, −2) · (0, −5) = 5.
  const Gradient first = model->gradient(view_of(x), 0, {});
  EXPECT_EQ(first.loss, 5);
  ASSERT_EQ(first.pieces.size(), 1u);
  EXPECT_EQ(first.pieces[0].offset, 0u);
  EXPECT_THAT(std::vector(first.pieces[0].values.begin(), first.pieces[0].values.end()),
              ElementsAre(0, -5));
  // A_1 (−1, −4) = (−1, −16), and ½ (−1, −4) · (−1, −16) = 32.5.
  const Gradient second = model->gradient(view_of(x), 1, {});
  EXPECT_EQ(second.loss, 32.5);
  EXPECT_THAT(std::vector(second.pieces[0].values.begin(), second.pieces[0].values.end()),
              ElementsAre(-1, -16));
}

/// Five symmetric quadratics of six variables.
Quadratics random_quadratics() {
  Quadratics q{5, 6, {}, {}, {}};
  Random random(1, Purpose::kNode);
  q.a.resize(5 * 6 * 6);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t row = 0; row < 6; ++row) {
      for (std::size_t column = 0; column <= row; ++column) {
        const double value = random.normal() + (row == column ? 5 : 0);
        q.a[i * 36 + row * 6 + column] = q.a[i * 36 + column * 6 + row] = value;
      }
    }
  }
  for (int i = 0; i < 5 * 6; ++i) q.b.push_back(10 * random.normal());
  return q;
}

std::vector<float> some_point() {
  std::vector<float> x;
  Random random(2, Purpose::kNode);
  for (int i = 0; i < 6; ++i) x.push_back(static_cast<float>(3 * random.normal()));
  return x;
}

TEST(Vector, GradientIsExactUpToOneRounding) {
  const Quadratics q = random_quadratics();
  const Data data = quadratics_data(q);
  const auto model = vector_of(R"("vector")", data);
  const std::vector<float> x = some_point();
  for (std::size_t i = 0; i < 5; ++i) {
    const Gradient gradient = model->gradient(view_of(x), static_cast<Uid>(i), {});
    double loss = 0;
    for (std::size_t row = 0; row < 6; ++row) {
      double sum = 0;
      for (std::size_t k = 0; k < 6; ++k) {
        sum += q.a[i * 36 + row * 6 + k] * (double{x[k]} - q.b[i * 6 + k]);
      }
      loss += sum * (double{x[row]} - q.b[i * 6 + row]) / 2;
      const double value = gradient.pieces[0].values.data[row];
      EXPECT_LE(std::abs(value - sum), std::abs(sum) * 0x1p-24 * (1 + 1e-6));
    }
    EXPECT_NEAR(gradient.loss, loss, 1e-12 * std::abs(loss));
  }
}

TEST(Vector, ScoreIsTheMeanOfAllNodesLosses) {
  const Data data = quadratics_data(random_quadratics());
  const auto model = vector_of(R"("vector")", data);
  const std::vector<float> x = some_point();
  double mean = 0;
  for (Uid node = 0; node < 5; ++node) mean += model->gradient(view_of(x), node, {}).loss / 5;
  const Score score = model->score_without_samples(view_of(x)).value();
  EXPECT_NEAR(score.loss(), mean, 1e-12 * std::abs(mean));
  EXPECT_FALSE(score.has_accuracy);
}

TEST(Vector, IsAsLongAsTheQuadraticsAreWide) {
  const Data data = two_quadratics();
  EXPECT_EQ(vector_of(R"("vector")", data)->layout().size, 2u);
  EXPECT_EQ(vector_of(R"({"type": "vector", "size": 2})", data)->layout().tensors[0].name, "x");
}

TEST(Vector, StartsStandardNormal) {
  const Data nothing;
  const auto model = vector_of(R"({"type": "vector", "size": 20000})", nothing);
  std::vector<float> x(20000), again(20000), other(20000);
  model->initialize(3, 1, {x.data(), x.size(), {}});
  model->initialize(3, 1, {again.data(), again.size(), {}});
  model->initialize(3, 2, {other.data(), other.size(), {}});
  EXPECT_EQ(x, again);
  EXPECT_NE(x, other);
  double sum = 0, squares = 0, products = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += x[i];
    squares += double{x[i]} * x[i];
    products += double{x[i]} * other[i];
  }
  const double n = 20000, error = 4 / std::sqrt(n);
  EXPECT_NEAR(sum / n, 0, error);
  EXPECT_NEAR(squares / n, 1, error * std::sqrt(2));
  EXPECT_NEAR(products / n, 0, error);  // nodes start apart
}

template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Vector, WithoutQuadraticsThereIsNothingToLearn) {
  const Data nothing;
  const auto model = vector_of(R"({"type": "vector", "size": 1})", nothing);
  const std::vector<float> x{0};
  EXPECT_FALSE(model->score_without_samples(view_of(x)).has_value());
  EXPECT_EQ(refusal([&] { model->gradient(view_of(x), 0, {}); }),
            "/training: the dataset \"none\" has nothing to train on; set local_steps to 0");
}

TEST(Vector, SaysWhatDoesNotFit) {
  const Data nothing;
  const Data quadratics = two_quadratics();
  EXPECT_EQ(refusal([&] { vector_of(R"("vector")", nothing); }),
            "/model: missing \"size\", the number of parameters of \"vector\"");
  EXPECT_EQ(refusal([&] { vector_of(R"({"type": "vector", "size": 3})", quadratics); }),
            "/model/size: is 3, but the quadratics have 2 dimensions");
  for (const Objective task : {Objective::kClassification, Objective::kRegression}) {
    Data samples;
    samples.task = task;
    EXPECT_EQ(refusal([&] { vector_of(R"({"type": "vector", "size": 3})", samples); }),
              "/model: \"vector\" has no inputs, so it cannot learn from samples; use the dataset "
              "\"quadratics\" or \"none\", or another model");
  }
}

TEST(Vector, IsAMatrixWhereItHasRows) {
  Data data;
  data.task = Objective::kNone;
  const auto shape = [&](const std::string& json) {
    return vector_of(json, data)->layout().tensors.at(0).shape;
  };
  EXPECT_THAT(shape(R"({"type": "vector", "size": 12})"), ElementsAre(12));
  EXPECT_THAT(shape(R"({"type": "vector", "size": 12, "rows": 3})"), ElementsAre(3, 4));
  EXPECT_THAT(
      [&] { shape(R"({"type": "vector", "size": 12, "rows": 5})"); },
      testing::ThrowsMessage<ConfigError>("/model/rows: is 5, which does not divide 12, the size"));
}

}  // namespace
}  // namespace kith
