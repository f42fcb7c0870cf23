#include <algorithm>
#include <bit>

#include "compression/gap_stream.h"
#include "kernels/bit_pack.h"

namespace kith {
namespace {

/// Every index in as many bits as the largest possible one needs, ⌈log2 d⌉.
class Bitpack final : public IndexCodec {
 public:
  using Params = NoParams;

  explicit Bitpack(Params) {}

  void encode(IndexView indices, std::uint32_t d, Bytes& out) const override {
    append(out, kernels::packed_bytes(indices.size(), width(d)), [&](std::byte* to) {
      kernels::bit_pack(indices, width(d), to);
      return kernels::packed_bytes(indices.size(), width(d));
    });
  }

  void decode(ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out) const override {
    const auto bits = static_cast<std::size_t>(width(d));
    std::size_t count = 8 * code.size() / bits;
    // Less than a byte may be left over, and where indices are narrow that looks like zeros.
    if (kernels::packed_bytes(count, width(d)) != code.size() || count > d + 7ull) {
      throw CorruptError("its indices end within one");
    }
    out.resize(count);
    kernels::bit_unpack(code, width(d), out);
    const auto is_padding = [&] {
      return count > 1 && out[count - 1] == 0 &&
             kernels::packed_bytes(count - 1, width(d)) == code.size();
    };
    while (is_padding()) --count;
    out.resize(count);
    check_ascending(out, d);
    check_filled(code, count * bits);
  }

  std::optional<std::size_t> fixed_size(std::size_t count, std::uint32_t d) const override {
    return kernels::packed_bytes(count, width(d));
  }

 private:
  /// At least one bit: else no indices would look like index 0 of 1.
  static int width(std::uint32_t d) { return d < 2 ? 1 : std::bit_width(d - 1); }
};

const Register<IndexCodec, Bitpack> registered{"bitpack", "every index in ceil(log2 d) bits"};

}  // namespace
}  // namespace kith
