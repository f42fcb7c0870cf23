#pragma once

namespace kith {

/// Asks Linux to let this thread run for so long at a time when others want its core, 0.1 to 100
/// ms. A thread gets the same share of a core whatever it asks for: with long slices in few pieces,
/// with short ones soon after it wakes. Threads that it starts ask for the same. Linux 6.12; no
/// effect before.
void ask_for_slices(double seconds);

}  // namespace kith
