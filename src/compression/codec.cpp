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

/// How many values a message with so many indices has.
std::size_t value_count(const Form& form, std::size_t indices) {
  return form.values - form.indices + indices;
}

}  // namespace

Codec::Codec(const CodecOptions& options)
    : indices_(make_codec(options.indices)),
      values_(make_codec(options.values)),
      plain_values_(options.values.numbers.type() == "none" && options.values.packers.empty()) {}

Body Codec::encode(const Slot& vector) const {
  return plain_values_ ? Body(vector) : encode(vector->view());
}

Body Codec::encode(const Compressed& message, const Form& form, std::uint32_t d) const {
  const ByteView head = std::as_bytes(std::span(message.packed));
  Bytes bytes(head.begin(), head.end());
  if (needs_length(form)) {
    Bytes code;
    indices_->encode(message.indices, d, code);
    append_length(bytes, code.size());
    append(bytes, code);
  } else if (form.indices > 0) {
    indices_->encode(message.indices, d, bytes);
  }
  std::size_t metadata = form.metadata + bytes.size() - head.size();
  if (form.values > 0) {
    metadata += values_->metadata_bytes();
    values_->encode(message.value_view(), bytes);
  }
  return Body(std::move(bytes), metadata);
}

Body Codec::encode(ConstArrayView values, ByteView head) const {
  Bytes bytes(head.begin(), head.end());
  if (values.size == 0) return Body(std::move(bytes), head.size());
  values_->encode(values, bytes);
  return Body(std::move(bytes), head.size() + values_->metadata_bytes());
}

void Codec::decode(Uid sender, const Body& body, const Form& form, std::uint32_t d,
                   Compressed& out) const {
  blame(sender, [&] {
    out.packed.resize(form.packed);
    ByteView code = take_head(body, std::as_writable_bytes(std::span(out.packed)));
    take_indices(code, form, d, out.indices);
    out.values.resize(value_count(form, out.indices.size()));
    read_values(code, form, {out.values.data(), out.values.size(), {}});
  });
}

void Codec::decode(Uid sender, const Body& body, ArrayView out, std::span<std::byte> head) const {
  blame(sender, [&] {
    if (plain_values_ && head.empty() && body.floats().size == out.size && out.size != 0) {
      std::ranges::copy(body.floats(), out.begin());
      check_finite(out);
    } else {
      read_values(take_head(body, head), {.values = out.size}, out);
    }
  });
}

void Codec::take_indices(ByteView& code, const Form& form, std::uint32_t d,
                         std::vector<std::uint32_t>& out) const {
  out.clear();
  if (form.indices == 0) return;
  const std::size_t size = take_index_bytes(code, form, d);
  indices_->decode(code.first(size), d, out);
  code = code.subspan(size);
  if (form.at_most ? out.size() <= form.indices : out.size() == form.indices) return;
  throw CorruptError("it has " + count_of(out.size(), "index", "indices") + ", not " +
                     (form.at_most ? "at most " : "") + std::to_string(form.indices));
}

void Codec::read_values(ByteView code, const Form& form, ArrayView out) const {
  if (form.values > 0) {
    values_->decode(code, out);
    check_finite(out);
  } else if (!code.empty()) {
    throw CorruptError("it is " + count_of(code.size(), "byte") + " too long");
  }
}

bool Codec::needs_length(const Form& form) const {
  if (form.indices == 0 || form.values == 0) return false;
  return !values_->fixed_size() || (form.at_most && !indices_->fixed_size(0, 1));
}

std::size_t Codec::take_index_bytes(ByteView& code, const Form& form, std::uint32_t d) const {
  if (form.values == 0) return code.size();
  if (needs_length(form)) {
    const std::uint64_t length = take_length(code);
    if (length > code.size()) throw CorruptError("it ends in its indices");
    return static_cast<std::size_t>(length);
  }
  if (!form.at_most) {
    const std::size_t values = values_->most(form.values);
    if (values > code.size()) throw CorruptError("it ends in its numbers");
    return code.size() - values;
  }
  // Neither size falls as coordinates are added: all counts that fit divide the message in the same
  // place, and how many there are is for the codecs to find out.
  const auto bytes = [&](std::size_t count) {
    return *indices_->fixed_size(count, d) + values_->most(value_count(form, count));
  };
  std::size_t least = 0;
  std::size_t most = form.indices;
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
