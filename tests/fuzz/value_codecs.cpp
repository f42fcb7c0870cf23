#include "fuzz/input.h"

/// Every codec of numbers: what a lossless one encodes comes back as the same bits; what is decoded
/// can be encoded again.
namespace kith::fuzz {
namespace {

void check(const ValueCodec& codec, const Bytes& code, std::size_t count) {
  std::vector<float> values(count);
  try {
    codec.decode(code, view(values));
  } catch (const CorruptError&) {
    return;
  }
  std::vector<float> again(count);
  codec.decode(encoded(codec, view(values)), view(again));
  require(!codec.lossless() || same_bits(values, again), "numbers come back");
}

}  // namespace
}  // namespace kith::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kith;
  static const auto codecs = [] {
    std::vector<std::string> all = kLosslessCodecs;
    all.insert(all.end(), kLossyCodecs.begin(), kLossyCodecs.end());
    return fuzz::codecs_of<ValueCodec>(all);
  }();
  fuzz::Input input(data, size);
  const ValueCodec& codec = *codecs[input.byte() % codecs.size()];
  if (input.byte() % 2 == 0) {
    const std::size_t count = input.byte();
    fuzz::check(codec, Bytes(input.rest().begin(), input.rest().end()), count);
    return 0;
  }
  const std::vector<float> values = fuzz::made_up_values(input);
  Bytes code;
  try {
    codec.encode(view(values), code);
  } catch (const NumericError&) {
    return 0;
  }
  std::vector<float> received(values.size());
  codec.decode(code, view(received));
  fuzz::require(!codec.lossless() || fuzz::same_bits(values, received), "numbers come back");
  fuzz::check(codec, fuzz::spoiled(code, input), values.size());
  return 0;
}
