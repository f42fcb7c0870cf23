#include "communication/launched.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "core/error.h"
#include "core/text.h"

namespace kith {
namespace {

std::string text_of(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

int number_of(const char* name, int standard) {
  const std::string text = text_of(name);
  if (text.empty()) return standard;
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (rest != end || error != std::errc() || number < 0) {
    throw ConfigError(std::string(name) + ": must be a number, got \"" + text + "\"");
  }
  return number;
}

std::vector<std::string> words_of(const char* name) {
  std::vector<std::string> words;
  std::istringstream text(text_of(name));
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

/// All that `kith launch` may say.
constexpr const char* kVariables[] = {
    "KITH_PROCESS",    "KITH_PROCESSES",   "KITH_LOCAL_PROCESS", "KITH_LOCAL_PROCESSES",
    "KITH_HOSTS",      "KITH_RENDEZVOUS",  "KITH_PUBLISH",       "KITH_TOKEN",
    "KITH_SECRET_KEY", "KITH_PUBLIC_KEYS", "KITH_LIFELINE"};

/// The next line of standard input, and no byte more: the rest is the lifeline's.
std::string read_input_line() {
  constexpr std::size_t kLongest = 1 << 20;
  std::string line;
  for (;;) {
    char c = 0;
    const ssize_t count = ::read(STDIN_FILENO, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count != 1 || line.size() > kLongest) throw PeerError("the launcher has gone");
    if (c == '\n') return line;
    line += c;
  }
}

/// What a launcher calls these.
struct Names {
  const char* process;
  const char* processes;
  const char* local_process;
  const char* local_processes;
};

constexpr Names kLaunchers[] = {
    {"KITH_PROCESS", "KITH_PROCESSES", "KITH_LOCAL_PROCESS", "KITH_LOCAL_PROCESSES"},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
     "OMPI_COMM_WORLD_LOCAL_SIZE"},
    {"PMIX_RANK", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE"},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE"},
};

}  // namespace

std::optional<Launched> Launched::from_environment() {
  for (const Names& names : kLaunchers) {
    if (text_of(names.process).empty() || text_of(names.processes).empty()) continue;
    Launched launched;
    launched.process = number_of(names.process, 0);
    launched.processes = number_of(names.processes, 1);
    launched.local_process = number_of(names.local_process, 0);
    if (launched.process >= launched.processes) {
      throw ConfigError(std::string(names.process) + ": is " + std::to_string(launched.process) +
                        ", but there are " + std::to_string(launched.processes) + " processes");
    }
    launched.local_processes = std::max(1, number_of(names.local_processes, 1));
    launched.hosts = words_of("KITH_HOSTS");
    launched.rendezvous = text_of("KITH_RENDEZVOUS");
    launched.publish_to = number_of("KITH_PUBLISH", -1);
    launched.token = text_of("KITH_TOKEN");
    launched.secret_key = text_of("KITH_SECRET_KEY");
    launched.public_keys = words_of("KITH_PUBLIC_KEYS");
    launched.lifeline = number_of("KITH_LIFELINE", -1);
    return launched;
  }
  return std::nullopt;
}

void Launched::hear_launcher() {
  if (text_of("KITH_LAUNCHER") != "stdin") return;
  for (const char* name : kVariables) unsetenv(name);
  std::printf("%s\n", std::string(kReady).c_str());
  std::fflush(stdout);
  for (std::string line; !(line = read_input_line()).empty();) {
    const auto equals = line.find('=');
    const std::string name = line.substr(0, equals);
    if (equals == std::string::npos ||
        std::ranges::find(kVariables, name) == std::end(kVariables)) {
      throw PeerError("the launcher said " + in_quotes(name) +
                      ", which is no word of this version; is it another kith?");
    }
    setenv(name.c_str(), line.c_str() + equals + 1, /*overwrite=*/1);
  }
}

std::string launcher_words(const Variables& variables) {
  std::string words;
  for (const auto& [name, value] : variables) words += name + '=' + value + '\n';
  return words + '\n';
}

}  // namespace kith
