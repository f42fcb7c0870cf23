#include "compression/code.h"

namespace kith {

void append_length(Bytes& out, std::uint64_t length) {
  for (; length >= 128; length >>= 7) out.push_back(static_cast<std::byte>(length | 128));
  out.push_back(static_cast<std::byte>(length));
}

std::uint64_t take_length(ByteView& bytes) {
  std::uint64_t length = 0;
  for (int shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<std::uint64_t>(bytes.front());
    bytes = bytes.subspan(1);
    length |= (byte & 127) << shift;
    if (byte < 128) return length;
  }
  throw CorruptError("it ends where a length should stand");
}

void check_filled(ByteView code, std::size_t bits) {
  const std::size_t whole = bits / 8;
  const bool zeros = bits % 8 == 0 ? code.size() == whole
                                   : code.size() == whole + 1 &&
                                         std::to_integer<unsigned>(code.back()) >> (bits % 8) == 0;
  if (!zeros) throw CorruptError("it has bits behind its last number");
}

}  // namespace kith
