#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <system_error>

#include "commands.h"
#include "core/error.h"
#include "core/registry.h"
#include "core/text.h"
#include "experiment/environment.h"
#include "experiment/signals.h"
#include "model/platform.h"

namespace {

using kith::ExitCode;
namespace commands = kith::commands;

int fail(ExitCode code, const std::string& message) {
  std::fflush(stdout);
  std::fprintf(stderr, "error: %s\n", kith::one_line(message).c_str());
  return static_cast<int>(code);
}

/// Whether standard output is a pipe that its reader closed, as `head` does when it has enough.
bool nobody_reads_on() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
}

void add_plugin_option(CLI::App& command, std::vector<std::string>& files) {
  command.add_option("--plugin", files, "FILE: also know the components of this plug-in")
      ->expected(1)
      ->take_all();
}

void add_run_options(CLI::App& command, commands::RunArguments& arguments) {
  command.add_option("config", arguments.config, "the config file")->required();
  command.add_option("--set", arguments.settings, "PATH=VALUE: change one value of the config")
      ->expected(1)
      ->take_all();
  add_plugin_option(command, arguments.plugins);
  command.add_option("--threads", arguments.threads, "threads to compute on (default: all)")
      ->check(CLI::Range(1, 4096));
  command.add_option("--device", arguments.device, "cpu");
  command.add_option("--transport", arguments.transport, "inproc, zmq or mpi");
}

void add_output_options(CLI::App& command, commands::RunArguments& arguments) {
  command.add_option("--out", arguments.out, "the run's folder (default: runs/<name>-<UTC time>)");
  command.add_flag("--quiet", arguments.quiet, "print nothing but errors");
}

void add_launch(CLI::App& app) {
  static commands::LaunchArguments launched;
  auto* launch =
      app.add_subcommand("launch", "start all processes of a run, and end them together");
  add_run_options(*launch, launched.run);
  add_output_options(*launch, launched.run);
  auto* processes = launch->add_option("--processes", launched.processes, "how many, here");
  processes->check(CLI::Range(1, 100000));
  launch->add_option("--hosts", launched.hosts, "over ssh, on these: a hostfile or an address file")
      ->excludes(processes);
  launch->add_option("--program", launched.program,
                     "where kith is on the hosts (default: as here)");
  launch->callback([] { commands::launch(launched); });

  static std::string folder;
  static int count = 0;
  auto* keygen = app.add_subcommand("keygen", "make CURVE keys for the processes of a run");
  keygen->add_option("dir", folder, "the folder to put them into")->required();
  keygen->add_option("--processes", count, "how many")->required()->check(CLI::Range(1, 100000));
  keygen->callback([] { commands::keygen(folder, count); });
}

void add_sweep(CLI::App& app) {
  static commands::SweepArguments arguments;
  auto* sweep =
      app.add_subcommand("sweep", "run configs x overrides x seeds; a table, curves, CSV");
  sweep->add_option("file", arguments.files, "a sweep file, or one or more configs")->required();
  sweep->add_option("--vary", arguments.varied, "PATH=VALUE,VALUE,…: run with each of the values")
      ->expected(1)
      ->take_all();
  sweep->add_option("--seeds", arguments.seeds, "1..5, or 1,4,9 (default: the configs' own)");
  sweep->add_option("--set", arguments.settings, "PATH=VALUE: change one value in every run")
      ->expected(1)
      ->take_all();
  sweep->add_option("--out", arguments.out, "the sweep's folder (default: runs/<name>)");
  sweep->add_option("--jobs", arguments.jobs, "runs at once (default: as many as there are cores)")
      ->check(CLI::Range(1, 4096));
  sweep->add_option("--threads", arguments.threads, "threads of each run (default: its share)")
      ->check(CLI::Range(1, 4096));
  sweep->add_option("--x", arguments.abscissa, "what curves are drawn over (default: each)")
      ->check(CLI::IsMember({"round", "bytes", "seconds"}));
  sweep->add_flag("--quiet", arguments.quiet, "print nothing but errors");
  sweep->callback([] { commands::sweep(arguments); });
}

void add_compare(CLI::App& app) {
  static commands::CompareArguments arguments;
  auto* compare =
      app.add_subcommand("compare", "rounds, bytes and time that runs took to reach an accuracy");
  compare->add_option("dir", arguments.folders, "folders of runs or of sweeps")->required();
  auto* accuracy = compare->add_option("--to-accuracy", arguments.accuracy,
                                       "the test accuracy to reach (default: what every run did)");
  accuracy->check(CLI::Range(0.0, 1.0));
  compare->add_option("--to-loss", arguments.loss, "the test loss to reach")->excludes(accuracy);
  auto* json = compare->add_flag("--json", arguments.json, "as JSON");
  compare->add_flag("--latex", arguments.latex, "as a LaTeX table")->excludes(json);
  compare->callback([] { commands::compare(arguments); });
}

void add_import(CLI::App& app) {
  static commands::ImportArguments arguments;
  static std::string graph, addresses;
  auto* import =
      app.add_subcommand("import", "decentralizepy CONFIG.ini: another framework's config as ours");
  import->add_option("from", arguments.from, "decentralizepy")->required();
  import->add_option("config", arguments.config, "its INI file")->required();
  auto& flags = arguments.flags;
  import->add_option("--graph,--graph_file", graph, "the graph file that it would be given");
  import->add_option("--addresses", addresses, "its address file (default: as the INI file says)");
  // What follows is decentralizepy's, with its names and defaults.
  import->add_option("--iterations", flags.iterations, "rounds (default: 1)")
      ->check(CLI::NonNegativeNumber);
  import->add_option("--test_after", flags.test_after, "rounds between evaluations (default: 5)")
      ->check(CLI::NonNegativeNumber);
  import->add_option("--reset_optimizer", flags.reset_optimizer, "1 (default) or 0");
  import->add_option("--machines", flags.machines, "how many")->check(CLI::PositiveNumber);
  import->add_option("--procs_per_machine", flags.procs_per_machine, "nodes on each")
      ->check(CLI::PositiveNumber);
  import->callback([] {
    arguments.flags.graph = graph;
  arguments.flags.addresses = addresses;
  commands::import_config(arguments);
});
}  // namespace

void add_commands(CLI::App& app, commands::RunArguments& arguments) {
  auto* run = app.add_subcommand("run", "train what a config says");
  add_run_options(*run, arguments);
  add_output_options(*run, arguments);
  run->add_option("--machine", arguments.machine, "which machine of the run this is")
      ->check(CLI::NonNegativeNumber);
  run->add_option("--process", arguments.process, "which process of the run this is")
      ->check(CLI::NonNegativeNumber);
  run->callback([&arguments] { commands::run(arguments); });
  add_launch(app);
  add_sweep(app);
  add_compare(app);
  add_import(app);

  auto* check = app.add_subcommand("check", "validate a config and print the plan; trains nothing");
  add_run_options(*check, arguments);
  check->add_flag("--json", arguments.json, "as JSON");
  check->callback([&arguments] { commands::check(arguments); });

  auto* graph = app.add_subcommand(
      "graph", "make a graph (KIND --nodes N …), `info FILE`, or `draw FILE OUT.svg`");
  graph->set_help_flag();  // it helps itself
  graph->prefix_command();
  graph->callback([graph] { commands::graph(graph->remaining()); });

  static std::string section, type, folder;
  static bool json = false;
  auto* list = app.add_subcommand("list", "every component and its options");
  list->add_option("section", section, "one kind of component");
  list->add_option("type", type, "one component");
  list->add_flag("--json", json, "as JSON");
  static std::vector<std::string> plugins;
  add_plugin_option(*list, plugins);
  list->callback([] {
    commands::load_plugins(plugins);
    commands::list(section, type, json);
  });

  auto* schema = app.add_subcommand("schema", "the JSON Schema of a config, for editors");
  add_plugin_option(*schema, plugins);
  schema->callback([] {
    commands::load_plugins(plugins);
    commands::schema();
  });

  auto* digest = app.add_subcommand("digest", "the digests of a run's final parameters");
  digest->add_option("dir", folder, "the run's folder")->required();
  digest->callback([] { commands::digest(folder); });
}

int run_program(int argc, char** argv) {
  if (const auto& twins = kith::AnyRegistry::twins(); !twins.empty()) {
    return fail(ExitCode::kBug, "registered twice: " + twins.front());
  }
  CLI::App app("Kith: decentralized learning, from one laptop to a cluster", "kith");
  app.set_version_flag("--version",
                       "kith " + kith::version() + " (" + kith::numeric_platform() + ")");
  app.require_subcommand(1);
  commands::RunArguments arguments;
  for (int i = 0; i < argc; ++i) {
    arguments.command_line += (i > 0 ? " " : "") + std::string(argv[i]);
  }
  add_commands(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help, --version
  } catch (const CLI::ParseError& error) {
    return fail(ExitCode::kUsage,
                "command line: " + std::string(error.what()) + "; see kith --help");
  }
  std::fflush(stdout);
  if (std::ferror(stdout) && !nobody_reads_on()) {
    return fail(ExitCode::kResource, "standard output: cannot be written; is the disk full?");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  kith::catch_signals();
  std::signal(SIGPIPE, SIG_IGN);  // a run outlives whoever watches it
  std::signal(SIGXFSZ, SIG_IGN);  // a write says so too
  try {
    return run_program(argc, argv);
  } catch (const kith::Error& error) {
    return fail(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::kResource, "out of memory; use fewer nodes or a smaller model");
  } catch (const std::length_error&) {
    return fail(ExitCode::kResource, "out of memory; use fewer nodes or a smaller model");
  } catch (const std::system_error& error) {
    return fail(ExitCode::kResource, error.what());
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return fail(ExitCode::kBug, "internal: " + text.substr(0, text.find('\n')));
  }
}
