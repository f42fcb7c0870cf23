#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/array.h"
#include "core/error.h"

namespace kith {

/// Bytes that codecs append to.
using Bytes = std::vector<std::byte>;

/// Bytes that no encoder of this run writes. `fault` says what is wrong with them, as the end of a
/// sentence: "its indices do not ascend".
class CorruptError : public PeerError {
 public:
  explicit CorruptError(const std::string& fault)
      : PeerError("a message cannot be decoded: " + fault), fault_(fault) {}

  const std::string& fault() const { return fault_; }

 private:
  std::string fault_;
};

/// Makes room behind `out`, lets `write` fill it from where it is told, and keeps as much as it
/// says.
template <class Write>
void append(Bytes& out, std::size_t room, Write write) {
  const std::size_t before = out.size();
  out.resize(before + room);
  out.resize(before + write(out.data() + before));
}

inline void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// A length, seven bits a byte (LEB128).
void append_length(Bytes& out, std::uint64_t length);

/// Reads such a length and takes it off the front of `bytes`. Throws CorruptError when there is
/// none.
std::uint64_t take_length(ByteView& bytes);

/// Throws CorruptError unless only zeros, and less than a byte of them, follow the first `bits`
/// bits of `code`, counted from the lowest of each byte.
void check_filled(ByteView code, std::size_t bits);

}  // namespace kith
