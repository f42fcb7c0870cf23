#include "experiment/remote_command.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace kith {
namespace {

std::string quoted(const std::string& word) {
  constexpr char kPlain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./,:@";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) c == '\'' ? text += "'\\''" : text += c;
  return text + '\'';
}

}  // namespace

std::string shell_command(const std::vector<std::string>& words) {
  std::vector<std::string> parts;
  std::ranges::transform(words, std::back_inserter(parts), quoted);
  return join(parts, " ");
}

std::vector<std::string> remote_command(const std::string& host,
                                        const std::vector<std::string>& words) {
  if (host.empty() || host.starts_with('-')) {
    throw InputError(in_quotes(host) + " is no host's name");
  }
  std::vector<std::string> command{"ssh", "-T", "-x", "-S", "none"};
  for (const char* option : {"BatchMode=yes", "ClearAllForwardings=yes", "ServerAliveInterval=5",
                             "ServerAliveCountMax=3"}) {
    command.insert(command.end(), {"-o", option});
  }
  command.insert(command.end(), {host, "exec " + shell_command(words)});
  return command;
}

std::string address_of(const std::string& host) { return host.substr(host.rfind('@') + 1); }

}  // namespace kith
