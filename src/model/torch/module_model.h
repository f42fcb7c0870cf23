#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "model/model.h"
#include "model/torch/batch_source.h"
#include "model/torch/network.h"
#include "model/torch/stack.h"

namespace kith {

/// Numbers at a network's ends, from the data.
struct NetworkEnds {
  std::vector<std::int64_t> input;  ///< shape of one sample
  std::int64_t inputs = 0;          ///< numbers in one sample
  std::int64_t outputs = 0;         ///< classes, or numbers to predict

  /// Throws ConfigError when there are no samples for `model` to learn from.
  static NetworkEnds of(const Data& data, const std::string& model);
};

/// Any torch module as a Model. All its parameters are views of one storage, in the order of
/// `named_parameters()`, and that storage is pointed at the node's flat vector: no copy, the same
/// bits as a module of the node's own.
class ModuleModel : public Model {
 public:
  ModuleModel(Network network, const Context& context);

  /// Copies a node's parameters from now on instead of pointing at them. Gives the same bits,
  /// slower; tests hold one against the other.
  void copy_parameters();

  const ParameterLayout& layout() const override { return layout_; }
  bool on_device() const override { return true; }
  void initialize(std::uint64_t seed, std::uint32_t stream, ArrayView x) const override;
  Gradient gradient(ConstArrayView x, Uid node, std::span<const std::uint32_t> batch) override;
  std::span<const Gradient> gradients(std::span<const Point> points, std::size_t batch) override;
  std::optional<std::uint64_t> measure_cohort(std::size_t places, std::size_t batch) override;
  std::uint64_t device_bytes() const override;
  std::string no_cohorts() const override;
  Score score(ConstArrayView x, const Samples& samples,
              std::span<const std::uint32_t> indices) override;

 private:
  void point_at(at::DataPtr data);
  void bind(ConstArrayView x);
  template <class Work>
  auto on_device(Work work);
  DeviceError out_of_memory(const std::string& what, const std::string& remedy) const;
  Gradient gradient_here(ConstArrayView x, std::span<const std::uint32_t> batch);
  std::span<const Gradient> gradients_here(std::span<const Point> points, std::size_t batch);
  Score score_here(ConstArrayView x, const Samples& samples,
                   std::span<const std::uint32_t> indices);
  [[noreturn]] void explain_full_memory(std::size_t places, std::size_t batch);
  torch::Tensor loss(const torch::Tensor& outputs, const torch::Tensor& targets,
                     at::Reduction::Reduction reduction) const;

  Network network_;
  const Data& data_;
  Device device_;
  torch::Device torch_device_;
  bool cross_entropy_;
  bool bfloat16_;  // gradients' arithmetic
  bool im2col_;    // cohorts' convolutions
  bool copies_ = false;
  BatchSource batches_;
  ParameterLayout layout_;
  torch::Tensor flat_;  // one storage under all parameters
  std::vector<torch::Tensor> parameters_;
  std::vector<torch::Tensor> gradients_;  // what the pieces of the last gradient point into
  torch::Tensor loss_;                    // of the last gradient on a device
  std::vector<Gradient::Piece> pieces_;
  std::unique_ptr<Stack> stack_;  // for cohorts
};

}  // namespace kith
