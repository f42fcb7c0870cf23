#pragma once

#include <memory>

namespace kith {

/// MPI from its beginning to its end. Both wait for every process of the job, for ever where one
/// does not come; so a thread of their own does it, and is left behind when somebody's patience
/// ends (the program ends then too). Between them any one thread at a time may call MPI.
///
/// Where MPI runs already it is somebody else's, who also ends it.
class MpiLibrary {
 public:
  /// Waits for at most so long. False while others are missing: ask again. Throws PeerError when
  /// this MPI cannot do it.
  bool begin(double limit_s);

  /// Waits for at most so long. Whether MPI has ended.
  bool end(double limit_s);

 private:
  enum class Phase { kBeginning, kRunning, kTooOld, kEnding, kEnded };
  struct State;

  static void live(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;  // the thread's too, which may outlive this
};

}  // namespace kith
