#include "model/network_options.h"
#include "model/torch/max_pool.h"
#include "model/torch/module_model.h"

namespace kith {
namespace {

/// A small convolutional network for square images.
///
///     classic   LeNet-5: two 5 × 5 convolutions (6, 16 channels) and three linear layers
///               (61,706 parameters on MNIST, 62,006 on CIFAR-10: decentralizepy's "CNN")
///     group     `norm`: three 5 × 5 convolutions (32, 32, 64) with GroupNorm(2) and one linear
///               layer (89,834 on CIFAR-10: decentralizepy's "LeNet")
///     femnist   `variant`: two 5 × 5 convolutions (32, 64) and a hidden layer of 512
///               (1,690,046 on FEMNIST: decentralizepy's "CNN")
struct ConvNet : torch::nn::Module {
  /// A 5 × 5 convolution, a norm if any, ReLU, and 2 × 2 maxima.
  void add_stage(std::int64_t from, std::int64_t to, std::int64_t padding, bool norm) {
    const std::string number = std::to_string(convolutions.size() + 1);
    convolutions.push_back(
        register_module("conv" + number,
                        torch::nn::Conv2d(torch::nn::Conv2dOptions(from, to, 5).padding(padding))));
    if (norm) norms.push_back(register_module("norm" + number, torch::nn::GroupNorm(2, to)));
    side = (side + 2 * padding - 4) / 2;
    width = to * side * side;
  }

  void add_layer(std::int64_t outputs) {
    layers.push_back(register_module("fc" + std::to_string(layers.size() + 1),
                                     torch::nn::Linear(width, outputs)));
    width = outputs;
  }

  torch::Tensor forward(torch::Tensor x) {
    for (std::size_t i = 0; i < convolutions.size(); ++i) {
      x = convolutions[i]->forward(x);
      if (!norms.empty()) x = norms[i]->forward(x);
      x = max_pool_2x2(torch::relu(x));
    }
    x = x.flatten(1);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      x = layers[i]->forward(i > 0 ? torch::relu(x) : x);
    }
    return x;
  }

  std::vector<torch::nn::Conv2d> convolutions;
  std::vector<torch::nn::GroupNorm> norms;
  std::vector<torch::nn::Linear> layers;
  std::int64_t side = 0;   // of the image as it is after the last stage
  std::int64_t width = 0;  // numbers behind the last stage or layer
};

class LeNet final : public ModuleModel {
 public:
  using Params = LeNetOptions;

  LeNet(const Params& params, const Context& context)
      : ModuleModel(network(params, NetworkEnds::of(context.data, "lenet")), context) {}

 private:
  static void check(const char* name, std::optional<std::int64_t> wanted, std::int64_t found) {
    if (!wanted || *wanted == found) return;
    throw ConfigError("/model/" + std::string(name) + ": is " + std::to_string(*wanted) +
                      ", but the dataset has " + std::to_string(found));
  }

  static Network network(const Params& params, const NetworkEnds& ends) {
    if (ends.input.size() != 3 || ends.input[1] != ends.input[2]) {
      throw ConfigError("/model: \"lenet\" needs square images, and the dataset has none");
    }
    check("channels", params.channels, ends.input[0]);
    check("size", params.size, ends.input[1]);
    check("classes", params.classes, ends.outputs);

    const auto net = std::make_shared<ConvNet>();
    net->side = ends.input[1];
    if (params.norm == "group") {
      net->add_stage(ends.input[0], 32, 2, true);
      net->add_stage(32, 32, 2, true);
      net->add_stage(32, 64, 2, true);
    } else if (params.variant == "femnist") {
      net->add_stage(ends.input[0], 32, 2, false);
      net->add_stage(32, 64, 2, false);
    } else {
      // LeNet-5 is for 32 × 32; smaller images, such as MNIST's 28, get a border.
      net->add_stage(ends.input[0], 6, ends.input[1] < 32 ? 2 : 0, false);
      net->add_stage(6, 16, 0, false);
    }
    if (net->side < 1) {
      throw ConfigError("/model: images of " + std::to_string(ends.input[1]) +
                        " pixels a side are too small for this \"lenet\"; use \"mlp\"");
    }
    if (params.variant == "femnist") net->add_layer(512);
    if (params.variant == "classic" && params.norm == "none") {
      net->add_layer(120);
      net->add_layer(84);
    }
    net->add_layer(ends.outputs);
    return {net, [net](torch::Tensor x) { return net->forward(std::move(x)); }};
  }
};

const Register<Model, LeNet> lenet{"lenet", "small convolutional networks for images"};

}  // namespace
}  // namespace kith
