#include "communication/mpi_library.h"

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/error.h"

namespace kith {

struct MpiLibrary::State {
  std::mutex mutex;
  std::condition_variable changed;
  Phase phase = Phase::kBeginning;

  void reach(Phase next) {
    {
      const std::lock_guard lock(mutex);
      phase = next;
    }
    changed.notify_all();
  }

  bool wait_for(double limit_s, const auto& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::duration<double>(limit_s), condition);
  }
};

/// The thread. MPI_Init and MPI_Finalize must be called by the same.
void MpiLibrary::live(const std::shared_ptr<State>& state) {
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided);
  state->reach(provided < MPI_THREAD_SERIALIZED ? Phase::kTooOld : Phase::kRunning);
  {
    std::unique_lock lock(state->mutex);
    state->changed.wait(lock, [&] { return state->phase == Phase::kEnding; });
  }
  MPI_Finalize();
  state->reach(Phase::kEnded);
}

bool MpiLibrary::begin(double limit_s) {
  if (!state_) {
    int is_running = 0;
    MPI_Initialized(&is_running);
    if (is_running) return true;
    state_ = std::make_shared<State>();
    std::thread(live, state_).detach();
  }
  State& state = *state_;
  if (!state.wait_for(limit_s, [&] { return state.phase != Phase::kBeginning; })) return false;
  if (state.phase == Phase::kTooOld) {
    throw PeerError("this MPI was built without threads (MPI_THREAD_SERIALIZED)");
  }
  return true;
}

bool MpiLibrary::end(double limit_s) {
  if (!state_) return true;
  State& state = *state_;
  state.reach(Phase::kEnding);
  return state.wait_for(limit_s, [&] { return state.phase == Phase::kEnded; });
}

}  // namespace kith
