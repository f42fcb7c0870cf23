#include "model/torch/module_model.h"

#include <cmath>

#include "model/torch/network_testing.h"

namespace kith {
namespace {

/// Takes the gradient at `x` twice, pointing and copying, and expects the bits of `own`, a model
/// that worked for no other node.
FlatGradient expect_same_gradient(Model& pointing, Model& copying, Model& own,
                                  const std::vector<float>& x,
                                  const std::vector<std::uint32_t>& batch) {
  const FlatGradient expected = flat_gradient(own, x, batch);
  for (Model* const model : {&pointing, &copying}) {
    const FlatGradient gradient = flat_gradient(*model, x, batch);
    EXPECT_EQ(gradient.loss, expected.loss);
    EXPECT_TRUE(same_bits(gradient.values, expected.values));
  }
  return expected;
}

std::unique_ptr<Model> copying_network(const NetworkCase& network, const Data& data) {
  auto model = make_network(network.json, data);
  dynamic_cast<ModuleModel&>(*model).copy_parameters();
  return model;
}

TEST(ModuleModel, OneForAllNodesGivesTheBitsOfOneForEachNode) {
  constexpr std::size_t kNodes = 3;
  constexpr std::uint32_t kSteps = 10, kBatch = 3;
  for (const NetworkCase& network : kNetworks) {
    SCOPED_TRACE(network);
    const Data data = classes_data(network.shape, network.classes, kBatch * kNodes);
    const auto pointing = make_network(network.json, data);
    const auto copying = copying_network(network, data);
    std::vector<std::unique_ptr<Model>> own;
    std::vector<std::vector<float>> x;
    for (std::uint32_t node = 0; node < kNodes; ++node) {
      own.push_back(copying_network(network, data));
      x.push_back(first_parameters(*pointing, 1, node));
    }
    for (std::uint32_t step = 0; step < kSteps; ++step) {
      for (std::uint32_t node = 0; node < kNodes; ++node) {
        // An evaluation in between leaves no trace.
        if (step == 4) pointing->score(view_of(x[0]), data.train, std::vector<std::uint32_t>{0});
        const std::uint32_t first = kBatch * ((node + step) % kNodes);
        const FlatGradient gradient = expect_same_gradient(*pointing, *copying, *own[node], x[node],
                                                           {first, first + 1, first + 2});
        for (std::size_t i = 0; i < x[node].size(); ++i) x[node][i] -= 0.05f * gradient.values[i];
      }
    }
    EXPECT_FALSE(same_bits(x[0], x[1]));
  }
}

TEST(ModuleModel, LeavesTheParametersAsTheyAre) {
  for (const NetworkCase& network : kNetworks) {
    const Data data = classes_data(network.shape, network.classes, 2);
    const auto model = make_network(network.json, data);
    const std::vector<float> x = first_parameters(*model);
    const std::vector<float> before = x;
    model->gradient(view_of(x), 0, std::vector<std::uint32_t>{0, 1});
    model->score(view_of(x), data.train, std::vector<std::uint32_t>{0, 1});
    EXPECT_TRUE(same_bits(x, before)) << network;
  }
}

/// The mean loss of a 3-4-2 network on all training samples, in float64 and written out. `x` holds
/// a 4 × 3 matrix, 4 biases, a 2 × 4 matrix and 2 biases.
double loss_of_3_4_2(const std::vector<double>& x, const Data& data, bool cross_entropy) {
  std::vector<float> features(data.train.size() * 3);
  std::vector<std::uint32_t> all(data.train.size());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  data.train.gather(all, features);
  double sum = 0;
  for (std::size_t s = 0; s < all.size(); ++s) {
    double hidden[4], out[2];
    for (std::size_t row = 0; row < 4; ++row) {
      hidden[row] = x[12 + row];
      for (std::size_t k = 0; k < 3; ++k) hidden[row] += x[row * 3 + k] * features[s * 3 + k];
      hidden[row] = std::max(hidden[row], 0.0);
    }
    for (std::size_t row = 0; row < 2; ++row) {
      out[row] = x[24 + row];
      for (std::size_t k = 0; k < 4; ++k) out[row] += x[16 + row * 4 + k] * hidden[k];
    }
    const bool classifies = data.task == Objective::kClassification;
    const auto label = classifies ? static_cast<std::size_t>(data.train.labels[s]) : 0;
    if (cross_entropy) {
      sum += std::log(std::exp(out[0]) + std::exp(out[1])) - out[label];
      continue;
    }
    for (std::size_t k = 0; k < 2; ++k) {
      const double target = classifies ? double(k == label) : data.train.targets[s * 2 + k];
      sum += (out[k] - target) * (out[k] - target) / 2;
    }
  }
  return sum / static_cast<double>(all.size());
}

void expect_finite_differences(const Data& data, const std::string& loss, bool cross_entropy) {
  const auto model = make_network(R"({"type": "mlp", "hidden": [4]})", data, loss);
  const std::vector<float> start = first_parameters(*model);
  std::vector<std::uint32_t> all(data.train.size());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  const FlatGradient gradient = flat_gradient(*model, start, all);

  std::vector<double> x(start.begin(), start.end());
  EXPECT_NEAR(gradient.loss, loss_of_3_4_2(x, data, cross_entropy), 2e-7);
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double at = x[i];
    x[i] = at + kStep;
    const double above = loss_of_3_4_2(x, data, cross_entropy);
    x[i] = at - kStep;
    const double below = loss_of_3_4_2(x, data, cross_entropy);
    x[i] = at;
    EXPECT_NEAR(gradient.values[i], (above - below) / (2 * kStep), 2e-7) << "parameter " << i;
  }
}

TEST(ModuleModel, GradientsAreTheDerivativesOfTheLoss) {
  const Data classes = classes_data({3}, 2, 9);
  expect_finite_differences(classes, "", true);
  expect_finite_differences(classes, "mse", false);
  expect_finite_differences(regression_data({3}, 2, 9), "", false);
}

/// Two samples, (1, 0) and (0, 2); under kIdentity a linear model gives them back.
Data two_points() {
  Data data = classes_data({2}, 2, 2);
  data.train = Samples({2}, {1, 0, 0, 2});
  data.train.labels = {0, 0};
  return data;
}
const std::vector<float> kIdentity{1, 0, 0, 1, 0, 0};

const double kFirstCrossEntropy = std::log(1 + std::exp(-1.0));  // of (1, 0), class 0
const double kSecondCrossEntropy = std::log(1 + std::exp(2.0));  // of (0, 2), class 0

TEST(ModuleModel, CrossEntropyIsTheMeanOverTheBatch) {
  const Data data = two_points();
  for (const std::string loss : {"", "cross_entropy"}) {
    const auto model = make_network(R"("linear")", data, loss);
    EXPECT_NEAR(flat_gradient(*model, kIdentity, {0}).loss, kFirstCrossEntropy, 1e-7);
    EXPECT_NEAR(flat_gradient(*model, kIdentity, {0, 1}).loss,
                (kFirstCrossEntropy + kSecondCrossEntropy) / 2, 1e-7);
  }
}

TEST(ModuleModel, SquaredErrorOfClassesIsThatOfUnitVectorsAveragedOverThem) {
  const Data data = two_points();
  const auto model = make_network(R"("linear")", data, "mse");
  EXPECT_EQ(flat_gradient(*model, kIdentity, {0}).loss, 0);
  EXPECT_EQ(flat_gradient(*model, kIdentity, {1}).loss, 2.5);  // ((0 − 1)² + 2²) / 2
  EXPECT_EQ(flat_gradient(*model, kIdentity, {0, 1}).loss, 1.25);
}

TEST(ModuleModel, SquaredErrorOfARegressionIsAveragedOverItsOutputs) {
  Data data = two_points();
  data.task = Objective::kRegression;
  data.outputs = 2;
  data.train.targets = {1, 1, 0, 0};
  for (const std::string loss : {"", "mse"}) {
    const auto model = make_network(R"("linear")", data, loss);
    EXPECT_EQ(flat_gradient(*model, kIdentity, {0}).loss, 0.5);
    EXPECT_EQ(flat_gradient(*model, kIdentity, {0, 1}).loss, 1.25);
  }
}

TEST(ModuleModel, CountsWhatItGetsRight) {
  const Data data = two_points();
  const auto model = make_network(R"("linear")", data);
  const auto score = [&](const std::vector<std::uint32_t>& indices) {
    return model->score(view_of(kIdentity), data.train, indices);
  };
  EXPECT_TRUE(score({0}).has_accuracy);
  EXPECT_EQ(score({0}).accuracy(), 1);
  EXPECT_EQ(score({1}).accuracy(), 0);
  EXPECT_EQ(score({0, 1, 0}).correct, 2);
  EXPECT_NEAR(score({0, 1, 0}).loss_sum, 2 * kFirstCrossEntropy + kSecondCrossEntropy, 1e-6);
}

void expect_sums_of_means(const NetworkCase& network, const Data& data, const std::string& loss) {
  const auto model = make_network(network.json, data, loss);
  const std::vector<float> x = first_parameters(*model);
  const std::vector<std::uint32_t> some{4, 0, 3}, others{1, 2};
  Score score = model->score(view_of(x), data.train, some);
  EXPECT_EQ(score.samples, 3);
  EXPECT_EQ(score.has_accuracy, data.task == Objective::kClassification);
  EXPECT_NEAR(score.loss_sum, 3 * flat_gradient(*model, x, some).loss, 2e-6);
  score.add(model->score(view_of(x), data.train, others));
  EXPECT_NEAR(score.loss(), flat_gradient(*model, x, {0, 1, 2, 3, 4}).loss, 1e-6);
}

TEST(ModuleModel, ScoresAreSumsOfTheLossesThatTrainingAverages) {
  for (const NetworkCase& network : kNetworks) {
    SCOPED_TRACE(network);
    const Data classes = classes_data(network.shape, network.classes, 5);
    expect_sums_of_means(network, classes, "");
    expect_sums_of_means(network, classes, "mse");
    expect_sums_of_means(network, regression_data(network.shape, 3, 5), "");
  }
}

}  // namespace
}  // namespace kith
