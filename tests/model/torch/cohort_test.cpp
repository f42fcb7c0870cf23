#include <cmath>
#include <numeric>

#include "model/torch/network_testing.h"

namespace kith {
namespace {

constexpr std::size_t kSamples = 16;

/// Nodes with parameters and batches of their own, some batches smaller than others.
struct Nodes {
  Nodes(const Model& model, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      x.push_back(first_parameters(model, 1, static_cast<std::uint32_t>(i)));
      auto& batch = batches.emplace_back(i % 3 == 2 ? 3 : 5);
      for (std::size_t k = 0; k < batch.size(); ++k) {
        batch[k] = static_cast<std::uint32_t>((3 * i + k) % kSamples);
      }
    }
  }

  Model::Point point(std::size_t i) const {
    return {view_of(x[i]), static_cast<Uid>(i), batches[i]};
  }

  std::vector<std::vector<float>> x;
  std::vector<std::vector<std::uint32_t>> batches;
};

FlatGradient flat(const Gradient& gradient) {
  FlatGradient result{gradient.loss, {}};
  for (const Gradient::Piece& piece : gradient.pieces) {
    EXPECT_EQ(piece.offset, result.values.size());
    result.values.insert(result.values.end(), piece.values.begin(), piece.values.end());
  }
  return result;
}

/// The gradients of nodes `from` to `to`, each at the place `uid % places`.
std::vector<FlatGradient> together(Model& model, const Nodes& nodes, std::size_t places,
                                   std::size_t from, std::size_t to) {
  std::vector<Model::Point> points(places);
  for (std::size_t i = from; i < to; ++i) points[i % places] = nodes.point(i);
  const auto gradients = model.gradients(points, 5);
  std::vector<FlatGradient> result;
  for (std::size_t i = from; i < to; ++i) result.push_back(flat(gradients[i % places]));
  return result;
}

double relative_distance(const std::vector<float>& a, const std::vector<float>& b) {
  double distance = 0, norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    distance = std::hypot(distance, double{a[i]} - b[i]);
    norm = std::hypot(norm, double{b[i]});
  }
  return distance / norm;
}

void expect_gradients_of_each_alone(Model& model) {
  const Nodes nodes(model, 4);
  const std::vector<FlatGradient> all = together(model, nodes, 4, 0, 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const FlatGradient alone = flat_gradient(model, nodes.x[i], nodes.batches[i]);
    EXPECT_NEAR(all[i].loss, alone.loss, 1e-6 * alone.loss);
    EXPECT_LT(relative_distance(all[i].values, alone.values), 1e-5) << "node " << i;
  }
}

TEST(NetworkCohort, FindsTheGradientsThatEachNodeFindsAlone) {
  for (const NetworkCase& network : kNetworks) {
    SCOPED_TRACE(network);
    const Data data = classes_data(network.shape, network.classes, kSamples);
    expect_gradients_of_each_alone(*make_network(network.json, data));
    if (!convolves(network)) continue;
    expect_gradients_of_each_alone(*make_network(network.json, data, "", "im2col"));
  }
}

TEST(NetworkCohort, ConvolvesAsItIsTold) {
  const Data data = classes_data({1, 28, 28}, 10, kSamples);
  const auto grouped = make_network(R"("lenet")", data),
             im2col = make_network(R"("lenet")", data, "", "im2col");
  const Nodes nodes(*grouped, 2);
  const auto one = together(*grouped, nodes, 2, 0, 2), other = together(*im2col, nodes, 2, 0, 2);
  EXPECT_FALSE(same_bits(one[0].values, other[0].values));
  EXPECT_LT(relative_distance(one[0].values, other[0].values), 1e-5);
  // Nodes by themselves do not.
  EXPECT_TRUE(same_bits(flat_gradient(*grouped, nodes.x[0], {1, 2}).values,
                        flat_gradient(*im2col, nodes.x[0], {1, 2}).values));
}

TEST(NetworkCohort, IsNotToldHowToConvolveWhereNothingIs) {
  const Data data = classes_data({64}, 10, kSamples);
  try {
    make_network(R"("linear")", data, "", "im2col");
    FAIL() << "taken";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "/training/cohort_convolution: is \"im2col\", but this model has no "
                 "two-dimensional convolutions; leave it out");
  }
}

TEST(NetworkCohort, KnowsEveryLoss) {
  const Data classes = classes_data({9}, 4, kSamples),
             regression = regression_data({9}, 3, kSamples);
  const std::string mlp = R"({"type": "mlp", "hidden": [6]})";
  expect_gradients_of_each_alone(*make_network(mlp, classes, "mse"));
  expect_gradients_of_each_alone(*make_network(mlp, regression, "mse"));
}

TEST(NetworkCohort, GivesTheSameBitsWhoeverElseIsThere) {
  const auto expect = [](const NetworkCase& network, const std::string& convolution) {
    SCOPED_TRACE(network);
    const Data data = classes_data(network.shape, network.classes, kSamples);
    const auto model = make_network(network.json, data, "", convolution),
               other = make_network(network.json, data, "", convolution);
    Nodes nodes(*model, 4);
    const std::vector<FlatGradient> all = together(*model, nodes, 4, 0, 4);
    for (std::size_t i = 0; i < 4; ++i) {
      const FlatGradient alone = together(*other, nodes, 4, i, i + 1).front();
      EXPECT_TRUE(same_bits(all[i].values, alone.values)) << "node " << i;
      EXPECT_EQ(all[i].loss, alone.loss);
    }
    // Not even somebody who has gone mad matters.
    std::ranges::fill(nodes.x[1], std::nanf(""));
    const std::vector<FlatGradient> beside = together(*model, nodes, 4, 0, 4);
    for (const std::size_t i : {0, 2, 3}) {
      EXPECT_TRUE(same_bits(all[i].values, beside[i].values)) << "node " << i;
    }
  };
  for (const NetworkCase& network : kNetworks) {
    if (network.parameters > 1'000'000) continue;
    expect(network, "grouped");
    if (convolves(network)) expect(network, "im2col");
  }
}

TEST(NetworkCohort, FindsTheSameGradientsInCohortsOfAnySizeToRounding) {
  // Not to the bit: the gradients of a norm's weights are summed in an order that the size decides.
  for (const NetworkCase& network : kNetworks) {
    if (network.parameters > 1'000'000) continue;
    SCOPED_TRACE(network);
    const Data data = classes_data(network.shape, network.classes, kSamples);
    const auto model = make_network(network.json, data);
    const Nodes nodes(*model, 8);
    const std::vector<FlatGradient> eight = together(*model, nodes, 8, 0, 8);
    for (const std::size_t places : {2, 4}) {
      for (std::size_t from = 0; from < 8; from += places) {
        const auto few = together(*model, nodes, places, from, from + places);
        for (std::size_t i = 0; i < places; ++i) {
          EXPECT_LT(relative_distance(few[i].values, eight[from + i].values), 1e-6) << from + i;
        }
      }
    }
  }
}

/// A module of somebody's own, with an activation and a norm of another kind.
class Own final : public ModuleModel {
 public:
  explicit Own(const Data& data, bool drops = false) : ModuleModel(network(drops), {data, ""}) {}

 private:
  static Network network(bool drops) {
    torch::nn::Sequential layers(torch::nn::Linear(9, 8),
                                 torch::nn::LayerNorm(torch::nn::LayerNormOptions({8})),
                                 torch::nn::GELU(), torch::nn::Linear(8, 4));
    if (drops) layers->push_back(torch::nn::Dropout(0.5));
    return {layers.ptr(), [layers](torch::Tensor x) mutable { return layers->forward(x); }};
  }
};

TEST(NetworkCohort, TakesModulesItHasNeverSeen) {
  const Data data = classes_data({9}, 4, kSamples);
  Own model(data);
  expect_gradients_of_each_alone(model);
}

TEST(NetworkCohort, SaysWhatCannotBeDoneForManyAtOnce) {
  const Data data = classes_data({9}, 4, kSamples);
  Own model(data, true);
  const Nodes nodes(model, 2);
  try {
    together(model, nodes, 2, 0, 2);
    FAIL() << "dropout drew random numbers";
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    EXPECT_TRUE(text.starts_with("/training/cohort: this model cannot be trained in cohorts: "))
        << text;
    EXPECT_TRUE(text.ends_with("; set cohort to \"off\"")) << text;
  }
  // And leaves nothing behind that would disturb the next.
  Own next(data);
  expect_gradients_of_each_alone(next);
}

}  // namespace
}  // namespace kith
