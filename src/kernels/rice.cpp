#include "kernels/rice.h"

#include "kernels/level.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::rice_quotients) rice_quotients;
decltype(kernels::rice_encode) rice_encode;
decltype(kernels::rice_decode) rice_decode;
}  // namespace generic
namespace v3 {
decltype(kernels::rice_quotients) rice_quotients;
decltype(kernels::rice_encode) rice_encode;
decltype(kernels::rice_decode) rice_decode;
}  // namespace v3

RiceQuotients rice_quotients(std::span<const std::uint32_t> indices, int k) {
  return at_level(generic::rice_quotients, v3::rice_quotients)(indices, k);
}

std::size_t rice_encode(std::span<const std::uint32_t> indices, int k, std::byte* out) {
  return at_level(generic::rice_encode, v3::rice_encode)(indices, k, out);
}

std::size_t rice_decode(GapReader& reader, int k, std::span<std::uint32_t> out) {
  return at_level(generic::rice_decode, v3::rice_decode)(reader, k, out);
}

}  // namespace kith::kernels
