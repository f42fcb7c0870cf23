#include "compression/gap_stream.h"

#include <array>

namespace kith {
namespace {

std::string not_below(std::uint32_t d) { return "an index is not below " + std::to_string(d); }

}  // namespace

void decode_gaps(
    ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out,
    const std::function<std::size_t(kernels::GapReader&, std::span<std::uint32_t>)>& decode) {
  using Fault = kernels::GapFault;
  // By the piece, because how many there are is known only at the end: room for as many as there
  // might be would be many times too much.
  std::array<std::uint32_t, 2048> piece;
  out.clear();
  kernels::GapReader reader{.code = code, .limit = d};
  while (!reader.done) {
    const std::size_t count = decode(reader, piece);
    switch (reader.fault) {
      case Fault::kNone:
        break;
      case Fault::kIncomplete:
        throw CorruptError("its indices end within one");
      case Fault::kTooLarge:
        throw CorruptError(not_below(d));
      case Fault::kNotMinimal:
        throw CorruptError("an index has superfluous bytes");
    }
    out.insert(out.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

void check_ascending(IndexView indices, std::uint32_t d) {
  if (kernels::ascend(indices, 0, d)) return;
  if (!indices.empty() && indices.back() >= d) throw CorruptError(not_below(d));
  throw CorruptError("its indices do not ascend");
}

}  // namespace kith
