#include "kernels/hash.h"

#include "kernels/level.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::hash) hash;
decltype(kernels::copy_and_hash) copy_and_hash;
}  // namespace generic
namespace v3 {
decltype(kernels::hash) hash;
decltype(kernels::copy_and_hash) copy_and_hash;
}  // namespace v3

std::uint64_t copy_and_hash(ByteView bytes, std::byte* out) {
  return at_level(generic::copy_and_hash, v3::copy_and_hash)(bytes, out);
}

std::uint64_t hash(ByteView bytes) { return at_level(generic::hash, v3::hash)(bytes); }

}  // namespace kith::kernels
