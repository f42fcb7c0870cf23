#include "core/memory.h"
#include "model/network_options.h"
#include "model/torch/module_model.h"

namespace kith {
namespace {

/// Fully connected layers with ReLU between them: "layers.0" … "layers.k".
Network fully_connected(const std::vector<std::int64_t>& widths) {
  auto layers = std::make_shared<torch::nn::ModuleListImpl>();
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    layers->push_back(torch::nn::Linear(widths[i], widths[i + 1]));
  }
  auto module = std::make_shared<torch::nn::Module>("mlp");
  module->register_module("layers", layers);
  return {module, [layers](torch::Tensor x) {
            x = x.flatten(1);
            for (std::size_t i = 0; i < layers->size(); ++i) {
              if (i > 0) x = torch::relu(x);
              x = layers->ptr<torch::nn::LinearImpl>(i)->forward(x);
            }
            return x;
          }};
}

class Mlp final : public ModuleModel {
 public:
  using Params = MlpOptions;

  Mlp(const Params& params, const Context& context)
      : ModuleModel(fully_connected(widths(params, context)), context) {}

 private:
  static std::vector<std::int64_t> widths(const Params& params, const Context& context) {
    const NetworkEnds ends = NetworkEnds::of(context.data, "mlp");
    std::vector<std::int64_t> widths = params.hidden;
    widths.insert(widths.begin(), ends.inputs);
    widths.push_back(ends.outputs);
    double weights = 0;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
      weights += static_cast<double>(widths[i]) * static_cast<double>(widths[i + 1]);
    }
    require_memory(sizeof(float) * weights, "a \"mlp\" this wide");
    return widths;
  }
};

const Register<Model, Mlp> mlp{"mlp", "fully connected layers with ReLU between them"};

}  // namespace
}  // namespace kith
