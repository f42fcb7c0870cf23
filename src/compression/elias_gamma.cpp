#include "compression/gap_stream.h"
#include "kernels/elias.h"

namespace kith {
namespace {

/// The gaps of the indices in Elias's gamma code: ⌊log2 g⌋ zeros, then g in binary. The first gap
/// is the first index plus one; bits fill bytes from the highest down; zeros fill the last byte.
class EliasGamma final : public IndexCodec {
 public:
  using Params = NoParams;

  explicit EliasGamma(Params) {}

  void encode(IndexView indices, std::uint32_t d, Bytes& out) const override {
    append(out, kernels::elias_gamma_room(indices.size(), d),
           [&](std::byte* to) { return kernels::elias_gamma_encode(indices, to); });
  }

  void decode(ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out) const override {
    decode_gaps(code, d, out, kernels::elias_gamma_decode);
  }
};

const Register<IndexCodec, EliasGamma> registered{
    "elias_gamma", "gaps in Elias's gamma code, what decentralizepy uses"};

}  // namespace
}  // namespace kith
