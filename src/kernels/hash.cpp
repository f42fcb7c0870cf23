#include "kernels/hash.h"

#include "kernels/level.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::hash) hash;
}  // namespace generic
namespace v3 {
decltype(kernels::hash) hash;
}  // namespace v3

std::uint64_t hash(ByteView bytes) { return at_level(generic::hash, v3::hash)(bytes); }

}  // namespace kith::kernels
