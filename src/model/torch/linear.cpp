#include "model/torch/module_model.h"

namespace kith {
namespace {

class Linear final : public ModuleModel {
 public:
  using Params = NoParams;

  Linear(Params, const Context& context) : ModuleModel(network(context), context) {}

 private:
  static Network network(const Context& context) {
    const NetworkEnds ends = NetworkEnds::of(context.data, "linear");
    const auto layer = std::make_shared<torch::nn::LinearImpl>(ends.inputs, ends.outputs);
    return {layer, [layer](torch::Tensor x) { return layer->forward(x.flatten(1)); }};
  }
};

const Register<Model, Linear> linear{"linear", "one linear layer: linear or logistic regression"};

}  // namespace
}  // namespace kith
