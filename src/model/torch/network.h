#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>

namespace kith {

/// A network and what it maps: [batch, sample] features to [batch, outputs].
struct Network {
  std::shared_ptr<torch::nn::Module> module;
  std::function<torch::Tensor(torch::Tensor)> forward;
};

}  // namespace kith
