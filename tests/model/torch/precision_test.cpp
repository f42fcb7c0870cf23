#include <cmath>

#include "model/torch/network_testing.h"

namespace kith {
namespace {

std::unique_ptr<Model> make_in(const std::string& precision, const NetworkCase& network,
                               const Data& data,
                               const std::string& cohort_convolution = "grouped") {
  const Config config = Config::parse("{\"model\": " + network.json + "}", "run.json");
  return Model::registry()
      .read(config.at("model"))
      .make({data, "", precision, {}, cohort_convolution});
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double dot = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
  }
  return dot / std::sqrt(aa * bb);
}

TEST(Precision, Bfloat16PointsWhereFloat32DoesButNotExactly) {
  for (const NetworkCase& network : kNetworks) {
    SCOPED_TRACE(network);
    const Data data = classes_data(network.shape, network.classes, 8);
    const auto exact = make_in("fp32", network, data), coarse = make_in("bf16", network, data);
    const std::vector<float> x = first_parameters(*exact);
    const std::vector<std::uint32_t> batch{0, 1, 2, 3, 4, 5, 6, 7};
    const FlatGradient expected = flat_gradient(*exact, x, batch);
    const FlatGradient found = flat_gradient(*coarse, x, batch);
    EXPECT_FALSE(same_bits(found.values, expected.values));
    EXPECT_GT(cosine(found.values, expected.values), 0.99);
    EXPECT_NEAR(found.loss, expected.loss, 0.02 * expected.loss);
  }
}

TEST(Precision, Bfloat16FollowsTheParametersItIsPointedAt) {
  const NetworkCase& network = kNetworks[1];
  const Data data = classes_data(network.shape, network.classes, 8);
  const auto model = make_in("bf16", network, data), fresh = make_in("bf16", network, data);
  const std::vector<float> x = first_parameters(*model), y = first_parameters(*model, 2);
  flat_gradient(*model, x, {0, 1});
  const FlatGradient after = flat_gradient(*model, y, {0, 1});
  EXPECT_TRUE(same_bits(after.values, flat_gradient(*fresh, y, {0, 1}).values));
}

TEST(Precision, ScoresAreOfTheFloat32Model) {
  const NetworkCase& network = kNetworks[3];
  const Data data = classes_data(network.shape, network.classes, 8);
  const auto exact = make_in("fp32", network, data), coarse = make_in("bf16", network, data);
  const std::vector<float> x = first_parameters(*exact);
  const std::vector<std::uint32_t> all{0, 1, 2, 3, 4, 5, 6, 7};
  flat_gradient(*coarse, x, all);
  EXPECT_EQ(coarse->score(view_of(x), data.train, all).loss_sum,
            exact->score(view_of(x), data.train, all).loss_sum);
}

TEST(Precision, CohortsComputeInBfloat16Too) {
  const auto expect = [](const NetworkCase& network, const std::string& convolution) {
    SCOPED_TRACE(network);
    const Data data = classes_data(network.shape, network.classes, 8);
    const auto exact = make_in("fp32", network, data),
               coarse = make_in("bf16", network, data, convolution);
    const std::vector<float> x = first_parameters(*exact);
    const std::vector<std::uint32_t> batch{0, 1, 2, 3, 4, 5, 6, 7};
    const Model::Point points[] = {{view_of(x), 0, batch}, {}};
    const auto gradients = coarse->gradients(points, 8);
    std::vector<float> found;
    for (const auto& piece : gradients[0].pieces) {
      found.insert(found.end(), piece.values.begin(), piece.values.end());
    }
    const FlatGradient expected = flat_gradient(*exact, x, batch);
    EXPECT_FALSE(same_bits(found, expected.values));
    EXPECT_GT(cosine(found, expected.values), 0.99);
  };
  for (const std::size_t i : {1, 3, 5}) expect(kNetworks[i], "grouped");
  for (const std::size_t i : {3, 5}) expect(kNetworks[i], "im2col");
}

}  // namespace
}  // namespace kith
