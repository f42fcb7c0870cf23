#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "model/torch/network_testing.h"

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Shape = std::vector<std::int64_t>;

TEST(Network, HasAsManyParametersAsItsPaperSays) {
  for (const NetworkCase& network : kNetworks) {
    const Data data = classes_data(network.shape, network.classes, 1);
    EXPECT_EQ(make_network(network.json, data)->layout().size, network.parameters) << network;
  }
}

std::vector<std::pair<std::string, Shape>> tensors_of(const NetworkCase& network) {
  const Data data = classes_data(network.shape, network.classes, 1);
  const auto model = make_network(network.json, data);
  std::vector<std::pair<std::string, Shape>> tensors;
  std::size_t offset = 0;
  for (const auto& tensor : model->layout().tensors) {
    tensors.emplace_back(tensor.name, tensor.shape);
    EXPECT_EQ(tensor.offset, offset) << "parameters must lie densely";
    EXPECT_EQ(tensor.size, static_cast<std::size_t>(c10::multiply_integers(tensor.shape)));
    offset += tensor.size;
  }
  return tensors;
}

TEST(Network, NamesItsParametersAsPyTorchDoes) {
  EXPECT_THAT(tensors_of({R"("linear")", {4, 2}, 3, 0}),
              ElementsAre(Pair("weight", Shape{3, 8}), Pair("bias", Shape{3})));
  EXPECT_THAT(tensors_of({R"({"type": "mlp", "hidden": [7, 5]})", {3}, 2, 0}),
              ElementsAre(Pair("layers.0.weight", Shape{7, 3}), Pair("layers.0.bias", Shape{7}),
                          Pair("layers.1.weight", Shape{5, 7}), Pair("layers.1.bias", Shape{5}),
                          Pair("layers.2.weight", Shape{2, 5}), Pair("layers.2.bias", Shape{2})));
  EXPECT_THAT(tensors_of({R"("lenet")", {1, 28, 28}, 10, 0}),
              ElementsAre(Pair("conv1.weight", Shape{6, 1, 5, 5}), Pair("conv1.bias", Shape{6}),
                          Pair("conv2.weight", Shape{16, 6, 5, 5}), Pair("conv2.bias", Shape{16}),
                          Pair("fc1.weight", Shape{120, 400}), Pair("fc1.bias", Shape{120}),
                          Pair("fc2.weight", Shape{84, 120}), Pair("fc2.bias", Shape{84}),
                          Pair("fc3.weight", Shape{10, 84}), Pair("fc3.bias", Shape{10})));
  EXPECT_THAT(tensors_of({R"({"type": "lenet", "norm": "group"})", {3, 32, 32}, 10, 0}),
              ElementsAre(Pair("conv1.weight", Shape{32, 3, 5, 5}), Pair("conv1.bias", Shape{32}),
                          Pair("norm1.weight", Shape{32}), Pair("norm1.bias", Shape{32}),
                          Pair("conv2.weight", Shape{32, 32, 5, 5}), Pair("conv2.bias", Shape{32}),
                          Pair("norm2.weight", Shape{32}), Pair("norm2.bias", Shape{32}),
                          Pair("conv3.weight", Shape{64, 32, 5, 5}), Pair("conv3.bias", Shape{64}),
                          Pair("norm3.weight", Shape{64}), Pair("norm3.bias", Shape{64}),
                          Pair("fc1.weight", Shape{10, 1024}), Pair("fc1.bias", Shape{10})));
  EXPECT_THAT(tensors_of({R"({"type": "lenet", "variant": "femnist"})", {1, 28, 28}, 62, 0}),
              ElementsAre(Pair("conv1.weight", Shape{32, 1, 5, 5}), Pair("conv1.bias", Shape{32}),
                          Pair("conv2.weight", Shape{64, 32, 5, 5}), Pair("conv2.bias", Shape{64}),
                          Pair("fc1.weight", Shape{512, 3136}), Pair("fc1.bias", Shape{512}),
                          Pair("fc2.weight", Shape{62, 512}), Pair("fc2.bias", Shape{62})));
}

/// Expects draws of U(−bound, bound): within it, reaching nearly to its ends, with mean and mean
/// square four standard errors around 0 and bound² / 3.
void expect_uniform(std::span<const float> values, double bound) {
  double sum = 0, squares = 0, largest = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
    largest = std::max(largest, std::abs(value));
  }
  const auto n = static_cast<double>(values.size());
  EXPECT_LE(largest, bound * (1 + 1e-6));
  EXPECT_GT(largest, bound * std::pow(1e-4, 1 / n));  // fails once in 10,000 draws
  EXPECT_NEAR(sum / n, 0, 4 * bound / std::sqrt(3 * n));
  EXPECT_NEAR(squares / n, bound * bound / 3, 4 * bound * bound * std::sqrt(4.0 / 45 / n));
}

TEST(Network, StartsByPyTorchsDefaultLaw) {
  for (const NetworkCase& network : kNetworks) {
    SCOPED_TRACE(network);
    const Data data = classes_data(network.shape, network.classes, 1);
    const auto model = make_network(network.json, data);
    const std::vector<float> x = first_parameters(*model);
    double fan_in = 0;  // of the layer whose weight came last: its bias has the same bound
    for (const auto& tensor : model->layout().tensors) {
      SCOPED_TRACE(tensor.name);
      const std::span values = std::span(x).subspan(tensor.offset, tensor.size);
      if (tensor.name.starts_with("norm")) {
        const float expected = tensor.name.ends_with("weight") ? 1 : 0;
        EXPECT_EQ(std::ranges::count(values, expected), std::ssize(values));
        continue;
      }
      if (tensor.name.ends_with("weight")) {
        fan_in = static_cast<double>(tensor.size) / static_cast<double>(tensor.shape[0]);
      }
      expect_uniform(values, 1 / std::sqrt(fan_in));
    }
  }
}

TEST(Network, FirstParametersAreAFunctionOfSeedAndStream) {
  for (const NetworkCase& network : kNetworks) {
    SCOPED_TRACE(network);
    const Data data = classes_data(network.shape, network.classes, 1);
    const auto model = make_network(network.json, data);
    const std::vector<float> x = first_parameters(*model, 5, 2);
    first_parameters(*model, 7, 7);
    model->score(view_of(x), data.train, std::vector<std::uint32_t>{0});
    EXPECT_TRUE(same_bits(first_parameters(*model, 5, 2), x));
    EXPECT_TRUE(same_bits(first_parameters(*make_network(network.json, data), 5, 2), x));
    for (const auto& other : {first_parameters(*model, 6, 2), first_parameters(*model, 5, 3)}) {
      EXPECT_LT(std::ranges::mismatch(x, other).in1, x.begin() + 1);
    }
  }
}

std::string refusal_of(const std::string& json, const Data& data, const std::string& loss = "") {
  try {
    make_network(json, data, loss);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Network, NeedsSamples) {
  Data nothing;
  Data quadratics;
  quadratics.task = Objective::kQuadratics;
  for (const std::string name : {"linear", "mlp", "lenet"}) {
    const std::string json = name == "mlp" ? R"({"type": "mlp", "hidden": [3]})" : '"' + name + '"';
    const std::string message =
        "/model: \"" + name +
        "\" learns from samples, and the dataset has none; use the model \"vector\"";
    EXPECT_EQ(refusal_of(json, nothing), message);
    EXPECT_EQ(refusal_of(json, quadratics), message);
  }
}

TEST(Network, CrossEntropyNeedsClasses) {
  EXPECT_EQ(refusal_of(R"("linear")", regression_data({3}, 2, 1), "cross_entropy"),
            "/training/loss: \"cross_entropy\" needs classes; regression takes \"mse\"");
}

TEST(LeNet, NeedsSquareImages) {
  const std::string message = "/model: \"lenet\" needs square images, and the dataset has none";
  EXPECT_EQ(refusal_of(R"("lenet")", classes_data({64}, 10, 1)), message);
  EXPECT_EQ(refusal_of(R"("lenet")", classes_data({28, 28}, 10, 1)), message);
  EXPECT_EQ(refusal_of(R"("lenet")", classes_data({1, 28, 32}, 10, 1)), message);
}

TEST(LeNet, NeedsImagesThatItsStagesLeaveSomethingOf) {
  const std::string group = R"({"type": "lenet", "norm": "group"})";
  const std::string femnist = R"({"type": "lenet", "variant": "femnist"})";
  const std::string after = " pixels a side are too small for this \"lenet\"; use \"mlp\"";
  EXPECT_EQ(refusal_of(R"("lenet")", classes_data({1, 11, 11}, 10, 1)),
            "/model: images of 11" + after);
  EXPECT_EQ(refusal_of(group, classes_data({3, 7, 7}, 10, 1)), "/model: images of 7" + after);
  EXPECT_EQ(refusal_of(femnist, classes_data({1, 3, 3}, 10, 1)), "/model: images of 3" + after);
  EXPECT_EQ(refusal_of(R"("lenet")", classes_data({1, 1, 1}, 10, 1)),
            "/model: images of 1" + after);
  EXPECT_EQ(refusal_of(R"("lenet")", classes_data({1, 12, 12}, 10, 1)), "accepted");
  EXPECT_EQ(refusal_of(group, classes_data({3, 8, 8}, 10, 1)), "accepted");
  EXPECT_EQ(refusal_of(femnist, classes_data({1, 4, 4}, 10, 1)), "accepted");
}

TEST(LeNet, HoldsWhatAConfigSaysAgainstTheData) {
  const Data data = classes_data({1, 28, 28}, 10, 1);
  EXPECT_EQ(refusal_of(R"({"type": "lenet", "channels": 1, "size": 28, "classes": 10})", data),
            "accepted");
  EXPECT_EQ(refusal_of(R"({"type": "lenet", "channels": 3})", data),
            "/model/channels: is 3, but the dataset has 1");
  EXPECT_EQ(refusal_of(R"({"type": "lenet", "size": 32})", data),
            "/model/size: is 32, but the dataset has 28");
  EXPECT_EQ(refusal_of(R"({"type": "lenet", "classes": 62})", data),
            "/model/classes: is 62, but the dataset has 10");
}

TEST(LeNet, TheFemnistVariantHasNoNorm) {
  EXPECT_EQ(refusal_of(R"({"type": "lenet", "norm": "group", "variant": "femnist"})",
                       classes_data({1, 28, 28}, 62, 1)),
            "run.json: /model/norm: must be \"none\" with the variant \"femnist\"");
}

}  // namespace
}  // namespace kith
