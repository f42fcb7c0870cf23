#pragma once

#include <optional>
#include <string>
#include <vector>

/// The commands of `kith`: each does its work, prints, and throws kith::Error when it cannot.
namespace kith::commands {

/// What `run` and `check` have in common.
struct RunArguments {
  std::string config;
  std::vector<std::string> settings;  // --set
  std::vector<std::string> plugins;   // --plugin
  std::string out;
  int threads = 0;  // 0: one for each processor
  std::string device;
  std::string transport;
  int machine = -1;  // --machine, --process; -1: not said
  int process = -1;
  bool quiet = false;
  bool json = false;
  std::string command_line;
};

/// What `launch` adds to a run's arguments.
struct LaunchArguments {
  RunArguments run;
  int processes = 0;    // 0: as many as the config's mapping says
  std::string hosts;    // a file; "" for this machine
  std::string program;  // where kith is on the hosts; "" where it is here
};

void run(const RunArguments& arguments);

/// Runs the processes of machine `arguments.machine`, of which the config has several.
void run_machine(const RunArguments& arguments);

void launch(const LaunchArguments& arguments);
void keygen(const std::string& folder, int processes);
void check(const RunArguments& arguments);

/// `words` is what stands behind `kith graph`.
void graph(const std::vector<std::string>& words);

/// Loads plug-ins, by the files that the command line names.
void load_plugins(const std::vector<std::string>& files);

void list(const std::string& section, const std::string& type, bool json);
void schema();
void digest(const std::string& folder);

}  // namespace kith::commands
