#include "compression/codec.h"

#include <algorithm>
#include <cstring>

#include "core/device_memory.h"
#include "core/scratch.h"
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

/// A whole vector that a lossless codec made bytes of.
struct WholeVector final : Meaning {
  explicit WholeVector(Slot slot) : vector(std::move(slot)) {}

  const Device& device() const override { return vector->device(); }
  std::shared_ptr<const Meaning> carried(Carrier& carrier) const override {
    return std::make_shared<WholeVector>(carrier.carry(vector->view()));
  }

  Slot vector;
};

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
  if (plain_values_) return Body(vector);
  Bytes bytes;
  values_->encode(ViewFrom(vector->view(), {}).view(), bytes);
  return Body(std::move(bytes), values_->metadata_bytes(),
              lossless() ? std::make_shared<WholeVector>(vector) : nullptr);
}

Body Codec::encode(std::shared_ptr<const Compressed> message, const Form& form,
                   std::uint32_t d) const {
  const bool exact = form.values == 0 || lossless();
  if (const auto sizes = exact ? sizes_of(*message, form, d) : std::nullopt) {
    const auto write = [codec = *this, message, form, d] {
      return codec.bytes_of(*message, form, d).bytes;
    };
    return Body(write, sizes->bytes, sizes->metadata, message);
  }
  Written written = bytes_of(*message, form, d);
  return Body(std::move(written.bytes), written.metadata, exact ? std::move(message) : nullptr);
}

std::optional<Codec::Sizes> Codec::sizes_of(const Compressed& message, const Form& form,
                                            std::uint32_t d) const {
  Sizes sizes{message.head.size() + message.packed.size(), message.head.size()};
  if (form.indices > 0) {
    const std::optional<std::size_t> size = indices_->fixed_size(message.indices.size(), d);
    if (!size) return std::nullopt;
    sizes.bytes += *size;
    sizes.metadata += *size;
  }
  if (form.values > 0) {
    if (!values_->fixed_size()) return std::nullopt;
    sizes.bytes += values_->most(message.values.size());
    sizes.metadata += values_->metadata_bytes();
  }
  return sizes;
}

Codec::Written Codec::bytes_of(const Compressed& message, const Form& form, std::uint32_t d) const {
  const ByteView head = std::as_bytes(std::span(message.head));
  Bytes bytes(head.begin(), head.end());
  std::vector<std::uint8_t> packed;
  append(bytes, std::as_bytes(message.packed.on_host(packed)));
  std::vector<std::uint32_t> room;
  const IndexView indices = message.indices.on_host(room);
  if (needs_length(form)) {
    Bytes code;
    indices_->encode(indices, d, code);
    append_length(bytes, code.size());
    append(bytes, code);
  } else if (form.indices > 0) {
    indices_->encode(indices, d, bytes);
  }
  std::size_t metadata = bytes.size() - message.packed.size();
  if (form.values > 0) {
    metadata += values_->metadata_bytes();
    values_->encode(ViewFrom(message.values.view(), {}).view(), bytes);
  }
  return {std::move(bytes), metadata};
}

Body Codec::encode(ConstArrayView values) const {
  Bytes bytes;
  if (values.size == 0) return Body(std::move(bytes));
  values_->encode(ViewFrom(values, {}).view(), bytes);
  return Body(std::move(bytes), values_->metadata_bytes());
}

const Compressed* Codec::known(const Body& body) {
  return dynamic_cast<const Compressed*>(body.meaning());
}

ByteView Codec::head_of(const Body& body, std::size_t size) {
  const Compressed* const message = known(body);
  const ByteView bytes = message ? std::as_bytes(std::span(message->head)) : body.coded();
  return bytes.first(std::min(size, bytes.size()));
}

ConstArrayView Codec::known_vector(const Body& body) {
  const auto* const whole = dynamic_cast<const WholeVector*>(body.meaning());
  return whole ? whole->vector->view() : ConstArrayView();
}

void Codec::decode(Uid sender, const Body& body, const Form& form, std::uint32_t d,
                   Compressed& out) const {
  blame(sender, [&] {
    out.head.resize(form.head);
    ByteView code = take_head(body, std::as_writable_bytes(std::span(out.head)));
    if (code.size() < form.packed) throw CorruptError("it ends in its head");
    out.packed.fill([&](std::vector<std::uint8_t>& here) {
      here.resize(form.packed);
      if (form.packed > 0) std::memcpy(here.data(), code.data(), form.packed);
    });
    code = code.subspan(form.packed);
    out.indices.fill([&](std::vector<std::uint32_t>& here) { take_indices(code, form, d, here); });
    out.values.fill([&](std::vector<float>& here) {
      here.resize(value_count(form, out.indices.size()));
      read_values(code, form, {here.data(), here.size(), {}});
    });
  });
}

const Compressed& Codec::heard(Uid sender, const Body& body, const Form& form, std::uint32_t d,
                               const Device& device) const {
  if (const Compressed* const message = known(body)) return *message;
  Compressed& room = message_room(device);
  decode(sender, body, form, d, room);
  return room;
}

void Codec::decode(Uid sender, const Body& body, ArrayView out) const {
  blame(sender, [&] {
    const ConstArrayView whole = plain_values_ ? body.floats() : known_vector(body);
    if (whole.size == out.size && out.size != 0) {
      copy(whole, out);
      return check_finite(out);
    }
    const ByteView code = take_head(body, {});
    if (out.device.is_cpu()) return read_values(code, {.values = out.size}, out);
    const ArrayView here = scratch_vector<Codec>(out.size);
    read_values(code, {.values = out.size}, here);
    copy(here, out);
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
