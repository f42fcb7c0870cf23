#include <algorithm>
#include <bit>
#include <cmath>

#include "compression/quantizer.h"
#include "kernels/norms.h"
#include "kernels/vector_ops.h"

namespace kith {
namespace {

/// QSGD (Alistarh et al., NeurIPS 2017, arXiv:1610.02132): with s levels,
///
///     Q(x)_i = ‖x‖ · sgn(x_i) · ξ_i / s,   ξ_i = s |x_i| / ‖x‖ rounded at random.
///
/// Unbiased with ω = min(d / s², √d / s). Divided by 1 + ω it is contractive with δ = 1 / (1 + ω),
/// as CHOCO wants it. With the largest magnitude for ‖x‖ and one level it is TernGrad (Wen et al.,
/// NeurIPS 2017). On the wire: ‖x‖, then s + sgn(x_i) ξ_i in as few bits as 2s + 1 codes take.
class Qsgd final : public Quantizer {
 public:
  struct Params {
    unsigned levels = 0;
    std::string norm = "l2";
    bool unbiased = true;
    BucketedScope scope;

    void fields(Fields& f) {
      f.required("levels", levels, "s, the magnitudes there are besides 0",
                 Range{.at_least = 1, .at_most = 127});
      f.optional("norm", norm, "what the levels are parts of: the length, or the largest magnitude",
                 Choices{{"l2", "max"}});
      f.optional("unbiased", unbiased, "right on average; false: divided by 1 + ω, contractive");
      scope.fields(f);
    }
  };

  Qsgd(const Params& params, const Context& context)
      : Quantizer({params.scope.segments(context.layout), 1,
                   static_cast<unsigned>(std::bit_width(2 * params.levels)), 2 * params.levels}),
        params_(params) {
    const double d = double(largest_segment()), s = params.levels;
    omega_ = std::min(d / (s * s), std::sqrt(d) / s);
  }

  ErrorLaw law() const override {
    return {.error = params_.unbiased ? omega_ : omega_ / (1 + omega_),
            .unbiased = params_.unbiased};
  }

 private:
  Scales measure(ConstArrayView segment) const override {
    const float norm = params_.norm == "max"
                           ? kernels::max_abs(segment)
                           : static_cast<float>(std::sqrt(kernels::dot(segment, segment)));
    require_finite(norm);
    return {norm, 0};
  }

  void quantize(const Scales& scales, ConstArrayView x, const Stream& stream, std::size_t first,
                std::uint8_t* codes) const override {
    const float norm = scales[0] > 0 ? scales[0] : 1;  // zeros are no levels of whatever length
    kernels::quantize(kernels::QsgdRule{norm, static_cast<float>(params_.levels)}, x, stream, first,
                      codes);
  }

  kernels::Grid grid(const Scales& scales) const override {
    const double shrink = params_.unbiased ? 1 : 1 + omega_;
    return {0, static_cast<float>(scales[0] / (params_.levels * shrink)),
            static_cast<float>(params_.levels)};
  }

  bool possible(const Scales& scales) const override { return scales[0] >= 0; }

  Params params_;
  double omega_ = 0;
};

const Register<Compressor, Qsgd> registered{
    "qsgd", "a few levels of the length, rounded at random so that the mean is kept"};

}  // namespace
}  // namespace kith
