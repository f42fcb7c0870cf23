#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kith {

/// What a launcher says to the processes it starts, by environment variables.
///
/// `kith launch` says: KITH_PROCESS and KITH_PROCESSES, who this is of how many;
/// KITH_LOCAL_PROCESS, which on its machine, and KITH_LOCAL_PROCESSES, of how many there;
/// KITH_HOSTS, by process, with spaces between, where each can be reached; KITH_RENDEZVOUS, where
/// process 0 listens (host:port); KITH_PUBLISH, in process 0 instead: the file descriptor on which
/// to write that; KITH_TOKEN, a secret of the run, 256 bits in hex; KITH_SECRET_KEY and
/// KITH_PUBLIC_KEYS, CURVE keys made for the run, the latter by process with spaces between;
/// KITH_LIFELINE, a file descriptor that closes when the launcher ends (see `follow_launcher`).
/// mpirun and srun have variables of their own.
///
/// Secrets must not stand on a command line, which everybody on a machine may read, and over ssh
/// there is no other place for variables. So of all these only KITH_LAUNCHER=stdin is set before
/// the process starts. It prints a line "KITH_READY", and reads the others from its standard input:
/// a line "KITH_NAME=value" each, up to an empty line. The lifeline is that same input, and process
/// 0 publishes with a line "KITH_RENDEZVOUS=host:port" on its standard output. The launcher takes
/// these lines out of what it shows.
struct Launched {
  static constexpr std::string_view kReady = "KITH_READY";
  static constexpr std::string_view kRendezvous = "KITH_RENDEZVOUS";

  int process = 0;
  int processes = 1;
  int local_process = 0;  ///< which on this machine: chooses the GPU
  int local_processes = 1;
  std::vector<std::string> hosts;  ///< by process; empty when not said
  std::string rendezvous;
  int publish_to = -1;
  std::string token;
  std::string secret_key;                ///< "" for none
  std::vector<std::string> public_keys;  ///< by process
  int lifeline = -1;

  /// What started this process, if it was one of several: kith launch, mpirun, srun. Throws
  /// ConfigError when the variables make no sense.
  static std::optional<Launched> from_environment();

  /// Reads the variables that come on standard input, where KITH_LAUNCHER says so, and makes them
  /// this process's environment. Before there are threads. Throws PeerError when they do not come.
  static void hear_launcher();
};

/// Environment variables: name, value.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// What `kith launch` says to a process, as `hear_launcher` reads it.
std::string launcher_words(const Variables& variables);

}  // namespace kith
