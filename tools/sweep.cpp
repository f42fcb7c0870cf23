#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <thread>

#include "commands.h"
#include "core/error.h"
#include "core/text.h"
#include "experiment/report/run_group.h"
#include "experiment/signals.h"
#include "experiment/sweep/crew.h"
#include "experiment/sweep/sweep_folder.h"
#include "experiment/sweep/sweep_plan.h"
#include "experiment/sweep/sweep_report.h"

namespace kith::commands {
namespace {

namespace fs = std::filesystem;

SweepConfig read_sweep(const SweepArguments& arguments) {
  SweepConfig sweep = SweepConfig::read(arguments.files);
  for (const std::string& text : arguments.varied) {
    Variation variation = variation_of(text);
    std::erase_if(sweep.vary.all, [&](const Variation& v) { return v.path == variation.path; });
    sweep.vary.all.push_back(std::move(variation));
  }
  if (!arguments.seeds.empty()) {
    try {
      sweep.seeds = seeds_of(arguments.seeds);
    } catch (const ConfigError& error) {
      throw ConfigError(std::string("command line: --seeds: ") + error.what());
    }
  }
  return sweep;
}

/// How many runs at once, on how many threads each.
struct Share {
  int jobs, threads;

  Share(const SweepArguments& arguments, std::size_t runs) {
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    jobs = arguments.jobs > 0      ? arguments.jobs
           : arguments.threads > 0 ? std::max(1, cores / arguments.threads)
                                   : cores;
    jobs = static_cast<int>(std::min(std::size_t(jobs), std::max<std::size_t>(1, runs)));
    threads = arguments.threads > 0 ? arguments.threads : std::max(1, cores / jobs);
  }
};

/// Runs what is missing of a sweep.
class Sweep {
 public:
  Sweep(SweepPlan plan, const SweepFolder& folder, bool is_quiet)
      : plan_(std::move(plan)), folder_(folder), is_quiet_(is_quiet) {
    for (std::size_t i = 0; i < plan_.runs.size(); ++i) {
      if (!folder_.has(plan_.runs[i])) missing_.push_back(i);
    }
  }

  void run(const SweepArguments& arguments) {
    const Share share(arguments, missing_.size());
    say(count_of(plan_.runs.size(), "run") + " in " + folder_.path().string() + ", " +
        std::to_string(plan_.runs.size() - missing_.size()) + " of them done before; " +
        std::to_string(share.jobs) + " at once, " +
        count_of(std::uint64_t(share.threads), "thread") + " each");
    Crew::Settings settings;
    settings.at_once = share.jobs;
    settings.pending_signal = caught_signal;
    settings.ended = [this](std::size_t k, const Crew::End& end) { note(missing_[k], end); };
    try {
      Crew(settings).run(commands(share.threads));
    } catch (const Error& error) {
      if (caught_signal() == 0) throw;
      throw Error(error.code(), std::string(error.what()) + " with " + std::to_string(done_now_) +
                                    " more runs done; the same command goes on from there");
    }
  }

  /// By run its folder; "" where it has failed.
  std::vector<fs::path> folders() const {
    std::vector<fs::path> folders;
    for (std::size_t i = 0; i < plan_.runs.size(); ++i) {
      folders.push_back(failures_.contains(i) ? fs::path() : folder_.path_of(plan_.runs[i]));
    }
    return folders;
  }

  const SweepPlan& plan() const { return plan_; }

  /// Throws when a run has failed, with the exit code of the first that did.
  void conclude() const {
    if (failures_.empty()) return;
    constexpr std::size_t kMostTold = 3;
    std::string text =
        std::to_string(failures_.size()) + " of " + count_of(plan_.runs.size(), "run") + " failed";
    std::size_t told = 0;
    for (const auto& [run, failure] : failures_) {
      if (told == kMostTold) break;
      text += (told++ == 0 ? ": " : "; ") + plan_.runs[run].name + ": " + failure.why;
    }
    if (told < failures_.size())
      text += "; and " + std::to_string(failures_.size() - told) + " more";
    throw Error(failures_.begin()->second.code, text + "; the same command tries them again");
  }

 private:
  struct Failure {
    ExitCode code;
    std::string why;
  };

  std::vector<std::vector<std::string>> commands(int threads) const {
    const std::string program = fs::read_symlink("/proc/self/exe").string();
    std::vector<std::vector<std::string>> commands;
    for (const std::size_t i : missing_) {
      const PlannedRun& run = plan_.runs[i];
      commands.push_back({program, "run", folder_.prepare(run).string(), "--out",
                          folder_.path_of(run).string(), "--threads", std::to_string(threads),
                          "--quiet"});
    }
    return commands;
  }

  void note(std::size_t i, const Crew::End& end) {
    const PlannedRun& run = plan_.runs[i];
    if (end.status == 0 && folder_.has(run)) {
      ++done_now_;
      say(run.name + ": done in " + duration_text(end.time_s));
      return;
    }
    const Failure failure = failure_of(end);
    failures_.emplace(i, failure);
    say(run.name + ": failed: " + failure.why);
  }

  static Failure failure_of(const Crew::End& end) {
    if (end.status < 0) {
      const std::string signal = std::to_string(-end.status) + " (" + strsignal(-end.status) + ')';
      return {ExitCode::kResource, "was killed by signal " + signal};
    }
    if (end.status == 0) return {ExitCode::kBug, "left no summary of this config"};
    const bool is_ours = end.status <= static_cast<int>(ExitCode::kDevice);
    return {is_ours ? static_cast<ExitCode>(end.status) : ExitCode::kBug,
            end.error.empty() ? "exit code " + std::to_string(end.status) : end.error};
  }

  void say(const std::string& line) const {
    if (is_quiet_) return;
    std::printf("%s\n", one_line(line).c_str());
    std::fflush(stdout);
  }

  SweepPlan plan_;
  const SweepFolder& folder_;
  bool is_quiet_;
  std::vector<std::size_t> missing_;
  std::map<std::size_t, Failure> failures_;
  int done_now_ = 0;
};

struct NamedAbscissa {
  const char* name;
  Abscissa abscissa;
};
constexpr NamedAbscissa kAbscissas[] = {
    {"round", Abscissa::kRound}, {"bytes", Abscissa::kBytes}, {"seconds", Abscissa::kSeconds}};

struct NamedMetric {
  const char* name;
  const char* record;
};
constexpr NamedMetric kMetrics[] = {{"accuracy", "mean_test_accuracy"},
                                    {"loss", "mean_test_loss"},
                                    {"consensus", "consensus_distance"}};

/// accuracy-round.svg and its like: every metric that was recorded over every x that is wished.
std::vector<std::string> write_curves(const SweepFolder& folder,
                                      const std::vector<RunGroup>& groups, const std::string& x) {
  std::vector<std::string> names;
  for (const auto& [metric, record] : kMetrics) {
    for (const auto& [word, abscissa] : kAbscissas) {
      if (!x.empty() && x != word) continue;
      const Chart chart = curves_of(groups, record, abscissa);
      if (chart.panels.empty()) continue;
      names.push_back(std::string(metric) + '-' + word + ".svg");
      folder.write(names.back(), chart.svg());
    }
  }
  return names;
}

}  // namespace

void sweep(const SweepArguments& arguments) {
  const SweepConfig config = read_sweep(arguments);
  SweepPlan plan = SweepPlan::make(config, arguments.files.front(), arguments.settings);
  const SweepFolder folder(arguments.out.empty() ? fs::path("runs") / plan.name
                                                 : fs::path(arguments.out));
  stop_cleanly();
  Sweep sweep(std::move(plan), folder, arguments.quiet);
  sweep.run(arguments);
  const SweepReport report(sweep.plan(), sweep.folders());
  const Table table = final_table(report.groups);
  folder.write("table.txt", table.text());
  folder.write("table.tex", table.latex());
  folder.write("metrics.csv", report.csv);
  const std::vector<std::string> curves = write_curves(folder, report.groups, arguments.abscissa);
  if (!arguments.quiet) {
    std::printf("\n%s\nIn %s: table.tex, metrics.csv%s%s\n", table.text().c_str(),
                folder.path().c_str(), curves.empty() ? "" : ", ", join(curves).c_str());
  }
  sweep.conclude();
}

}  // namespace kith::commands
