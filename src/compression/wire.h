#pragma once

#include "compression/compressor.h"
#include "core/body.h"

namespace kith {

/// A message in the bytes of its parts, little-endian: indices (4 each), values (4 each), packed
/// bytes. Nothing says how many of each: who knows the form knows it from the length.
Body to_body(const Compressed& message, const Form& form);

/// The reverse. Throws PeerError if no message of this form has so many bytes; what they say is
/// for `validate`. The sentence goes on behind "node 3 sent ".
Compressed from_bytes(ByteView bytes, const Form& form);

}  // namespace kith
