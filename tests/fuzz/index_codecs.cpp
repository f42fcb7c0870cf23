#include "fuzz/input.h"

/// Every codec of indices: what is encoded comes back; what is decoded ascends below d, and is what
/// its own code is decoded to.
namespace kith::fuzz {
namespace {

void check(const IndexCodec& codec, const Bytes& code, std::uint32_t d) {
  Indices indices;
  try {
    codec.decode(code, d, indices);
  } catch (const CorruptError&) {
    return;
  }
  for (std::size_t i = 0; i < indices.size(); ++i) {
    require(indices[i] < d, "indices are below d");
    require(i == 0 || indices[i - 1] < indices[i], "indices ascend");
  }
  require(decoded(codec, encoded(codec, indices, d), d) == indices, "indices come back");
}

}  // namespace
}  // namespace kith::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kith;
  static const auto codecs = fuzz::codecs_of<IndexCodec>(kIndexCodecs);
  fuzz::Input input(data, size);
  const IndexCodec& codec = *codecs[input.byte() % codecs.size()];
  const std::uint32_t way = input.byte();
  const std::uint32_t d = way % 64 == 0 ? 1 << 16 : input.number(2) % 4096;
  if (way % 2 == 0) {
    fuzz::check(codec, Bytes(input.rest().begin(), input.rest().end()), d);
    return 0;
  }
  const Indices indices = fuzz::made_up_indices(input, d);
  const Bytes code = encoded(codec, indices, d);
  fuzz::require(decoded(codec, code, d) == indices, "indices come back");
  fuzz::check(codec, fuzz::spoiled(code, input), d);
  return 0;
}
