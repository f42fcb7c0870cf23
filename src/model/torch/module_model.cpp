#include "model/torch/module_model.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "core/text.h"
#include "model/cohort_need.h"
#include "model/platform.h"
#include "model/torch/autocast.h"
#include "model/torch/resident.h"
#include "model/torch/torch_cuda.h"
#include "model/torch/vmap.h"

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

/// Whether a parameter can be a two-dimensional convolution's weight.
bool is_kernel(const torch::Tensor& parameter) { return parameter.dim() == 4; }

/// How much of a device's memory samples may take.
std::uint64_t resident_bytes(const Device& device) {
  constexpr std::uint64_t kShare = 4;
  return device.is_cpu() ? 0 : torch_cuda().memory(device).available / kShare;
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

namespace {

/// Where networks may work from now on.
Device opened(const Model::Context& context) {
  open_network_device(context.device, context.precision);
  return context.device;
}

}  // namespace

ModuleModel::ModuleModel(Network network, const Context& context)
    : network_(std::move(network)),
      data_(context.data),
      device_(opened(context)),
      torch_device_(torch_device(context.device)),
      cross_entropy_(wants_cross_entropy(context)),
      bfloat16_(context.precision == "bf16"),
      im2col_(context.cohort_convolution == "im2col"),
      batches_(context.data, context.device, resident_bytes(context.device)) {
  // One node computes on one thread; more would also change the bits.
  at::set_num_threads(1);
  forget_start_of_torch();
  const torch::NoGradGuard no_grad;
  for (const auto& item : network_.module->named_parameters()) {
    layout_.add(item.key(), item.value().sizes().vec());
    parameters_.push_back(item.value());
  }
  if (im2col_ && std::ranges::none_of(parameters_, is_kernel)) {
    throw ConfigError(
        "/training/cohort_convolution: is \"im2col\", but this model has no two-dimensional "
        "convolutions; leave it out");
  }
  network_.module->to(torch_device_);
  flat_ = torch::zeros({static_cast<std::int64_t>(layout_.size)}, torch_device_);
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
  point_at(c10::GetAllocator(torch_device_.type())->allocate(layout_.size * sizeof(float)));
}

void ModuleModel::point_at(at::DataPtr data) {
  flat_.storage().unsafeGetStorageImpl()->set_data_ptr_noswap(std::move(data));
}

void ModuleModel::bind(ConstArrayView x) {
  if (copies_) {
    const torch::NoGradGuard no_grad;
    flat_.copy_(tensor_of(x));
    return;
  }
  // The module only reads its parameters: gradients are taken out, and steps are the optimizer's.
  point_at(at::DataPtr(const_cast<float*>(x.data), torch_device_));
}

torch::Tensor ModuleModel::loss(const torch::Tensor& outputs, const torch::Tensor& targets,
                                at::Reduction::Reduction reduction) const {
  if (cross_entropy_) return at::cross_entropy_loss(outputs, targets, {}, reduction);
  if (data_.task == Objective::kRegression) return at::mse_loss(outputs, targets, reduction);
  // Classes as unit vectors.
  return at::mse_loss(outputs, at::one_hot(targets, data_.classes).to(at::kFloat), reduction);
}

/// Runs `work` and gives what a device may throw our form.
template <class Work>
auto ModuleModel::on_device(Work work) {
  if (device_.is_cpu()) return work();
  try {
    torch_cuda().enter(device_);
    return work();
  } catch (const c10::OutOfMemoryError&) {
    throw;  // whoever asked for so much says how much
  } catch (const c10::AcceleratorError& error) {
    const std::string text = error.what_without_backtrace();
    throw DeviceError(torch_device_.str() + " failed: " + text.substr(0, text.find('\n')));
  }
}

Gradient ModuleModel::gradient(ConstArrayView x, Uid, std::span<const std::uint32_t> batch) {
  try {
    return on_device([&] { return gradient_here(x, batch); });
  } catch (const c10::OutOfMemoryError&) {
    throw out_of_memory("a gradient of " + count_of(batch.size(), "sample"),
                        "a smaller batch_size");
  }
}

std::span<const Gradient> ModuleModel::gradients(std::span<const Point> points, std::size_t batch) {
  try {
    return on_device([&] { return gradients_here(points, batch); });
  } catch (const c10::OutOfMemoryError&) {
  }
  explain_full_memory(points.size(), batch);
}

Score ModuleModel::score(ConstArrayView x, const Samples& samples,
                         std::span<const std::uint32_t> indices) {
  try {
    return on_device([&] { return score_here(x, samples, indices); });
  } catch (const c10::OutOfMemoryError&) {
    throw out_of_memory("an evaluation of " + count_of(indices.size(), "sample"), "fewer nodes");
  }
}

std::optional<std::uint64_t> ModuleModel::measure_cohort(std::size_t places, std::size_t batch) {
  if (device_.is_cpu()) return 0;
  stack_.reset();
  try {
    return on_device([&] {
      torch_cuda().forget_peak(device_);
      const std::uint64_t before = torch_cuda().memory(device_).used;
      gradients_here(std::vector<Point>(places), batch);
      return torch_cuda().memory(device_).peak - before;
    });
  } catch (const c10::OutOfMemoryError&) {
    stack_.reset();
    return std::nullopt;
  }
}

std::uint64_t ModuleModel::device_bytes() const {
  return device_.is_cpu() ? 0 : torch_cuda().memory(device_).total;
}

DeviceError ModuleModel::out_of_memory(const std::string& what, const std::string& remedy) const {
  const TorchCuda::Memory memory = torch_cuda().memory(device_);
  return DeviceError("out of memory on " + torch_device_.str() + ": " + what +
                     " does not fit into the " + bytes_text(static_cast<double>(memory.available)) +
                     " that are left of " + bytes_text(static_cast<double>(memory.total)) +
                     "; use " + remedy);
}

void ModuleModel::explain_full_memory(std::size_t places, std::size_t batch) {
  stack_.reset();
  const std::optional<CohortNeed> need = CohortNeed::measure(*this, batch);
  if (!need) {
    throw out_of_memory("a cohort of any size", "a smaller batch_size, or set cohort to \"off\"");
  }
  const std::uint64_t fit = need->largest(torch_cuda().memory(device_).available);
  throw out_of_memory("a cohort of " + count_of(places, "node") + ", which needs " +
                          bytes_text(static_cast<double>(need->bytes(places))) + ",",
                      "a cohort of at most " + std::to_string(fit));
}

Gradient ModuleModel::gradient_here(ConstArrayView x, std::span<const std::uint32_t> batch) {
  // Let go first: the next gradient then lies where this one did, which the cache still holds.
  std::ranges::fill(gradients_, torch::Tensor());
  bind(x);
  const Batch samples = batches_.gather(data_.train, batch);
  torch::Tensor outputs;
  {
    const Autocast autocast(bfloat16_, torch_device_.type());
    outputs = network_.forward(samples.features).to(torch::kFloat);
  }
  const torch::Tensor value = loss(outputs, samples.targets, at::Reduction::Mean);
  value.backward();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    // Taken away, not copied: autograd leaves a fresh tensor the next time.
    torch::Tensor& gradient = parameters_[i].mutable_grad();
    gradients_[i] = gradient.contiguous();
    gradient.reset();
    pieces_[i].values.data = gradients_[i].const_data_ptr<float>();
    pieces_[i].values.device = device_;
  }
  if (device_.is_cpu()) return {value.item<double>(), pieces_};
  loss_ = value.detach().to(torch::kFloat).reshape({1});
  return {0, pieces_, {loss_.const_data_ptr<float>(), 1, device_}};
}

std::string ModuleModel::no_cohorts() const {
  if (!network_.module->buffers().empty()) {
    return "it keeps statistics of what it sees beside its parameters";
  }
  return vmap_problem();
}

std::span<const Gradient> ModuleModel::gradients_here(std::span<const Point> points,
                                                      std::size_t batch) {
  const auto nodes = std::ssize(points);
  const auto samples = static_cast<std::int64_t>(batch);
  if (!stack_ || stack_->nodes() != nodes) {
    stack_ = std::make_unique<Stack>(network_, parameters_, layout_, nodes, device_, im2col_);
  }
  stack_->let_go();
  stack_->load(points);
  // Who has fewer samples, or is nowhere, gets the first one, which does not count there.
  std::vector<std::uint32_t> indices(points.size() * batch, 0);
  torch::Tensor weights = torch::zeros({nodes, samples});
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto& own = points[i].batch;
    std::ranges::copy(own, indices.data() + i * batch);
    std::fill_n(weights.data_ptr<float>() + i * batch, own.size(),
                1 / static_cast<float>(own.size()));
  }
  weights = weights.to(torch_device_);
  const Batch flat = batches_.gather(data_.train, indices);
  const torch::Tensor features = flat.features.unflatten(0, {nodes, samples});
  torch::Tensor outputs;
  {
    const Autocast autocast(bfloat16_, torch_device_.type());
    outputs = stack_->forward(features).to(torch::kFloat);
  }
  // One node after another along the batch: no loss has a batching rule of its own.
  outputs = outputs.flatten(0, 1);
  torch::Tensor losses = loss(outputs, flat.targets, at::Reduction::None);
  if (losses.dim() > 1) losses = losses.flatten(1).mean(1);
  return stack_->gradients((losses.view({nodes, samples}) * weights).sum(1));
}

Score ModuleModel::score_here(ConstArrayView x, const Samples& samples,
                              std::span<const std::uint32_t> indices) {
  const c10::InferenceMode no_gradients;
  bind(x);
  const Batch batch = batches_.gather(samples, indices);
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
