#pragma once

namespace kith {

/// From now on SIGINT and SIGTERM end the program at once, with 128 + their number.
void catch_signals();

/// From now on the first one is only remembered, for whoever asks `caught_signal`; one that comes
/// later, and not as an echo of the first, still ends the program at once.
void stop_cleanly();

/// The signal caught, or 0.
int caught_signal();

}  // namespace kith
