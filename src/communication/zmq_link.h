#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "communication/link.h"

namespace kith {

/// Where the processes of a run are, and by what they know each other.
struct ZmqSettings {
  int process = 0;
  int processes = 1;
  std::string host = "127.0.0.1";  ///< of this process, as others reach it
  int port = 0;                    ///< 0: the system chooses
  std::string rendezvous;          ///< "host:port" of process 0; not used there
  int publish_to = -1;             ///< file descriptor on which process 0 says its "host:port"
  std::string token;               ///< a secret of the run; "" for none
  std::vector<std::string> hosts;  ///< by process, to name who is missing; may be empty

  /// CURVE keys in Z85; a key that is not in `public_keys` (by process) comes from nobody.
  struct Keys {
    std::string secret;
    std::vector<std::string> public_keys;
  };
  std::optional<Keys> keys;
};

/// Frames over ZeroMQ on TCP. Throws nothing before `join`.
std::unique_ptr<Link> make_zmq_link(ZmqSettings settings);

/// A new pair of CURVE keys: secret, public.
std::pair<std::string, std::string> new_curve_keys();

/// The public key that belongs to a secret one.
std::string public_curve_key(const std::string& secret);

}  // namespace kith
