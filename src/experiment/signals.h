#pragma once

namespace kith {

/// Catches SIGINT and SIGTERM from now on: the first is remembered, the second ends the program at
/// once with 128 + its number.
void catch_signals();

/// The signal caught, or 0.
int caught_signal();

}  // namespace kith
