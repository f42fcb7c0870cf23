#include "model/torch/module_model.h"

#include "model/torch/resident.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/random.h"

namespace kith {
namespace {

/// PyTorch's defaults: U(−1/√fan_in, 1/√fan_in) for the weight and bias of linear and convolutional
/// layers (kaiming_uniform with a = √5), 1 and 0 for those of norms.
void draw(const torch::nn::Module& module, Random& random, const std::string& parameter,
          ArrayView x) {
  std::int64_t fan_in = 0;
  if (const auto* linear = module.as<torch::nn::Linear>()) {
    fan_in = linear->options.in_features();
  } else if (const auto* convolution = module.as<torch::nn::Conv2d>()) {
    fan_in = convolution->weight[0].numel();
  } else {
    std::ranges::fill(x, parameter == "weight" ? 1.0f : 0.0f);
    return;
  }
  const float bound = 1 / std::sqrt(static_cast<float>(fan_in));
  for (float& value : x) value = bound * (2 * random.uniform_float() - 1);
}

bool wants_cross_entropy(const Model::Context& context) {
  const bool classifies = context.data.task == Objective::kClassification;
  const std::string& loss = context.loss;
  if (loss == "cross_entropy" && !classifies) {
    throw ConfigError("/training/loss: \"cross_entropy\" needs classes; regression takes \"mse\"");
  }
  return loss.empty() ? classifies : loss == "cross_entropy";
}

}  // namespace

NetworkEnds NetworkEnds::of(const Data& data, const std::string& model) {
  if (data.task != Objective::kClassification && data.task != Objective::kRegression) {
    throw ConfigError("/model: \"" + model +
                      "\" learns from samples, and the dataset has none; use the model \"vector\"");
  }
  return {data.train.shape(), static_cast<std::int64_t>(data.train.sample_size()),
          data.task == Objective::kClassification ? data.classes : data.outputs};
}

ModuleModel::ModuleModel(Network network, const Context& context)
    : network_(std::move(network)),
      data_(context.data),
      cross_entropy_(wants_cross_entropy(context)) {
  // One node computes on one thread; more would also change the bits.
  at::set_num_threads(1);
  forget_start_of_torch();
  const torch::NoGradGuard no_grad;
  for (const auto& item : network_.module->named_parameters()) {
    layout_.add(item.key(), item.value().sizes().vec());
    parameters_.push_back(item.value());
  }
  flat_ = torch::zeros({static_cast<std::int64_t>(layout_.size)});
  gradients_.resize(parameters_.size());
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const auto& tensor = layout_.tensors[i];
    const auto view = flat_.narrow(0, static_cast<std::int64_t>(tensor.offset),
                                   static_cast<std::int64_t>(tensor.size));
    parameters_[i].set_data(view.view(tensor.shape));
    pieces_.push_back({tensor.offset, {nullptr, tensor.size, {}}});
  }
}

void ModuleModel::initialize(std::uint64_t seed, std::uint32_t stream, ArrayView x) const {
  Random random(seed, Purpose::kModel, stream);
  std::size_t tensor = 0;
  for (const auto& item : network_.module->named_modules()) {
    for (const auto& parameter : item.value()->named_parameters(/*recurse=*/false)) {
      const auto& place = layout_.tensors[tensor++];
      draw(*item.value(), random, parameter.key(), x.part(place.offset, place.size));
    }
  }
}

void ModuleModel::copy_parameters() {
  copies_ = true;
  point_at(at::getCPUAllocator()->allocate(layout_.size * sizeof(float)));
}

void ModuleModel::point_at(at::DataPtr data) {
  flat_.storage().unsafeGetStorageImpl()->set_data_ptr_noswap(std::move(data));
}

void ModuleModel::bind(ConstArrayView x) {
  if (copies_) {
    std::memcpy(flat_.data_ptr<float>(), x.data, x.size * sizeof(float));
    return;
  }
  // The module only reads its parameters: gradients are taken out, and steps are the optimizer's.
  point_at(at::DataPtr(const_cast<float*>(x.data), at::kCPU));
}

ModuleModel::Batch ModuleModel::gather(const Samples& samples,
                                       std::span<const std::uint32_t> indices) const {
  const auto count = static_cast<std::int64_t>(indices.size());
  std::vector<std::int64_t> shape = samples.shape();
  shape.insert(shape.begin(), count);
  Batch batch;
  batch.features = torch::empty(shape);
  samples.gather(indices, {batch.features.data_ptr<float>(), indices.size() * samples.sample_size()});
  if (data_.task == Objective::kClassification) {
    batch.targets = torch::empty({count}, torch::kInt64);
    auto* const labels = batch.targets.data_ptr<std::int64_t>();
    for (std::size_t i = 0; i < indices.size(); ++i) labels[i] = samples.labels[indices[i]];
    return batch;
  }
  const auto outputs = static_cast<std::size_t>(data_.outputs);
  batch.targets = torch::empty({count, data_.outputs});
  auto* const targets = batch.targets.data_ptr<float>();
  for (std::size_t i = 0; i < indices.size(); ++i) {
    std::memcpy(targets + i * outputs, samples.targets.data() + indices[i] * outputs,
                outputs * sizeof(float));
  }
  return batch;
}

torch::Tensor ModuleModel::loss(const torch::Tensor& outputs, const torch::Tensor& targets,
                                at::Reduction::Reduction reduction) const {
  if (cross_entropy_) return at::cross_entropy_loss(outputs, targets, {}, reduction);
  if (data_.task == Objective::kRegression) return at::mse_loss(outputs, targets, reduction);
  // Classes as unit vectors.
  return at::mse_loss(outputs, at::one_hot(targets, data_.classes).to(at::kFloat), reduction);
}

Gradient ModuleModel::gradient(ConstArrayView x, Uid, std::span<const std::uint32_t> batch) {
  // Let go first: the next gradient then lies where this one did, which the cache still holds.
  std::ranges::fill(gradients_, torch::Tensor());
  bind(x);
  const Batch samples = gather(data_.train, batch);
  const torch::Tensor value =
      loss(network_.forward(samples.features), samples.targets, at::Reduction::Mean);
  value.backward();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    // Taken away, not copied: autograd leaves a fresh tensor the next time.
    torch::Tensor& gradient = parameters_[i].mutable_grad();
    gradients_[i] = gradient.contiguous();
    gradient.reset();
    pieces_[i].values.data = gradients_[i].const_data_ptr<float>();
  }
  return {value.item<double>(), pieces_};
}

Score ModuleModel::score(ConstArrayView x, const Samples& samples,
                         std::span<const std::uint32_t> indices) {
  const c10::InferenceMode no_gradients;
  bind(x);
  const Batch batch = gather(samples, indices);
  const torch::Tensor outputs = network_.forward(batch.features);
  Score score;
  score.samples = static_cast<double>(indices.size());
  score.loss_sum = loss(outputs, batch.targets, at::Reduction::Sum).item<double>();
  if (data_.task == Objective::kClassification) {
    score.correct = outputs.argmax(1).eq(batch.targets).sum().item<double>();
    score.has_accuracy = true;
  }
  if (!cross_entropy_) score.loss_sum /= static_cast<double>(outputs.size(1));  // a mean over them
  return score;
}

}  // namespace kith
