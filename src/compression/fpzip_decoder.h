#pragma once

#include "compression/code.h"

namespace kith {

/// Fills `out` with the numbers of an fpzip stream without header, of one row of out.size float32
/// with `precision` leading bits each (2 to 32). Throws CorruptError unless the stream holds just
/// those.
///
/// The library's own decoder believes its input: it reads on behind the end of a short stream, and
/// a stream whose code leaves the coder's interval makes it look beyond its tables. This one reads
/// the same streams and checks both.
void decode_fpzip(ByteView code, int precision, ArrayView out);

}  // namespace kith
