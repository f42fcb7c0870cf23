#include "compression/codec.h"

#include <algorithm>

#include "kernels/vector_ops.h"

namespace kith {
namespace {

/// Runs `decode`, and says who sent what it finds corrupt.
template <class Decode>
void blame(Uid sender, Decode decode) {
  try {
    decode();
  } catch (const CorruptError& error) {
    throw PeerError("node " + std::to_string(sender) +
                    " sent a message that cannot be decoded: " + error.fault());
  }
}

/// Copies the head of a message; returns what follows it.
ByteView take_head(const Body& body, std::span<std::byte> head) {
  if (body.floats().size != 0) throw CorruptError("it is a plain vector");
  if (body.coded().size() < head.size()) throw CorruptError("it ends in its head");
  std::ranges::copy(body.coded().first(head.size()), head.begin());
  return body.coded().subspan(head.size());
}

void check_finite(ConstArrayView values) {
  if (!kernels::all_finite(values)) throw CorruptError("its numbers are not finite");
}

}  // namespace

Codec::Codec(const CodecOptions& options)
    : indices_(make_codec(options.indices)),
      values_(make_codec(options.values)),
      plain_values_(options.values.numbers.type() == "none" && options.values.packers.empty()) {}

Body Codec::encode(const Slot& vector) const {
  return plain_values_ ? Body(vector) : encode(vector->view());
}

Body Codec::encode(ConstArrayView values, ByteView head) const {
  Bytes bytes(head.begin(), head.end());
  values_->encode(values, bytes);
  return Body(std::move(bytes), head.size() + values_->metadata_bytes());
}

Body Codec::encode(IndexView indices, ConstArrayView values, std::uint32_t d, ByteView head) const {
  Bytes code;
  indices_->encode(indices, d, code);
  Bytes bytes(head.begin(), head.end());
  if (needs_length()) append_length(bytes, code.size());
  append(bytes, code);
  const std::size_t metadata = bytes.size() + values_->metadata_bytes();
  values_->encode(values, bytes);
  return Body(std::move(bytes), metadata);
}

void Codec::decode(Uid sender, const Body& body, ArrayView out, std::span<std::byte> head) const {
  blame(sender, [&] {
    if (plain_values_ && head.empty() && body.floats().size == out.size && out.size != 0) {
      std::ranges::copy(body.floats(), out.begin());
    } else {
      values_->decode(take_head(body, head), out);
    }
    check_finite(out);
  });
}

void Codec::decode(Uid sender, const Body& body, std::uint32_t d, Sparse& out,
                   std::span<std::byte> head) const {
  blame(sender, [&] {
    ByteView code = take_head(body, head);
    const std::size_t size = take_index_bytes(code, d);
    indices_->decode(code.first(size), d, out.indices);
    out.values.resize(out.indices.size());
    const ArrayView values{out.values.data(), out.values.size(), {}};
    values_->decode(code.subspan(size), values);
    check_finite(values);
  });
}

bool Codec::needs_length() const { return !indices_->fixed_size(0, 1) || !values_->fixed_size(); }

std::size_t Codec::take_index_bytes(ByteView& code, std::uint32_t d) const {
  if (needs_length()) {
    const std::uint64_t length = take_length(code);
    if (length > code.size()) throw CorruptError("it ends in its indices");
    return static_cast<std::size_t>(length);
  }
  // Neither size falls as coordinates are added: all counts that fit divide the message in the same
  // place, and how many there are is for the codecs to find out.
  const auto bytes = [&](std::size_t count) {
    return *indices_->fixed_size(count, d) + values_->most(count);
  };
  std::size_t least = 0;
  std::size_t most = d;
  while (least < most) {
    const std::size_t middle = least + (most - least) / 2;
    if (bytes(middle) < code.size()) {
      least = middle + 1;
    } else {
      most = middle;
    }
  }
  if (bytes(least) != code.size()) {
    throw CorruptError("no number of coordinates takes " + count_of(code.size(), "byte"));
  }
  return *indices_->fixed_size(least, d);
}

}  // namespace kith
