#include "compression/wire.h"

#include <bit>
#include <cstring>

namespace kith {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class T>
void put(const std::vector<T>& part, std::byte*& to) {
  if (part.empty()) return;
  std::memcpy(to, part.data(), part.size() * sizeof(T));
  to += part.size() * sizeof(T);
}

template <class T>
std::vector<T> take(std::size_t count, const std::byte*& from) {
  std::vector<T> part(count);
  if (count > 0) std::memcpy(part.data(), from, count * sizeof(T));
  from += count * sizeof(T);
  return part;
}

}  // namespace

Body to_body(const Compressed& message, const Form& form) {
  std::vector<std::byte> bytes(4 * (message.indices.size() + message.values.size()) +
                               message.packed.size());
  std::byte* to = bytes.data();
  put(message.indices, to);
  put(message.values, to);
  put(message.packed, to);
  return Body(std::move(bytes), 4 * message.indices.size() + form.metadata);
}

Compressed from_bytes(ByteView bytes, const Form& form) {
  const std::size_t longest = 4 * (form.indices + form.values) + form.packed;
  const std::size_t missing = bytes.size() <= longest ? longest - bytes.size() : 1;
  // An index goes with a value, or there would be no telling how many are missing of which.
  const std::size_t fewer = form.at_most ? missing / 8 : 0;
  if (missing != 8 * fewer || fewer > form.indices) {
    throw PeerError("a message of " + std::to_string(bytes.size()) + " bytes, not " +
                    (form.at_most ? "at most " : "") + std::to_string(longest));
  }
  const std::byte* from = bytes.data();
  Compressed message;
  message.indices = take<std::uint32_t>(form.indices - fewer, from);
  message.values = take<float>(form.values - fewer, from);
  message.packed = take<std::uint8_t>(form.packed, from);
  return message;
}

}  // namespace kith
