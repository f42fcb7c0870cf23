#include "kernels/gap_code.h"

namespace kith::kernels::KITH_LEVEL {

bool ascend(std::span<const std::uint32_t> indices, std::uint64_t at_least, std::uint64_t limit) {
  const std::uint32_t* const index = indices.data();
  const std::size_t count = indices.size();
  if (count == 0) return true;
  std::uint32_t wrong = 0;
  for (std::size_t i = 1; i < count; ++i) wrong |= index[i] <= index[i - 1];
  return wrong == 0 && index[0] >= at_least && index[count - 1] < limit;
}

}  // namespace kith::kernels::KITH_LEVEL
