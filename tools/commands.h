#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiment/decentralizepy/translation.h"

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

/// What `sweep` is told.
struct SweepArguments {
  std::vector<std::string> files;     // a sweep file, or configs
  std::vector<std::string> settings;  // --set
  std::vector<std::string> varied;    // --vary
  std::string seeds;
  std::string out;
  std::string abscissa;  // round, bytes, seconds; "" for all
  int jobs = 0;          // 0: as many as there are cores
  int threads = 0;       // of each run; 0: its share of the cores
  bool quiet = false;
};

/// What `compare` is told.
struct CompareArguments {
  std::vector<std::string> folders;
  std::optional<double> accuracy, loss;  // neither: what every run reached
  bool json = false;
  bool latex = false;
};

/// What `import` is told.
struct ImportArguments {
  std::string from;  // "decentralizepy"
  std::string config;
  DecentralizepyFlags flags;
};

void run(const RunArguments& arguments);

/// Runs the processes of machine `arguments.machine`, of which the config has several.
void run_machine(const RunArguments& arguments);

void launch(const LaunchArguments& arguments);
void sweep(const SweepArguments& arguments);
void compare(const CompareArguments& arguments);
void import_config(const ImportArguments& arguments);
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
