#include <algorithm>

#include "core/device_memory.h"
#include "core/random.h"
#include "core/text.h"
#include "model/model.h"

namespace kith {
namespace {

/// The parameter vector itself, without a network: x ∈ R^d. On the `quadratics` dataset node i's
/// loss is f_i(x) = ½ (x − b_i)ᵀ A_i (x − b_i), with its exact gradient A_i (x − b_i), computed in
/// float64 and rounded once; its score is the global objective f(x) = (1/n) Σ_i f_i(x). Without
/// quadratics there is nothing to learn, and nodes only gossip.
class Vector final : public Model {
 public:
  struct Params {
    std::optional<std::int64_t> size;
    std::int64_t rows = 1;

    void fields(Fields& f) {
      f.optional("size", size, "d; by default that of the quadratics, else required",
                 Range{.at_least = 1, .at_most = 1e10});
      f.optional("rows", rows, "more than one make it a matrix, for methods that look at matrices",
                 Range{.at_least = 1});
    }
  };

  Vector(Params params, const Context& context)
      : data_(context.data.quadratics), device_(context.device) {
    if (context.data.task == Objective::kClassification ||
        context.data.task == Objective::kRegression) {
      throw ConfigError(
          "/model: \"vector\" has no inputs, so it cannot learn from samples; use the dataset "
          "\"quadratics\" or \"none\", or another model");
    }
    if (context.precision != "fp32") {
      throw ConfigError("/training/precision: is \"" + context.precision +
                        "\", but the model \"vector\" computes in float64 and float32 alone");
    }
    const std::int64_t dimension = data_ ? data_->dimension : params.size.value_or(0);
    if (dimension == 0) {
      throw ConfigError("/model: missing \"size\", the number of parameters of \"vector\"");
    }
    if (params.size && *params.size != dimension) {
      throw ConfigError("/model/size: is " + std::to_string(*params.size) +
                        ", but the quadratics have " + std::to_string(dimension) + " dimensions");
    }
    if (dimension % params.rows != 0) {
      throw ConfigError("/model/rows: is " + std::to_string(params.rows) +
                        ", which does not divide " + std::to_string(dimension) + ", the size");
    }
    if (params.rows == 1) {
      layout_.add("x", {dimension});
    } else {
      layout_.add("x", {params.rows, dimension / params.rows});
    }
    if (data_) average_quadratics();
  }

  const ParameterLayout& layout() const override { return layout_; }
  bool on_device() const override { return true; }  // the host computes

  void initialize(std::uint64_t seed, std::uint32_t stream, ArrayView x) const override {
    Random random(seed, Purpose::kModel, stream);
    for (float& value : x) value = static_cast<float>(random.normal());
  }

  Gradient gradient(ConstArrayView x_there, Uid node, std::span<const std::uint32_t>) override {
    if (!data_)
      throw ConfigError(
          "/training: the dataset \"none\" has nothing to train on; set local_steps to 0");
    const ViewFrom here(x_there, Device());
    const ConstArrayView x = here.view();
    const std::size_t d = layout_.size;
    const auto i = static_cast<std::size_t>(node);
    const double* const a = data_->a.data() + i * d * d;
    const double* const b = data_->b.data() + i * d;
    if (gradient_.size() != d) gradient_ = Array(d);
    offset_.resize(d);
    for (std::size_t k = 0; k < d; ++k) offset_[k] = double{x.data[k]} - b[k];
    double loss = 0;
    for (std::size_t row = 0; row < d; ++row) {
      double sum = 0;
      for (std::size_t k = 0; k < d; ++k) sum += a[row * d + k] * offset_[k];
      gradient_[row] = static_cast<float>(sum);
      loss += 0.5 * offset_[row] * sum;
    }
    piece_ = {0, gradient_.view()};
    if (!device_.is_cpu()) {
      if (gradient_there_.size() != d) gradient_there_ = Array(d, device_);
      copy(gradient_.view(), gradient_there_.view());
      piece_ = {0, gradient_there_.view()};
    }
    return {loss, {&piece_, 1}};
  }

  Score score(ConstArrayView, const Samples&, std::span<const std::uint32_t>) override {
    return {};
  }

  /// f(x) = ½ xᵀĀx − cᵀx + k, with Ā = mean A_i, c = mean A_i b_i, k = mean ½ b_iᵀA_i b_i.
  std::optional<Score> score_without_samples(ConstArrayView x_there) const override {
    if (!data_) return std::nullopt;
    const ViewFrom here(x_there, Device());
    const ConstArrayView x = here.view();
    const std::size_t d = layout_.size;
    double value = constant_;
    for (std::size_t row = 0; row < d; ++row) {
      double sum = 0;
      for (std::size_t k = 0; k < d; ++k) sum += mean_a_[row * d + k] * x.data[k];
      value += x.data[row] * (0.5 * sum - mean_ab_[row]);
    }
    return Score{.samples = 1, .loss_sum = value};
  }

 private:
  void average_quadratics() {
    const std::size_t d = layout_.size;
    const double share = 1.0 / static_cast<double>(data_->nodes);
    mean_a_.assign(d * d, 0);
    mean_ab_.assign(d, 0);
    for (std::size_t i = 0; i < static_cast<std::size_t>(data_->nodes); ++i) {
      const double* const b = data_->b.data() + i * d;
      for (std::size_t row = 0; row < d; ++row) {
        const double* const a = data_->a.data() + (i * d + row) * d;
        double ab = 0;
        for (std::size_t k = 0; k < d; ++k) {
          mean_a_[row * d + k] += share * a[k];
          ab += a[k] * b[k];
        }
        mean_ab_[row] += share * ab;
        constant_ += share * 0.5 * b[row] * ab;
      }
    }
  }

  std::shared_ptr<const Quadratics> data_;
  ParameterLayout layout_;
  std::vector<double> mean_a_, mean_ab_;
  double constant_ = 0;
  std::vector<double> offset_;  // x − b_i
  Device device_;
  Array gradient_, gradient_there_;
  Gradient::Piece piece_;
};

const Register<Model, Vector> registered{
    "vector", "the parameter vector itself: quadratics, and gossip without learning"};

}  // namespace
}  // namespace kith
