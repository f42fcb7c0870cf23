#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>

#include "commands.h"
#include "communication/addresses.h"
#include "communication/keys.h"
#include "core/text.h"
#include "experiment/launcher.h"
#include "experiment/remote_command.h"
#include "experiment/results.h"
#include "experiment/run_directory.h"
#include "experiment/signals.h"
#include "read_config.h"

namespace kith::commands {
namespace {

namespace fs = std::filesystem;

constexpr char kHere[] = "127.0.0.1";

/// A secret that nobody guesses: 256 bits in hex.
std::string new_token() {
  std::random_device device;
  std::string token;
  for (int word = 0; word < 8; ++word) {
    char text[9];
    std::snprintf(text, sizeof text, "%08x", device());
    token += text;
  }
  return token;
}

std::string this_program() { return fs::read_symlink("/proc/self/exe").string(); }

/// The command that runs one process, wherever it runs. That it names the process is for people who
/// look which is which.
std::vector<std::string> run_command(const RunArguments& arguments, const std::string& program,
                                     std::size_t process) {
  std::vector<std::string> words{
      "env",       "KITH_LAUNCHER=stdin",  program, "run", fs::absolute(arguments.config).string(),
      "--process", std::to_string(process)};
  const auto add = [&words](const std::string& option, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {option, value});
  };
  for (const std::string& setting : arguments.settings) add("--set", setting);
  for (const std::string& file : arguments.plugins) add("--plugin", fs::absolute(file).string());
  add("--out", arguments.out);
  add("--threads", arguments.threads > 0 ? std::to_string(arguments.threads) : "");
  add("--device", arguments.device);
  add("--transport", arguments.transport);
  if (arguments.quiet) words.emplace_back("--quiet");
  return words;
}

void show(bool is_error, const std::string& line) {
  std::FILE* const stream = is_error ? stderr : stdout;
  std::fprintf(stream, "%s\n", line.c_str());
  std::fflush(stream);
}

std::string name_of(std::size_t process, const std::string& host) {
  return "process " + std::to_string(process) + (host.empty() ? "" : " (" + host + ")");
}

Variables seat(std::size_t process, std::size_t processes, std::size_t local,
               std::size_t local_processes) {
  return {{"KITH_PROCESS", std::to_string(process)},
          {"KITH_PROCESSES", std::to_string(processes)},
          {"KITH_LOCAL_PROCESS", std::to_string(local)},
          {"KITH_LOCAL_PROCESSES", std::to_string(local_processes)},
          {"KITH_LIFELINE", std::to_string(STDIN_FILENO)}};
}

/// The hosts of a file, each as often as it has processes.
std::vector<std::string> read_hosts(const std::string& file, std::int64_t processes_per_machine) {
  std::vector<std::string> hosts;
  const std::vector<std::string> machines = read_addresses(file);
  for (const std::string& machine : machines) {
    const std::string address = address_of(machine);
    if ((address == kHere || address == "localhost") && machines.size() > 1) {
      throw InputError(file + ": the other hosts cannot reach " + in_quotes(machine) +
                       "; give the name by which they know that machine");
    }
    hosts.insert(hosts.end(), static_cast<std::size_t>(processes_per_machine), machine);
  }
  return hosts;
}

/// The processes of the run. `hosts` are by process, "" for this one.
std::vector<Launcher::Part> make_parts(const LaunchArguments& arguments,
                                       const std::vector<std::string>& hosts) {
  const bool is_remote = !arguments.hosts.empty();
  const std::size_t processes = hosts.size();
  std::vector<std::string> addresses, public_keys, secret_keys;
  for (const std::string& host : hosts) {
    addresses.push_back(is_remote ? address_of(host) : kHere);
    if (!is_remote) continue;
    const auto [secret, shown] = new_curve_keys();
    secret_keys.push_back(secret);
    public_keys.push_back(shown);
  }
  const std::string token = new_token();
  const std::string program = arguments.program.empty() ? this_program() : arguments.program;

  std::vector<Launcher::Part> parts;
  for (std::size_t process = 0; process < processes; ++process) {
    const std::string& host = hosts[process];
    const auto local = std::count(hosts.begin(), hosts.begin() + std::ptrdiff_t(process), host);
    Variables variables = seat(process, processes, static_cast<std::size_t>(local),
                               static_cast<std::size_t>(std::ranges::count(hosts, host)));
    variables.emplace_back("KITH_HOSTS", join(addresses, " "));
    variables.emplace_back("KITH_TOKEN", token);
    if (process == 0) variables.emplace_back("KITH_PUBLISH", std::to_string(STDOUT_FILENO));
    std::vector<std::string> command = run_command(arguments.run, program, process);
    if (is_remote) {
      variables.emplace_back("KITH_SECRET_KEY", secret_keys[process]);
      variables.emplace_back("KITH_PUBLIC_KEYS", join(public_keys, " "));
      command = remote_command(host, command);
    }
    parts.push_back({std::to_string(process), name_of(process, host), host, std::move(command),
                     std::move(variables)});
  }
  return parts;
}

/// The transport of several processes, where the config says what one uses; "" as configured.
std::string transport_of(const RunArguments& arguments) {
  const std::string& said = arguments.transport;
  const std::string type = said.empty() ? configured_transport(arguments) : said;
  if (type == "mpi") {
    throw ConfigError("command line: kith launch starts no MPI; use mpirun -n N kith run " +
                      arguments.config + " --transport mpi");
  }
  if (said == "inproc") {
    throw ConfigError("command line: --transport inproc is for one process; use kith run, or zmq");
  }
  return type == "inproc" ? "zmq" : said;
}

Launcher::Settings settings_of(const RunConfig& config) {
  Launcher::Settings settings;
  settings.start_limit_s = config.communication.common().start_timeout_s;
  settings.pending_signal = caught_signal;
  settings.show = show;
  return settings;
}

/// Finds out here what all processes would say about it.
void check_placement(const RunArguments& arguments, const RunConfig& config,
                     std::size_t processes) {
  try {
    if (processes > 1) config.mapping.make()->deal(config.nodes, std::int64_t(processes), {});
  } catch (const ConfigError& error) {
    throw ConfigError(arguments.config + ": " + error.what());
  }
}

}  // namespace

void launch(const LaunchArguments& wished) {
  LaunchArguments arguments = wished;
  arguments.run.transport = transport_of(wished.run);
  const RunConfig config = read_config(arguments.run);
  const Mapping::Common& mapping = config.mapping.common();
  std::vector<std::string> hosts;
  if (!arguments.hosts.empty()) {
    hosts = read_hosts(arguments.hosts, mapping.processes_per_machine);
  } else {
    hosts.resize(static_cast<std::size_t>(arguments.processes > 0 ? arguments.processes
                                                                  : mapping.processes()));
  }
  check_placement(arguments.run, config, hosts.size());
  const fs::path folder =
      fs::absolute(wished.run.out.empty() ? new_run_folder(config.name) : fs::path(wished.run.out));
  RunDirectory::check_unused(folder);
  arguments.run.out = folder.string();

  stop_cleanly();
  Launcher::Settings settings = settings_of(config);
  settings.first_publishes = true;
  Launcher launcher(make_parts(arguments, hosts), settings);
  const auto fetch = [&](double limit_s) {
    return fetch_results(folder, launcher.hosts_reached(), show, limit_s);
  };
  try {
    launcher.run();
  } catch (const Error&) {
    // They tell what went wrong. A person who stopped the run waits for its end.
    fetch(caught_signal() != 0 ? 3 : 20);
    throw;
  }
  if (const std::string missing = fetch(/*limit_s=*/0); !missing.empty()) throw PeerError(missing);
}

void run_machine(const RunArguments& arguments) {
  const RunConfig config = read_config(arguments);
  const Mapping::Common& mapping = config.mapping.common();
  if (arguments.machine >= mapping.machines) {
    throw ConfigError("there is no machine " + std::to_string(arguments.machine) +
                      "; the config has " + std::to_string(mapping.machines) +
                      " (mapping.machines)");
  }
  const auto here = static_cast<std::size_t>(mapping.processes_per_machine);
  const auto all = static_cast<std::size_t>(mapping.processes());
  std::vector<Launcher::Part> parts;
  for (std::size_t local = 0; local < here; ++local) {
    const std::size_t process = static_cast<std::size_t>(arguments.machine) * here + local;
    parts.push_back({std::to_string(process), name_of(process, ""), "",
                     run_command(arguments, this_program(), process),
                     seat(process, all, local, here)});
  }
  stop_cleanly();
  Launcher(std::move(parts), settings_of(config)).run();
}

void keygen(const std::string& folder, int processes) {
  write_keys(folder, processes);
  std::printf(
      "Keys of %s: %s. Every machine needs public.keys and the secrets of its own processes; then "
      "set communication.keys to the folder.\n",
      count_of(static_cast<std::uint64_t>(processes), "process", "processes").c_str(),
      folder.c_str());
}

}  // namespace kith::commands
