#include <algorithm>

#include "compression/compressor.h"
#include "compression/scales.h"
#include "compression/scope.h"
#include "kernels/norms.h"
#include "kernels/signs.h"

namespace kith {
namespace {

/// Scaled sign (Karimireddy et al., ICML 2019, arXiv:1901.09847): Q(x) = ‖x‖₁ / d · sgn(x), a zero
/// taking the sign of its sign bit. Contractive: ‖Q(x) − x‖² = (1 − ‖x‖₁² / (d ‖x‖²)) ‖x‖² exactly,
/// and ‖x‖₁ >= ‖x‖, so δ >= 1/d.
///
/// On the wire: ‖x‖₁ / d of each segment, float32, then a bit a coordinate (1: negative), each
/// segment from a fresh byte on.
class Sign final : public Compressor {
 public:
  using Params = Scope;

  Sign(const Params& params, const Context& context) : segments_(params.segments(context.layout)) {
    for (const Segment& segment : segments_) bytes_ += kernels::sign_bytes(segment.size);
  }

  bool on_device() const override { return true; }

  void compress(ConstArrayView x, const Stream&, Compressed& out) override {
    out.head.resize(form().head);
    out.packed.resize(bytes_);
    std::uint8_t* to = out.packed.data();
    for (std::size_t k = 0; k < segments_.size(); ++k) {
      const ConstArrayView part = x.part(segments_[k].offset, segments_[k].size);
      const double mean = kernels::absolute_sum(part) / double(part.size);
      require_finite(mean);
      put_scale(out, k, static_cast<float>(mean));
      kernels::sign_bits(part, to);
      to += kernels::sign_bytes(part.size);
    }
  }

  void add(const Compressed& message, float scale, ArrayView out) const override {
    const std::uint8_t* from = message.packed.data();
    for (std::size_t k = 0; k < segments_.size(); ++k) {
      const ArrayView part = out.part(segments_[k].offset, segments_[k].size);
      kernels::add_signs(from, scale * scale_of(message, k), part);
      from += kernels::sign_bytes(part.size);
    }
  }

  void check(const Compressed& message) const override { check_scales(message, segments_.size()); }

  Form form() const override {
    return {.head = sizeof(float) * segments_.size(), .packed = bytes_};
  }

  ErrorLaw law() const override {
    std::size_t largest = 1;
    for (const Segment& segment : segments_) largest = std::max(largest, segment.size);
    return {.error = 1 - 1 / double(largest)};
  }

 private:
  std::vector<Segment> segments_;
  std::size_t bytes_ = 0;  // of signs
};

const Register<Compressor, Sign> registered{"sign", "the signs, scaled by the mean magnitude"};

}  // namespace
}  // namespace kith
