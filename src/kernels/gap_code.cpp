#include "kernels/gap_code.h"

#include "kernels/level.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::ascend) ascend;
}
namespace v3 {
decltype(kernels::ascend) ascend;
}

bool ascend(std::span<const std::uint32_t> indices, std::uint64_t at_least, std::uint64_t limit) {
  return at_level(generic::ascend, v3::ascend)(indices, at_least, limit);
}

}  // namespace kith::kernels
