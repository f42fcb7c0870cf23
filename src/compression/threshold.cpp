#include <cmath>

#include "compression/compressor.h"
#include "core/scratch.h"
#include "kernels/random_bits.h"
#include "kernels/sparse.h"
#include "kernels/vector_ops.h"

namespace kith {
namespace {

/// Keeps the coordinates whose magnitude reaches a threshold, however many they are. An absolute
/// threshold λ bounds the error, ‖Q(x) − x‖² < d λ², whatever ‖x‖ is, but keeps nothing of a small
/// x. A part of the largest magnitude keeps that one at least: contractive with δ = 1/d.
///
/// On the wire: indices, values.
class Threshold final : public Compressor {
 public:
  struct Params {
    double value = 0;
    std::string relative_to = "none";

    void fields(Fields& f) {
      f.required("value", value, "the smallest magnitude that is kept", Range{.above = 0});
      f.optional("relative_to", relative_to,
                 "none: value is that magnitude; max: a part of the largest one",
                 Choices{{"none", "max"}});
      f.check(relative_to == "none" || value <= 1, "value",
              "must be at most 1, being a part of the largest magnitude");
    }
  };

  Threshold(const Params& params, const Context& context)
      : value_(params.value), relative_(params.relative_to == "max"), size_(context.layout.size) {}

  bool on_device() const override { return true; }

  void compress(ConstArrayView x, const Stream&, Compressed& out) override {
    const float largest = kernels::max_abs(x);
    require_finite(largest);
    const float least = rounded_up(relative_ ? value_ * largest : value_);
    const std::size_t bytes = kernels::sign_bytes(x.size);
    const auto reached = scratch_numbers<Threshold, std::uint8_t>(bytes, x.device);
    kernels::reach_bits(x, least, reached.data());
    out.indices.resize(x.size + 8);
    const std::size_t count = kernels::indices_of_set_bits(
        std::as_bytes(reached), out.indices.span(), x.device);
    out.indices.resize(count);
    out.values.resize(count);
    kernels::gather(x, out.indices, out.values.view());
  }

  void add(const Compressed& message, float scale, ArrayView out) const override {
    kernels::scatter_add(message.indices, scale, message.values.view(), out);
  }

  Form form() const override { return {.indices = size_, .values = size_, .at_most = true}; }

  ErrorLaw law() const override {
    if (!relative_) return {.error = 0, .floor = value_};
    return {.error = 1 - 1 / static_cast<double>(std::max<std::size_t>(1, size_))};
  }

 private:
  /// The least float that is not below.
  static float rounded_up(double x) {
    const auto near = static_cast<float>(x);
    return near < x ? std::nextafter(near, INFINITY) : near;
  }

  double value_;
  bool relative_;
  std::size_t size_;
};

const Register<Compressor, Threshold> registered{"threshold",
                                                 "the coordinates that reach a magnitude"};

}  // namespace
}  // namespace kith
