#pragma once

#include <functional>

#include "compression/index_codec.h"
#include "kernels/gap_code.h"

namespace kith {

/// Replaces `out` by all indices that `decode`, a decoder of gaps in kernels/, finds in `code`.
/// Throws CorruptError where it finds a fault.
void decode_gaps(
    ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out,
    const std::function<std::size_t(kernels::GapReader&, std::span<std::uint32_t>)>& decode);

/// Throws CorruptError unless `indices` ascend strictly and are below d.
void check_ascending(IndexView indices, std::uint32_t d);

}  // namespace kith
