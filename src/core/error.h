#pragma once

#include <stdexcept>
#include <string>

namespace kith {

/// What the program's exit status says.
enum class ExitCode : int {
  kDone = 0,
  kBug = 1,
  kUsage = 2,     ///< command line or config
  kPeer = 3,      ///< a peer or the transport
  kInput = 4,     ///< a named input is missing, truncated or malformed
  kResource = 5,  ///< disk, memory, files
  kNumeric = 6,   ///< NaN, infinity, divergence
  kDevice = 7,    ///< no such device, or it failed
  kInterrupted = 130,
  kTerminated = 143,
};

/// Any failure this framework reports. `what()` is one sentence written for the user: what, where,
/// and what to do about it.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// A config or the command line is wrong.
struct ConfigError : Error {
  explicit ConfigError(const std::string& message) : Error(ExitCode::kUsage, message) {}
};

/// A neighbor is silent, gone, or sent what this run cannot have sent.
struct PeerError : Error {
  explicit PeerError(const std::string& message) : Error(ExitCode::kPeer, message) {}
};

/// A file named by the user is missing, unreadable, truncated or malformed.
struct InputError : Error {
  explicit InputError(const std::string& message) : Error(ExitCode::kInput, message) {}
};

/// The machine has not enough of something.
struct ResourceError : Error {
  explicit ResourceError(const std::string& message) : Error(ExitCode::kResource, message) {}
};

/// A loss or a parameter is not finite.
struct NumericError : Error {
  explicit NumericError(const std::string& message) : Error(ExitCode::kNumeric, message) {}
};

/// The device that the config asks for is not there, or failed.
struct DeviceError : Error {
  explicit DeviceError(const std::string& message) : Error(ExitCode::kDevice, message) {}
};

}  // namespace kith
