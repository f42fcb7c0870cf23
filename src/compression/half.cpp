#include "kernels/half.h"

#include <string>

#include "compression/compressor.h"
#include "kernels/vector_ops.h"

namespace kith {
namespace {

/// A sixteen-bit float for each coordinate, rounded to nearest, ties to even; two bytes a
/// coordinate, the lower one first. With f bits of fraction an error is at most 2^-(f+1) |x_i|,
/// so Q is contractive with δ = 1 − 4^-(f+1) but for coordinates below the least normal number,
/// whose error is at most half the distance of the least numbers.
template <class Format>
class SixteenBits final : public Compressor {
 public:
  using Params = NoParams;

  SixteenBits(Params, const Context& context) : size_(context.layout.size) {}

  bool on_device() const override { return true; }

  void compress(ConstArrayView x, const Stream&, Compressed& out) override {
    const float largest = kernels::max_abs(x);
    require_finite(largest);
    if (largest >= Format::kTooLarge) {
      throw NumericError(std::string("a number to be sent is too large for ") + Format::kName +
                         ": " + std::to_string(largest));
    }
    out.packed.resize(2 * x.size);
    Format::encode(x, out.packed.data());
  }

  void add(const Compressed& message, float scale, ArrayView out) const override {
    Format::add(message.packed.data(), scale, out);
  }

  void check(const Compressed& message) const override {
    if (!kernels::sixteen_bits_finite(message.packed.data(), size_, Format::kExponent,
                                      message.device())) {
      throw PeerError("a message with a value that is not finite");
    }
  }

  Form form() const override { return {.packed = 2 * size_}; }
  ErrorLaw law() const override { return {.error = Format::kError, .floor = Format::kFloor}; }

 private:
  std::size_t size_;
};

struct Bf16 {
  static constexpr const char* kName = "bf16";
  static constexpr float kTooLarge = 0x1.ffp127f;  // what rounds to infinity
  static constexpr std::uint16_t kExponent = kernels::kBf16Exponent;
  static constexpr double kError = 0x1p-16;
  static constexpr double kFloor = 0x1p-134;
  static void encode(ConstArrayView x, std::uint8_t* to) { kernels::to_bf16(x, to); }
  static void add(const std::uint8_t* from, float scale, ArrayView out) {
    kernels::add_bf16(from, scale, out);
  }
};

struct Fp16 {
  static constexpr const char* kName = "fp16, which ends at 65,504";
  static constexpr float kTooLarge = 65520;
  static constexpr std::uint16_t kExponent = kernels::kFp16Exponent;
  static constexpr double kError = 0x1p-22;
  static constexpr double kFloor = 0x1p-25;
  static void encode(ConstArrayView x, std::uint8_t* to) { kernels::to_fp16(x, to); }
  static void add(const std::uint8_t* from, float scale, ArrayView out) {
    kernels::add_fp16(from, scale, out);
  }
};

const Register<Compressor, SixteenBits<Bf16>> bf16{"bf16", "float32 without its lower 16 bits"};
const Register<Compressor, SixteenBits<Fp16>> fp16{"fp16", "IEEE half precision, up to 65,504"};

}  // namespace
}  // namespace kith
