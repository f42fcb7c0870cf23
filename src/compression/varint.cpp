#include "kernels/varint.h"

#include "compression/gap_stream.h"

namespace kith {
namespace {

/// One less than each gap, seven bits a byte: fast rather than short.
class Varint final : public IndexCodec {
 public:
  using Params = NoParams;

  explicit Varint(Params) {}

  void encode(IndexView indices, std::uint32_t d, Bytes& out) const override {
    append(out, kernels::varint_room(indices.size(), d) + kernels::kVarintSlack,
           [&](std::byte* to) { return kernels::varint_encode(indices, to); });
  }

  void decode(ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out) const override {
    decode_gaps(code, d, out, kernels::varint_decode);
  }
};

const Register<IndexCodec, Varint> registered{
    "varint", "gaps in whole bytes, seven bits of a number in each (LEB128): the fastest"};

}  // namespace
}  // namespace kith
