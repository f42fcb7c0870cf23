#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <thread>

#include "communication/launched.h"
#include "core/text.h"
#include "experiment/digest.h"
#include "experiment/environment.h"
#include "experiment/experiment.h"
#include "experiment/lifeline.h"
#include "experiment/plan.h"
#include "experiment/signals.h"
#include "read_config.h"

namespace kith::commands {

namespace {

/// All that this process may use, or its share where several run on this machine.
int threads_of(const RunArguments& arguments, const std::optional<Launched>& launched) {
  if (arguments.threads > 0) return arguments.threads;
  const int here = launched ? launched->local_processes : 1;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / here);
}

/// Which process this is, of how many.
Seat seat_of(const RunArguments& arguments, const RunConfig& config,
             const std::optional<Launched>& launched) {
  if (launched) return {launched->process, launched->processes, launched->local_process};
  const Mapping::Common& mapping = config.mapping.common();
  const auto processes = static_cast<int>(mapping.processes());
  if (config.communication.type() == "inproc") return {0, 1};
  int process = arguments.process;
  if (arguments.machine >= 0 && mapping.processes_per_machine == 1) process = arguments.machine;
  if (process < 0 && processes > 1) {
    throw ConfigError(
        "this config has " + std::to_string(processes) +
        " processes: start them with `kith launch`, or each with --process or --machine");
  }
  if (process >= processes) {
    throw ConfigError("there is no process " + std::to_string(process) + "; the config has " +
                      std::to_string(processes) + " (mapping.machines x processes_per_machine)");
  }
  return {std::max(0, process), processes};
}

/// The experiment of a config. Components say where in a config they are wrong, "/graph: …", but
/// not in which.
Experiment make_experiment(const RunArguments& arguments, RunConfig config) {
  const std::optional<Launched> launched = Launched::from_environment();
  const Seat seat = seat_of(arguments, config, launched);
  try {
    return Experiment(std::move(config), threads_of(arguments, launched), seat);
  } catch (const Error& error) {
    const std::string message = error.what();
    throw Error(error.code(),
                message.starts_with('/') ? arguments.config + ": " + message : message);
  }
}

LiveView::Mode mode_of(const RunArguments& arguments) {
  if (arguments.quiet) return LiveView::Mode::kQuiet;
  return isatty(STDOUT_FILENO) ? LiveView::Mode::kTerminal : LiveView::Mode::kLines;
}

void print_closing(const Experiment& experiment, const Experiment::Outcome& outcome,
                   const std::filesystem::path& folder) {
  const NetworkView& network = outcome.network;
  const RunConfig& config = experiment.config();
  const auto words = [](std::int64_t count, const char* noun) {
    return count_of(static_cast<std::uint64_t>(count), noun);
  };
  std::printf("\n%s talked to their neighbors in %s, in %s (graph: %s).\n",
              words(config.nodes, "node").c_str(), words(config.rounds, "round").c_str(),
              duration_text(outcome.wall_s).c_str(), config.graph.type().c_str());
  if (network.accuracy_mean) {
    std::printf("Their models classify %.1f %% of the test samples right, ± %.1f between nodes.\n",
                100 * *network.accuracy_mean, 100 * network.accuracy_std);
  }
  std::printf("They sent %s; their consensus distance is %.2e (0: all models are equal).\n",
              bytes_text(static_cast<double>(network.bytes_sent)).c_str(),
              network.consensus_distance);
  std::printf("Results: %s (metrics-0.jsonl, summary.json, final/). Digest: %s\n", folder.c_str(),
              hex(outcome.digest).c_str());
}

/// The run's folder. Where it cannot be made the others shall know why.
RunDirectory make_directory(Experiment& experiment, const std::filesystem::path& folder) {
  try {
    return RunDirectory(folder, experiment.process());
  } catch (const Error& error) {
    experiment.give_up(error.what());
    throw;
  }
}

}  // namespace

void run(const RunArguments& arguments) {
  Launched::hear_launcher();
  const std::optional<Launched> launched = Launched::from_environment();
  if (launched && launched->lifeline >= 0) follow_launcher(launched->lifeline);
  RunConfig config = read_config(arguments);
  if (!launched && arguments.machine >= 0 && config.mapping.common().processes_per_machine > 1) {
    return run_machine(arguments);
  }
  Experiment experiment = make_experiment(arguments, std::move(config));
  const std::filesystem::path wished = arguments.out.empty()
                                           ? new_run_folder(experiment.config().name)
                                           : std::filesystem::path(arguments.out);
  stop_cleanly();
  const std::filesystem::path folder = experiment.join(wished.string());
  const RunDirectory directory = make_directory(experiment, folder);
  const Experiment::Outcome outcome =
      experiment.run(directory, {mode_of(arguments), arguments.command_line});
  if (!arguments.quiet && experiment.process() == 0) print_closing(experiment, outcome, folder);
}

void check(const RunArguments& given) {
  RunArguments arguments = given;
  arguments.process = std::max(0, arguments.process);  // any will do: the plan is the same
  const Experiment experiment = make_experiment(arguments, read_config(arguments));
  const Plan plan = make_plan(experiment);
  std::fputs(arguments.json ? json_pretty(plan_json(experiment, plan)).c_str()
                            : plan_text(experiment, plan).c_str(),
             stdout);
}

}  // namespace kith::commands
