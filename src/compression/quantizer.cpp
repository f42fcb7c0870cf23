#include "compression/quantizer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/code_pack.h"

namespace kith {
namespace {

// Coordinates at a time, where codes are not bytes: they stay in the L1 cache, and each run of them
// begins with a fresh byte.
constexpr std::size_t kRun = 4096;

/// Calls action(offset, size) for runs that together are `size` coordinates.
template <class Action>
void for_each_run(std::size_t size, Action action) {
  for (std::size_t at = 0; at < size; at += kRun) action(at, std::min(kRun, size - at));
}

}  // namespace

Quantizer::Quantizer(Coding coding) : coding_(std::move(coding)) {
  bytes_ = sizeof(float) * coding_.scales * coding_.segments.size();
  for (const Segment& segment : coding_.segments) {
    bytes_ += kernels::code_bytes(segment.size, coding_.width);
  }
}

Form Quantizer::form() const {
  return {.packed = bytes_, .metadata = sizeof(float) * coding_.scales * coding_.segments.size()};
}

std::size_t Quantizer::largest_segment() const {
  std::size_t largest = 0;
  for (const Segment& segment : coding_.segments) largest = std::max(largest, segment.size);
  return largest;
}

Compressed Quantizer::compress(ConstArrayView x, const Stream& stream) {
  Compressed message;
  message.packed.resize(bytes_);
  std::uint8_t* scales_to = message.packed.data();
  std::uint8_t* to = scales_to + form().metadata;
  std::uint8_t codes[kRun];
  for (const Segment& segment : coding_.segments) {
    const ConstArrayView part = x.part(segment.offset, segment.size);
    const Scales scales = measure(part);
    std::memcpy(scales_to, scales.data(), sizeof(float) * coding_.scales);
    scales_to += sizeof(float) * coding_.scales;
    for_each_run(segment.size, [&](std::size_t at, std::size_t size) {
      const bool bytes = coding_.width == 8;
      quantize(scales, part.part(at, size), stream, segment.offset + at, bytes ? to : codes);
      if (!bytes) kernels::pack_codes({codes, size}, coding_.width, to);
      to += kernels::code_bytes(size, coding_.width);
    });
  }
  return message;
}

void Quantizer::add(const Compressed& message, float scale, ArrayView out) const {
  const std::uint8_t* from = message.packed.data() + form().metadata;
  std::uint8_t codes[kRun];
  for (std::size_t k = 0; k < coding_.segments.size(); ++k) {
    const Segment& segment = coding_.segments[k];
    const kernels::Grid grid = this->grid(scales_of(message, k));
    for_each_run(segment.size, [&](std::size_t at, std::size_t size) {
      const bool bytes = coding_.width == 8;
      if (!bytes) kernels::unpack_codes(from, coding_.width, {codes, size});
      kernels::add_dequantized(grid, bytes ? from : codes, scale,
                               out.part(segment.offset + at, size));
      from += kernels::code_bytes(size, coding_.width);
    });
  }
}

void Quantizer::check(const Compressed& message) const {
  for (std::size_t k = 0; k < coding_.segments.size(); ++k) {
    const Scales scales = scales_of(message, k);
    if (!std::isfinite(scales[0]) || !std::isfinite(scales[1]) || !possible(scales)) {
      throw PeerError("a message with a scale that cannot be");
    }
  }
  if (coding_.largest + 1 == 1u << coding_.width) return;  // every code is one
  const std::uint8_t* from = message.packed.data() + form().metadata;
  std::uint8_t codes[kRun];
  for (const Segment& segment : coding_.segments) {
    for_each_run(segment.size, [&](std::size_t, std::size_t size) {
      kernels::unpack_codes(from, coding_.width, {codes, size});
      if (const unsigned largest = kernels::largest_code({codes, size});
          largest > coding_.largest) {
        throw PeerError("a message with code " + std::to_string(largest) + ", not at most " +
                        std::to_string(coding_.largest));
      }
      from += kernels::code_bytes(size, coding_.width);
    });
  }
}

Quantizer::Scales Quantizer::scales_of(const Compressed& message, std::size_t segment) const {
  Scales scales{};
  const std::size_t bytes = sizeof(float) * coding_.scales;
  std::memcpy(scales.data(), message.packed.data() + bytes * segment, bytes);
  return scales;
}

}  // namespace kith
