#include <cmath>

#include "compression/quantizer.h"
#include "kernels/norms.h"

namespace kith {
namespace {

/// Numbers on an even grid of 2^bits points from the smallest coordinate to the largest. To the
/// nearest point, an error is at most half a step; rounded at random between its two neighbors, a
/// coordinate is right on average.
///
/// With L = 2^bits − 1, a step is (max − min) / L <= √2 ‖x‖ / L, so both have a squared error of at
/// most d / (2 L²) · ‖x‖², which shows contraction only while d < 2 L². On the wire: min and max,
/// then the codes.
class Uniform final : public Quantizer {
 public:
  struct Params {
    unsigned bits = 0;
    std::string rounding = "nearest";
    BucketedScope scope;

    void fields(Fields& f) {
      f.required("bits", bits, "of a coordinate", Range{.at_least = 1, .at_most = 8});
      f.optional("rounding", rounding,
                 "to the nearest point, or at random so that the mean is kept",
                 Choices{{"nearest", "stochastic"}});
      scope.fields(f);
    }
  };

  Uniform(const Params& params, const Context& context)
      : Quantizer({params.scope.segments(context.layout), 2, params.bits, (1u << params.bits) - 1}),
        top_(static_cast<float>((1u << params.bits) - 1)),
        stochastic_(params.rounding == "stochastic") {}

  ErrorLaw law() const override {
    return {.error = double(largest_segment()) / (2 * double(top_) * double(top_)),
            .unbiased = stochastic_};
  }

 private:
  float step(const Scales& scales) const { return (scales[1] - scales[0]) / top_; }

  Scales measure(ConstArrayView segment) const override {
    const auto [low, high] = kernels::extent(segment);
    require_finite(high - low);
    return {low, high};
  }

  void quantize(const Scales& scales, ConstArrayView x, const Stream& stream, std::size_t first,
                std::uint8_t* codes) const override {
    // Where all are equal, to float32 at least, they are no steps from the smallest.
    const float step = this->step(scales) > 0 ? this->step(scales) : INFINITY;
    if (stochastic_) {
      kernels::quantize(kernels::UniformStochastic{scales[0], step, top_}, x, stream, first, codes);
    } else {
      kernels::quantize(kernels::UniformNearest{scales[0], step, top_}, x, codes);
    }
  }

  kernels::Grid grid(const Scales& scales) const override { return {scales[0], step(scales), 0}; }

  bool possible(const Scales& scales) const override {
    return scales[0] <= scales[1] && std::isfinite(scales[1] - scales[0]);
  }

  float top_;
  bool stochastic_;
};

const Register<Compressor, Uniform> registered{
    "uniform", "an even grid from the smallest coordinate to the largest, 1 to 8 bits each"};

}  // namespace
}  // namespace kith
