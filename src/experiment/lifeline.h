#pragma once

namespace kith {

/// Follows the launcher through file descriptor `lifeline`, on a thread of its own: "signal N", a
/// line of it, sends this process signal N. When the descriptor closes the launcher is gone, and so
/// is this process soon: it gets SIGTERM, and three seconds later it ends whatever it does. When
/// the launcher had sent a signal already, it ends at once.
void follow_launcher(int lifeline);

}  // namespace kith
