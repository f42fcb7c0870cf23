#pragma once

#include <string>

namespace kith {

/// Bytes of memory this process may use at most, as far as the system says.
double memory_limit();

/// Throws ResourceError when `what` needs more memory than there is in all. Memory is given out
/// before it is there: without asking first, the system would end the process without a word.
void require_memory(double bytes, const std::string& what);

}  // namespace kith
