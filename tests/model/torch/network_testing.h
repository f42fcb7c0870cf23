#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "core/random.h"
#include "model/torch/module_model.h"

namespace kith {

/// A network of a config, the data it is for, and how many parameters it then has.
struct NetworkCase {
  std::string json;
  std::vector<std::int64_t> shape;  ///< of one sample
  std::int64_t classes;
  std::size_t parameters;
};

/// Whether a network has convolutions.
inline bool convolves(const NetworkCase& network) {
  return network.json.find("lenet") != std::string::npos;
}

inline std::ostream& operator<<(std::ostream& out, const NetworkCase& network) {
  return out << network.json << " on " << torch::IntArrayRef(network.shape);
}

/// Every network on the data it was made for; the counts are those of decentralizepy and of
/// PyTorch.
inline const std::vector<NetworkCase> kNetworks{
    {R"("linear")", {64}, 10, 650},
    {R"({"type": "mlp", "hidden": [64]})", {1, 28, 28}, 10, 50'890},
    {R"({"type": "mlp", "hidden": [7, 5]})", {3}, 2, 80},
    {R"("lenet")", {1, 28, 28}, 10, 61'706},
    {R"("lenet")", {3, 32, 32}, 10, 62'006},
    {R"({"type": "lenet", "norm": "group"})", {3, 32, 32}, 10, 89'834},
    {R"({"type": "lenet", "variant": "femnist"})", {1, 28, 28}, 62, 1'690'046},
};

inline std::vector<float> uniform_floats(std::size_t count, std::uint64_t seed) {
  Random random(seed, Purpose::kNode);
  std::vector<float> values(count);
  for (float& value : values) value = 2 * random.uniform_float() - 1;
  return values;
}

/// `count` samples with features uniform on [−1, 1); their classes go round.
inline Data classes_data(const std::vector<std::int64_t>& shape, std::int64_t classes,
                         std::size_t count) {
  const auto numbers = static_cast<std::size_t>(c10::multiply_integers(shape));
  Data data;
  data.task = Objective::kClassification;
  data.classes = classes;
  data.train = Samples(shape, uniform_floats(count * numbers, 1));
  for (std::size_t i = 0; i < count; ++i) {
    data.train.labels.push_back(static_cast<std::int64_t>(i) % classes);
  }
  return data;
}

/// `count` samples with features and targets uniform on [−1, 1).
inline Data regression_data(const std::vector<std::int64_t>& shape, std::int64_t outputs,
                            std::size_t count) {
  Data data = classes_data(shape, 1, count);
  data.task = Objective::kRegression;
  data.classes = 0;
  data.outputs = outputs;
  data.train.labels.clear();
  data.train.targets = uniform_floats(count * static_cast<std::size_t>(outputs), 2);
  return data;
}

/// The model of a config; `data` outlives it.
inline std::unique_ptr<Model> make_network(const std::string& json, const Data& data,
                                           const std::string& loss = "",
                                           const std::string& cohort_convolution = "grouped") {
  const Config config = Config::parse("{\"model\": " + json + "}", "run.json");
  return Model::registry()
      .read(config.at("model"))
      .make({data, loss, "fp32", {}, cohort_convolution});
}

inline ConstArrayView view_of(const std::vector<float>& numbers) {
  return {numbers.data(), numbers.size(), {}};
}

/// What `model` starts from.
inline std::vector<float> first_parameters(const Model& model, std::uint64_t seed = 1,
                                           std::uint32_t stream = 0) {
  std::vector<float> x(model.layout().size);
  model.initialize(seed, stream, {x.data(), x.size(), {}});
  return x;
}

/// A loss and its gradient as one flat vector, which the pieces must cover in order.
struct FlatGradient {
  double loss = 0;
  std::vector<float> values;
};

inline FlatGradient flat_gradient(Model& model, const std::vector<float>& x,
                                  const std::vector<std::uint32_t>& batch) {
  const Gradient gradient = model.gradient(view_of(x), 0, batch);
  FlatGradient flat{gradient.loss, {}};
  for (const Gradient::Piece& piece : gradient.pieces) {
    EXPECT_EQ(piece.offset, flat.values.size());
    flat.values.insert(flat.values.end(), piece.values.begin(), piece.values.end());
  }
  EXPECT_EQ(flat.values.size(), x.size());
  return flat;
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace kith
