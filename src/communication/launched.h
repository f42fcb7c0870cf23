#pragma once

#include <optional>
#include <string>

namespace kith {

/// What a launcher says to the processes it starts, by environment variables.
///
/// `kith launch` says: KITH_PROCESS and KITH_PROCESSES, who this is of how many; KITH_LOCAL_PROCESS,
/// which on its machine, and KITH_LOCAL_PROCESSES, of how many there; KITH_ADDRESS, where it can be reached; KITH_RENDEZVOUS, where process 0
/// listens (host:port); KITH_PUBLISH, in process 0 instead: the file descriptor on which to write
/// that; KITH_TOKEN, a secret of the run; KITH_LIFELINE, a file descriptor that closes when the
/// launcher ends. mpirun and srun have variables of their own.
struct Launched {
  int process = 0;
  int processes = 1;
  int local_process = 0;   ///< which on this machine: chooses the GPU
  int local_processes = 1;
  std::string address;     ///< "" when not said
  std::string rendezvous;
  int publish_to = -1;
  std::string token;
  int lifeline = -1;

  /// What started this process, if it was one of several: kith launch, mpirun, srun. Throws
  /// ConfigError when the variables make no sense.
  static std::optional<Launched> from_environment();
};

}  // namespace kith
