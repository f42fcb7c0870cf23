#pragma once

#include <optional>

#include "compression/chain.h"
#include "compression/compressor.h"
#include "core/body.h"
#include "core/types.h"

namespace kith {

/// The option `codec` of a sharing method: how the numbers of its messages become bytes.
struct CodecOptions {
  Chain<IndexCodec> indices{IndexCodec::registry().standard("rice"), {}};
  Chain<ValueCodec> values{ValueCodec::registry().standard("none"), {}};

  void fields(Fields& f) {
    f.optional("indices", indices, "for the numbers of coordinates, where a message has them");
    f.optional("values", values, "for the numbers themselves");
  }
};

/// What a sharing method says, as bytes, and back: head and packed bytes of sizes that both ends
/// know, which are in their final form already (seeds and scales; a compressor's codes), then
/// indices, then values. Metadata are the head, indices, and a value codec's scales.
///
/// Messages of others are not trusted: decoding throws PeerError, naming the sender, unless the
/// whole message is what an encoder of this run can have written, and its numbers are finite.
/// Nothing is allocated that the size of the model does not bound. Without state, so thread-safe.
///
/// Bytes are the host's. They are written when another process is to hear them, or at once where
/// how many they are depends on the numbers; a node of the same process takes the message as it is
/// (`known`), and need not check what this process made itself.
///
/// With lossy values, a replica must be updated with what its message decodes to.
class Codec {
 public:
  explicit Codec(const CodecOptions& options);

  /// Whether values come back as the same bits.
  bool lossless() const { return values_->lossless(); }

  /// A whole vector: itself, without a copy, where values are not coded.
  Body encode(const Slot& vector) const;

  /// Whether whole vectors are said as they lie in memory.
  bool plain() const { return plain_values_; }

  /// A compressor's message for a vector of `d` numbers, which has this form. Nobody writes it any
  /// more.
  Body encode(std::shared_ptr<const Compressed> message, const Form& form, std::uint32_t d) const;

  /// As many values as the receiver expects.
  Body encode(ConstArrayView values) const;

  /// What `body` stands for, where that is at hand: a node of this process said it, and the codec
  /// lost nothing. Else null: then it is to be decoded.
  static const Compressed* known(const Body& body);

  /// The same for a whole vector; else a view of nothing.
  static ConstArrayView known_vector(const Body& body);

  /// The head of a message, of `size` bytes; fewer where it has not as many.
  static ByteView head_of(const Body& body, std::size_t size);

  /// Replaces `out` by the message of this form that `sender` said. What its head and packed bytes
  /// mean is for the compressor's `check`.
  void decode(Uid sender, const Body& body, const Form& form, std::uint32_t d,
              Compressed& out) const;

  /// What `sender` said in this form: the message as it is where that is known, else decoded into
  /// the thread's message_room of `device`.
  const Compressed& heard(Uid sender, const Body& body, const Form& form, std::uint32_t d,
                          const Device& device) const;

  /// Fills `out` with what `sender` said about all of its coordinates.
  void decode(Uid sender, const Body& body, ArrayView out) const;

 private:
  struct Sizes {
    std::size_t bytes;
    std::size_t metadata;
  };

  /// Of a message as bytes, where that does not depend on its numbers.
  std::optional<Sizes> sizes_of(const Compressed& message, const Form& form, std::uint32_t d) const;

  struct Written {
    Bytes bytes;
    std::size_t metadata;
  };

  Written bytes_of(const Compressed& message, const Form& form, std::uint32_t d) const;

  /// Takes the indices of a message of this form off the front of `code`.
  void take_indices(ByteView& code, const Form& form, std::uint32_t d,
                    std::vector<std::uint32_t>& out) const;

  /// Fills `out` with the numbers of such a message, for which all of `code` stands.
  void read_values(ByteView code, const Form& form, ArrayView out) const;

  /// How many of a message's bytes are indices. Where that follows from the size of the whole, as
  /// with `none` or a known number of plain values, nothing is said about it; else their length
  /// stands before them. Takes it off.
  std::size_t take_index_bytes(ByteView& code, const Form& form, std::uint32_t d) const;
  bool needs_length(const Form& form) const;

  std::shared_ptr<const IndexCodec> indices_;
  std::shared_ptr<const ValueCodec> values_;
  bool plain_values_;
};

}  // namespace kith
