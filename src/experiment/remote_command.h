#pragma once

#include <string>
#include <vector>

namespace kith {

/// `words` as a command that a shell takes apart into just these.
std::string shell_command(const std::vector<std::string>& words);

/// What runs `words` on `host` ("10.0.0.3", "user@name") through ssh, which asks nothing, and gives
/// up when there is no connection, or none any more. Throws InputError when that is no host's name.
std::vector<std::string> remote_command(const std::string& host,
                                        const std::vector<std::string>& words);

/// The name of a host without its user: where it can be reached.
std::string address_of(const std::string& host);

}  // namespace kith
