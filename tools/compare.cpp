#include <cstdio>
#include <filesystem>
#include <set>

#include "commands.h"
#include "core/error.h"
#include "core/text.h"
#include "experiment/report/comparison.h"

namespace kith::commands {
namespace {

namespace fs = std::filesystem;

/// The runs that the folders hold. One that is named must be finished; one that only lies in a
/// named folder may be left out.
std::vector<FinishedRun> read_runs(const std::vector<std::string>& folders) {
  std::vector<FinishedRun> runs;
  std::set<fs::path> known;
  for (const std::string& folder : folders) {
    for (const fs::path& path : run_folders(folder)) {
      if (!known.insert(fs::weakly_canonical(path)).second) continue;
      if (path != fs::path(folder) && !is_finished(path)) {
        std::fprintf(stderr, "left out: %s did not finish\n", path.c_str());
        continue;
      }
      runs.push_back(FinishedRun::read(path));
    }
  }
  if (runs.empty()) throw InputError(folders.front() + ": holds no finished run");
  return runs;
}

Goal goal_of(const CompareArguments& arguments, const std::vector<RunGroup>& groups) {
  if (arguments.accuracy) return Goal::of(groups, *arguments.accuracy, false);
  if (arguments.loss) return Goal::of(groups, *arguments.loss, true);
  return Goal::common(groups);
}

}  // namespace

void compare(const CompareArguments& arguments) {
  const std::vector<RunGroup> groups = group_runs(read_runs(arguments.folders));
  const Goal goal = goal_of(arguments, groups);
  if (arguments.json) {
    std::fputs(json_pretty(comparison_json(groups, goal)).c_str(), stdout);
    return;
  }
  const Table table = comparison_table(groups, goal);
  if (arguments.latex) {
    std::fputs(table.latex().c_str(), stdout);
    return;
  }
  const bool is_given = arguments.accuracy || arguments.loss;
  std::printf("To %s%s:\n\n%s", goal.words().c_str(), is_given ? "" : ", which every run reached",
              table.text().c_str());
  const std::vector<std::string> sentences = never_reached(groups, goal);
  if (!sentences.empty()) std::puts("");
  for (const std::string& sentence : sentences) std::puts(sentence.c_str());
}

}  // namespace kith::commands
