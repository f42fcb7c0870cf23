#include <fpzip.h>

#include <climits>
#include <memory>

#include "compression/fpzip_decoder.h"
#include "compression/value_codec.h"

namespace kith {
namespace {

/// What the range coder writes at the end, also for no numbers.
constexpr std::size_t kTail = 4;

/// At most: a symbol of 16 bits, 31 bits as they are, and three times the 16 bits that the coder
/// loses when its interval becomes too small; with room to spare.
constexpr std::size_t kLongest = 16;

/// fpzip of one row of numbers: each is predicted by the one before. Without loss, or with so many
/// leading bits of each number (a sign, 8 of exponent, the rest of mantissa) and zeros for the
/// others.
///
/// The library encodes; it keeps an error code in a variable that all threads share, which is not
/// read here. It does not decode: see fpzip_decoder.h.
class Fpzip final : public ValueCodec {
 public:
  struct Params {
    int precision = 32;

    void fields(Fields& f) {
      f.optional(
          "precision", precision,
          "leading bits of each number that are kept, sign and exponent among them; 32 loses "
          "nothing",
          Range{.at_least = 2, .at_most = 32});
    }
  };

  explicit Fpzip(const Params& params) : precision_(params.precision) {}

  void encode(ConstArrayView values, Bytes& out) const override {
    if (values.size == 0) return;
    if (values.size > INT_MAX / 4) throw ResourceError("fpzip takes at most 536,870,911 numbers");
    // Random numbers take little more than their own size.
    append(out, kTail + 5 * values.size, [&](std::byte* to) {
      return encode_into(values, {to, kTail + 5 * values.size});
    });
  }

  void decode(ByteView code, ArrayView out) const override {
    if (out.size == 0) {
      if (!code.empty()) throw CorruptError("it has bytes that stand for nothing");
      return;
    }
    decode_fpzip(code, precision_, out);
  }

  std::size_t most(std::size_t count) const override { return kTail + kLongest * count; }
  bool fixed_size() const override { return false; }
  bool lossless() const override { return precision_ == 32; }

 private:
  struct Close {
    void operator()(FPZ* stream) const { fpzip_write_close(stream); }
  };

  std::size_t encode_into(ConstArrayView values, std::span<std::byte> out) const {
    const std::unique_ptr<FPZ, Close> stream(fpzip_write_to_buffer(out.data(), out.size()));
    stream->type = FPZIP_TYPE_FLOAT;
    stream->prec = precision_;
    stream->nx = static_cast<int>(values.size);
    const std::size_t written = fpzip_write(stream.get(), values.data);
    if (written == 0) throw ResourceError("fpzip found no memory");
    return written;
  }

  int precision_;
};

const Register<ValueCodec, Fpzip> registered{
    "fpzip", "fpzip of one row: without loss, or with so many leading bits of each number"};

}  // namespace
}  // namespace kith
