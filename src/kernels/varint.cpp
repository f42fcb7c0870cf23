#include "kernels/varint.h"

#include <algorithm>

#include "kernels/level.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::varint_encode) varint_encode;
decltype(kernels::varint_decode) varint_decode;
}  // namespace generic
namespace v3 {
decltype(kernels::varint_encode) varint_encode;
decltype(kernels::varint_decode) varint_decode;
}  // namespace v3

std::size_t varint_room(std::size_t count, std::uint32_t limit) {
  // A byte more costs at least 127 skipped indices, of which there are `limit` at most.
  return std::min(kLongestVarint * count, count + limit / 127);
}

std::size_t varint_encode(std::span<const std::uint32_t> indices, std::byte* out) {
  return at_level(generic::varint_encode, v3::varint_encode)(indices, out);
}

std::size_t varint_decode(GapReader& reader, std::span<std::uint32_t> out) {
  return at_level(generic::varint_decode, v3::varint_decode)(reader, out);
}

}  // namespace kith::kernels
