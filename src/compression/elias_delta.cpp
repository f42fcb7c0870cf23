#include "compression/gap_stream.h"
#include "kernels/elias.h"

namespace kith {
namespace {

/// The gaps of the indices in Elias's delta code, shorter than gamma for gaps above 31.
class EliasDelta final : public IndexCodec {
 public:
  using Params = NoParams;

  explicit EliasDelta(Params) {}

  void encode(IndexView indices, std::uint32_t d, Bytes& out) const override {
    append(out, kernels::elias_delta_room(indices.size(), d),
           [&](std::byte* to) { return kernels::elias_delta_encode(indices, to); });
  }

  void decode(ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out) const override {
    decode_gaps(code, d, out, kernels::elias_delta_decode);
  }
};

const Register<IndexCodec, EliasDelta> registered{
    "elias_delta", "gaps in Elias's delta code, for sparser messages than gamma"};

}  // namespace
}  // namespace kith
