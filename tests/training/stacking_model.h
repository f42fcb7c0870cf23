#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "core/array.h"
#include "model/model.h"

namespace kith {

/// Sample s is the point (s, s, …), the loss the mean of ½ ‖x − s‖² over a batch: a model without a
/// network that can be trained in cohorts.
class StackingModel final : public Model {
 public:
  explicit StackingModel(std::size_t size) { layout_.add("x", {static_cast<std::int64_t>(size)}); }

  const ParameterLayout& layout() const override { return layout_; }
  void initialize(std::uint64_t, std::uint32_t, ArrayView) const override {}
  Score score(ConstArrayView, const Samples&, std::span<const std::uint32_t>) override {
    return {};
  }
  std::string no_cohorts() const override { return ""; }

  Gradient gradient(ConstArrayView x, Uid, std::span<const std::uint32_t> batch) override {
    return at(x, batch, single_);
  }

  std::span<const Gradient> gradients(std::span<const Point> points, std::size_t) override {
    stacked_.resize(points.size());
    gradients_.assign(points.size(), {});
    last_places.clear();
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (!points[i].x.data) continue;
      last_places.push_back(i);
      gradients_[i] = at(points[i].x, points[i].batch, stacked_[i]);
    }
    filled.push_back(static_cast<int>(last_places.size()));
    return gradients_;
  }

  std::vector<int> filled;               ///< points of each computation
  std::vector<std::size_t> last_places;  ///< of the last one

 private:
  struct Own {
    std::vector<float> values;
    Gradient::Piece piece;
  };

  static Gradient at(ConstArrayView x, std::span<const std::uint32_t> batch, Own& own) {
    double mean = 0, loss = 0;
    const auto count = static_cast<double>(batch.size());
    for (const double sample : batch) mean += sample / count;
    own.values.clear();
    for (const double value : x) {
      own.values.push_back(static_cast<float>(value - mean));
      for (const double sample : batch) loss += (value - sample) * (value - sample) / 2 / count;
    }
    own.piece = {0, {own.values.data(), own.values.size(), {}}};
    return {loss, {&own.piece, 1}};
  }

  ParameterLayout layout_;
  Own single_;
  std::deque<Own> stacked_;
  std::vector<Gradient> gradients_;
};

}  // namespace kith
