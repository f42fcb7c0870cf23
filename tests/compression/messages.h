#pragma once

#include <algorithm>
#include <memory>
#include <ranges>
#include <vector>

#include "compression/codec.h"

namespace kith {

/// A message in host memory.
inline Compressed message(std::vector<std::uint32_t> indices, std::vector<float> values,
                          std::vector<std::uint8_t> head = {},
                          std::vector<std::uint8_t> packed = {}) {
  Compressed message;
  message.head = std::move(head);
  message.packed.fill([&](auto& here) { here = std::move(packed); });
  message.indices.fill([&](auto& here) { here = std::move(indices); });
  message.values.fill([&](auto& here) { here = std::move(values); });
  return message;
}

template <class T>
std::vector<T> elements(const Buffer<T>& buffer) {
  return {buffer.begin(), buffer.end()};
}

template <class T>
bool operator==(const Buffer<T>& a, const std::vector<T>& b) {
  return std::ranges::equal(a, b);
}

inline Compressed copy_of(const Compressed& m) {
  return message(elements(m.indices), elements(m.values), m.head, elements(m.packed));
}

/// A message as another process hears it: bytes alone.
inline Body in_bytes(const Body& body) {
  const ByteView bytes = body.coded();
  return Body(Bytes(bytes.begin(), bytes.end()), body.metadata_bytes());
}

inline Body in_bytes(const Codec& codec, const Compressed& message, const Form& form,
                     std::uint32_t d) {
  return in_bytes(codec.encode(std::make_shared<Compressed>(copy_of(message)), form, d));
}

}  // namespace kith
