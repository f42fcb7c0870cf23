#include "compression/chain.h"

namespace kith {
namespace {

template <class Packed, class Numbers>
std::unique_ptr<const Numbers> make_chain(const Chain<Numbers>& chain) {
  std::unique_ptr<const Numbers> numbers = chain.numbers.make();
  if (chain.packers.empty()) return numbers;
  Packers packers;
  for (const auto& packer : chain.packers) packers.push_back(packer.make());
  return std::make_unique<const Packed>(std::move(numbers), std::move(packers));
}

}  // namespace

std::unique_ptr<const IndexCodec> make_codec(const Chain<IndexCodec>& chain) {
  return make_chain<PackedIndices>(chain);
}

std::unique_ptr<const ValueCodec> make_codec(const Chain<ValueCodec>& chain) {
  return make_chain<PackedValues>(chain);
}

}  // namespace kith
