#pragma once

#include <algorithm>
#include <cmath>

#include "model/model.h"

namespace kith {

/// Softmax regression in plain loops, for tests of builds without LibTorch: convex, so that a run
/// has an optimum to be held against. A test registers it under a name of its own.
class SoftmaxModel final : public Model {
 public:
  using Params = NoParams;

  SoftmaxModel(Params, const Context& context)
      : data_(context.data),
        features_(context.data.train.sample_size()),
        classes_(static_cast<std::size_t>(context.data.classes)) {
    layout_.add("weight", {std::int64_t(classes_), std::int64_t(features_) + 1});
  }

  const ParameterLayout& layout() const override { return layout_; }

  void initialize(std::uint64_t, std::uint32_t, ArrayView x) const override {
    std::fill(x.begin(), x.end(), 0.0f);
  }

  Gradient gradient(ConstArrayView x, Uid, std::span<const std::uint32_t> batch) override {
    std::vector<double> sum(x.size);
    Score score;
    visit(x, data_.train, batch, score, &sum);
    gradient_.assign(sum.size(), 0);
    for (std::size_t k = 0; k < sum.size(); ++k) {
      gradient_[k] = static_cast<float>(sum[k] / double(batch.size()));
    }
    piece_ = {0, {gradient_.data(), gradient_.size(), {}}};
    return {score.loss(), {&piece_, 1}};
  }

  Score score(ConstArrayView x, const Samples& samples,
              std::span<const std::uint32_t> indices) override {
    Score score;
    visit(x, samples, indices, score, nullptr);
    return score;
  }

 private:
  void visit(ConstArrayView x, const Samples& samples, std::span<const std::uint32_t> indices,
             Score& score, std::vector<double>* gradient) const {
    std::vector<float> row(features_);
    std::vector<double> p(classes_);
    score.has_accuracy = true;
    for (const std::uint32_t index : indices) {
      samples.gather({&index, 1}, row);
      const auto label = static_cast<std::size_t>(samples.labels[index]);
      double total = 0;
      for (std::size_t c = 0; c < classes_; ++c) {
        const float* const w = x.data + c * (features_ + 1);
        double logit = w[features_];
        for (std::size_t k = 0; k < features_; ++k) logit += double{w[k]} * row[k];
        total += p[c] = std::exp(logit);
      }
      score.samples += 1;
      score.loss_sum -= std::log(p[label] / total);
      score.correct += std::ranges::max_element(p) - p.begin() == std::ptrdiff_t(label);
      if (!gradient) continue;
      for (std::size_t c = 0; c < classes_; ++c) {
        const double error = p[c] / total - (c == label);
        double* const g = gradient->data() + c * (features_ + 1);
        for (std::size_t k = 0; k < features_; ++k) g[k] += error * row[k];
        g[features_] += error;
      }
    }
  }

  const Data& data_;
  std::size_t features_, classes_;
  ParameterLayout layout_;
  std::vector<float> gradient_;
  Gradient::Piece piece_;
};

}  // namespace kith
