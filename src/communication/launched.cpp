#include "communication/launched.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "core/error.h"

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
  if (std::from_chars(text.data(), end, number).ptr != end || number < 0) {
    throw ConfigError(std::string(name) + ": must be a number, got \"" + text + "\"");
  }
  return number;
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
    launched.address = text_of("KITH_ADDRESS");
    launched.rendezvous = text_of("KITH_RENDEZVOUS");
    launched.publish_to = number_of("KITH_PUBLISH", -1);
    launched.token = text_of("KITH_TOKEN");
    launched.lifeline = number_of("KITH_LIFELINE", -1);
    return launched;
  }
  return std::nullopt;
}

}  // namespace kith
