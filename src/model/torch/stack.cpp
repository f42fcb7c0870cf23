#include "model/torch/stack.h"

#include "model/torch/batch_source.h"
#include "model/torch/vmap.h"

namespace kith {

Stack::Stack(const Network& network, const std::vector<torch::Tensor>& parameters,
             const ParameterLayout& layout, std::int64_t nodes, const Device& device, bool im2col)
    : network_(network), parameters_(parameters), im2col_(im2col) {
  const auto d = static_cast<std::int64_t>(layout.size);
  vectors_ = torch::zeros({nodes, d}, torch_device(device));
  nowhere_ = torch::zeros({d}, torch_device(device));
  for (const auto& tensor : layout.tensors) {
    const torch::Tensor columns = vectors_.narrow(1, static_cast<std::int64_t>(tensor.offset),
                                                  static_cast<std::int64_t>(tensor.size));
    std::vector<std::int64_t> shape = tensor.shape;
    shape.insert(shape.begin(), nodes);
    leaves_.push_back(columns.view(shape).detach().requires_grad_());
  }
  const std::size_t tensors = layout.tensors.size();
  pieces_.resize(static_cast<std::size_t>(nodes) * tensors);
  gradients_.resize(static_cast<std::size_t>(nodes));
  for (std::size_t node = 0; node < gradients_.size(); ++node) {
    const auto own = std::span(pieces_).subspan(node * tensors, tensors);
    for (std::size_t i = 0; i < tensors; ++i) {
      own[i] = {layout.tensors[i].offset, {nullptr, layout.tensors[i].size, device}};
    }
    gradients_[node].pieces = own;
  }
}

void Stack::load(std::span<const Model::Point> points) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> rows;
  for (const Model::Point& point : points) {
    rows.push_back(point.x.data ? tensor_of(point.x) : nowhere_);
  }
  torch::stack_out(vectors_, rows);
}

torch::Tensor Stack::forward(const torch::Tensor& features) const {
  try {
    return vmap(parameters_, leaves_, network_.forward, features, im2col_);
  } catch (const c10::OutOfMemoryError&) {
    throw;
  } catch (const c10::Error& error) {
    throw ConfigError(std::string("/training/cohort: this model cannot be trained in cohorts: ") +
                      error.what_without_backtrace() + "; set cohort to \"off\"");
  }
}

std::span<const Gradient> Stack::gradients(const torch::Tensor& losses) {
  // A sum's gradient at one node's parameters is that of its own loss.
  taken_ = torch::autograd::grad({losses.sum()}, leaves_);
  const std::size_t tensors = leaves_.size();
  for (std::size_t i = 0; i < tensors; ++i) {
    taken_[i] = taken_[i].contiguous();
    const float* values = taken_[i].const_data_ptr<float>();
    for (std::size_t node = 0; node < gradients_.size(); ++node) {
      Gradient::Piece& piece = pieces_[node * tensors + i];
      piece.values.data = values + node * piece.values.size;
    }
  }
  const torch::Tensor values = losses.detach().to(torch::kCPU, torch::kDouble);
  for (std::size_t node = 0; node < gradients_.size(); ++node) {
    gradients_[node].loss = values.const_data_ptr<double>()[node];
  }
  return gradients_;
}

}  // namespace kith
