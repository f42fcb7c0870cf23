#include "compression/quantizer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/scratch.h"
#include "kernels/code_pack.h"
#include "kernels/parts.h"

namespace kith {
namespace {

// Coordinates at a time on a processor: their codes stay in its L1 cache, and each run of them
// begins with a fresh byte.
constexpr std::size_t kRun = 4096;

}  // namespace

Quantizer::Quantizer(Coding coding) : coding_(std::move(coding)) {
  form_.head = sizeof(float) * coding_.scales * coding_.segments.size();
  for (const Segment& segment : coding_.segments) {
    form_.packed += kernels::code_bytes(segment.size, coding_.width);
  }
}

std::size_t Quantizer::largest_segment() const {
  std::size_t largest = 0;
  for (const Segment& segment : coding_.segments) largest = std::max(largest, segment.size);
  return largest;
}

void Quantizer::compress(ConstArrayView x, const Stream& stream, Compressed& out) {
  out.head.resize(form_.head);
  out.packed.resize(form_.packed);
  std::uint8_t* scales_to = out.head.data();
  std::uint8_t* to = out.packed.data();
  const bool bytes = coding_.width == 8;
  for (const Segment& segment : coding_.segments) {
    const ConstArrayView part = x.part(segment.offset, segment.size);
    const Scales scales = measure(part);
    std::memcpy(scales_to, scales.data(), sizeof(float) * coding_.scales);
    scales_to += sizeof(float) * coding_.scales;
    kernels::for_parts<kRun>(segment.size, x.device, [&](std::size_t at, std::size_t size) {
      std::uint8_t* const codes =
          bytes ? to : scratch_numbers<Quantizer, std::uint8_t>(size, x.device).data();
      quantize(scales, part.part(at, size), stream, segment.offset + at, codes);
      if (!bytes) kernels::pack_codes({codes, size}, coding_.width, to, x.device);
      to += kernels::code_bytes(size, coding_.width);
    });
  }
}

template <class Action>
void Quantizer::for_each_codes(const Compressed& message, Action action) const {
  const std::uint8_t* from = message.packed.data();
  const Device& device = message.device();
  for (std::size_t k = 0; k < coding_.segments.size(); ++k) {
    kernels::for_parts<kRun>(
        coding_.segments[k].size, device, [&](std::size_t at, std::size_t size) {
          if (coding_.width == 8) {
            action(k, at, std::span(from, size));
          } else {
            const auto codes = scratch_numbers<Quantizer, std::uint8_t>(size, device);
            kernels::unpack_codes(from, coding_.width, codes, device);
            action(k, at, std::span<const std::uint8_t>(codes));
          }
          from += kernels::code_bytes(size, coding_.width);
        });
  }
}

void Quantizer::add(const Compressed& message, float scale, ArrayView out) const {
  for_each_codes(message, [&](std::size_t k, std::size_t at, std::span<const std::uint8_t> codes) {
    kernels::add_dequantized(grid(scales_of(message, k)), codes.data(), scale,
                             out.part(coding_.segments[k].offset + at, codes.size()));
  });
}

void Quantizer::check(const Compressed& message) const {
  for (std::size_t k = 0; k < coding_.segments.size(); ++k) {
    const Scales scales = scales_of(message, k);
    if (!std::isfinite(scales[0]) || !std::isfinite(scales[1]) || !possible(scales)) {
      throw PeerError("a message with a scale that cannot be");
    }
  }
  if (coding_.largest + 1 == 1u << coding_.width) return;  // every code is one
  for_each_codes(message, [&](std::size_t, std::size_t, std::span<const std::uint8_t> codes) {
    const unsigned largest = kernels::largest_code(codes, message.device());
    if (largest <= coding_.largest) return;
    throw PeerError("a message with code " + std::to_string(largest) + ", not at most " +
                    std::to_string(coding_.largest));
  });
}

Quantizer::Scales Quantizer::scales_of(const Compressed& message, std::size_t segment) const {
  Scales scales{};
  const std::size_t bytes = sizeof(float) * coding_.scales;
  std::memcpy(scales.data(), message.head.data() + bytes * segment, bytes);
  return scales;
}

}  // namespace kith
