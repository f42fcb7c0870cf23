#include <cmath>

#include "compression/quantizer.h"
#include "kernels/norms.h"

namespace kith {
namespace {

/// MinMaxUInt8 of Bagua (Gan et al., "BAGUA: scaling up distributed learning with system
/// relaxations", VLDB 2021): a byte for each coordinate,
///
///     scale = 255 / (max − min + 1e-7),  upper = rint(max · scale),  lower = upper − 255,
///     code = min(rint(x · scale), upper) − lower,  which stands for (lower + code) / scale.
///
/// Its points are whole multiples of a step, zero among them; those of `uniform` begin at min.
/// Where |x| is large beside max − min, float32 holds x · scale no longer exactly: codes are kept
/// within a byte. Squared error as for `uniform` with 8 bits. On the wire: min and max, then the
/// codes.
class MinMaxUint8 final : public Quantizer {
 public:
  using Params = BucketedScope;

  MinMaxUint8(const Params& params, const Context& context)
      : Quantizer({params.segments(context.layout), 2, 8, 255}) {}

  ErrorLaw law() const override {
    return {.error = double(largest_segment()) / (2.0 * 255 * 255), .floor = 1e-7 / 255};
  }

 private:
  static kernels::MinMaxUint8 rule(const Scales& scales) {
    const float scale = 255 / (scales[1] - scales[0] + 1e-7f);
    const float upper = std::rint(scales[1] * scale);
    return {scale, upper, upper - 255};
  }

  Scales measure(ConstArrayView segment) const override {
    const auto [low, high] = kernels::extent(segment);
    require_finite(high - low);
    require_finite(rule({low, high}).upper);
    return {low, high};
  }

  void quantize(const Scales& scales, ConstArrayView x, const Stream&, std::size_t,
                std::uint8_t* codes) const override {
    kernels::quantize(rule(scales), x, codes);
  }

  kernels::Grid grid(const Scales& scales) const override {
    const kernels::MinMaxUint8 rule = this->rule(scales);
    return {0, 1 / rule.scale, -rule.lower};
  }

  bool possible(const Scales& scales) const override {
    return scales[0] <= scales[1] && std::isfinite(scales[1] - scales[0]) &&
           std::isfinite(rule(scales).upper);
  }
};

const Register<Compressor, MinMaxUint8> registered{
    "minmax_uint8",
    "a byte for each coordinate, between the smallest and the largest, as in Bagua"};

}  // namespace
}  // namespace kith
