#include "experiment/report/comparison.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/error.h"
#include "core/json_object.h"

namespace kith {
namespace {

constexpr char kAccuracy[] = "mean_test_accuracy";
constexpr char kLoss[] = "mean_test_loss";

using Leaves = std::map<std::string, std::string>;

Leaves leaves_of(const FinishedRun& run) {
  Leaves leaves(run.settings.begin(), run.settings.end());
  leaves.erase("/seed");
  return leaves;
}

std::string value_in(const Leaves& leaves, const std::string& path) {
  const auto found = leaves.find(path);
  return found == leaves.end() ? "" : found->second;
}

/// The paths at which not all are alike.
std::set<std::string> differences(const std::vector<Leaves>& all) {
  std::set<std::string> paths;
  for (const Leaves& leaves : all) {
    for (const auto& [path, value] : leaves) {
      const auto is_other = [&](const Leaves& other) { return value_in(other, path) != value; };
      if (std::ranges::any_of(all, is_other)) paths.insert(path);
    }
  }
  return paths;
}

/// Without the options of components that differ in their type already.
std::set<std::string> without_options(const std::set<std::string>& paths) {
  std::set<std::string> kept;
  for (const std::string& path : paths) {
    bool is_option = false;
    for (auto slash = path.rfind('/'); slash != std::string::npos && slash > 0;
         slash = path.rfind('/', slash - 1)) {
      const std::string type = path.substr(0, slash) + "/type";
      is_option = is_option || (type != path && paths.contains(type));
    }
    if (!is_option) kept.insert(path);
  }
  return kept;
}

/// "/training/lr", "0.1" -> "lr=0.1"; a component's type and a run's name speak for themselves.
std::string word_of(const std::string& path, std::string value) {
  if (value.size() > 1 && value.starts_with('"')) value = value.substr(1, value.size() - 2);
  const std::string name = path.substr(path.rfind('/') + 1);
  if (value.empty()) return "no " + name;
  return name == "type" || name == "name" ? value : name + '=' + value;
}

std::vector<std::string> names_by(const std::vector<Leaves>& all,
                                  const std::set<std::string>& paths) {
  std::vector<std::string> names;
  for (const Leaves& leaves : all) {
    std::vector<std::string> words;
    for (const std::string& path : paths) {
      const std::string value = value_in(leaves, path);
      // An option that a component of another type lacks.
      if (!value.empty() || paths.size() == 1) words.push_back(word_of(path, value));
    }
    names.push_back(join(words));
  }
  return names;
}

bool are_unlike(const std::vector<std::string>& names) {
  return std::set<std::string>(names.begin(), names.end()).size() == names.size();
}

/// The shortest of some ways to tell the groups apart.
std::vector<std::string> names_apart(const std::vector<Leaves>& all) {
  const std::set<std::string> paths = differences(all);
  if (paths.contains("/name")) {
    std::vector<std::string> names = names_by(all, {"/name"});
    if (are_unlike(names)) return names;
  }
  std::vector<std::string> names = names_by(all, without_options(paths));
  return are_unlike(names) ? names : names_by(all, paths);
}

bool is_measured(const std::vector<RunGroup>& groups, const Goal& goal) {
  return std::ranges::any_of(groups, [&](const RunGroup& group) {
    return std::ranges::any_of(
        group.runs, [&](const FinishedRun& run) { return best_of(run, goal).has_value(); });
  });
}

const Milestone* first_met(const FinishedRun& run, const Goal& goal) {
  const auto found = std::ranges::find_if(run.milestones, [&](const Milestone& milestone) {
    const std::optional<double> value = milestone.value(goal.metric);
    return value && goal.is_met(*value);
  });
  return found == run.milestones.end() ? nullptr : &*found;
}

/// What every run reached; nothing where one has no such metric.
std::optional<double> common_best(const std::vector<RunGroup>& groups, const Goal& goal) {
  std::optional<double> common;
  for (const RunGroup& group : groups) {
    for (const FinishedRun& run : group.runs) {
      const std::optional<double> best = best_of(run, goal);
      if (!best) return std::nullopt;
      common = !common ? *best : goal.is_loss ? std::max(*common, *best) : std::min(*common, *best);
    }
  }
  return common;
}

/// `value` in four digits, where that is a goal that `value` meets; else the next such number.
double rounded(double value, const Goal& goal) {
  constexpr int kDigits = 4;
  const auto in_digits = [](double number) { return std::stod(significant(number, kDigits)); };
  Goal near = goal;
  near.value = in_digits(value);
  if (!std::isfinite(value) || near.is_met(value)) return near.value;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(value))) + 1 - kDigits);
  return in_digits(near.value + (goal.is_loss ? unit : -unit));
}

std::string spread_json(const Spread& spread) {
  if (spread.count == 0) return "null";
  JsonObject json;
  json.add("mean", spread.mean);
  return (spread.count > 1 ? json.add("std", spread.deviation) : json.raw("std", "null")).str();
}

}  // namespace

std::vector<RunGroup> group_runs(std::vector<FinishedRun> runs) {
  std::vector<RunGroup> groups;
  std::vector<Leaves> keys;
  for (FinishedRun& run : runs) {
    Leaves leaves = leaves_of(run);
    const auto same = std::ranges::find(keys, leaves) - keys.begin();
    if (same == std::ssize(keys)) {
      keys.push_back(std::move(leaves));
      groups.emplace_back();
    }
    RunGroup& group = groups[static_cast<std::size_t>(same)];
    group.panel = run.name;
    ++group.planned;
    group.runs.push_back(std::move(run));
  }
  if (groups.size() < 2) return groups;
  const std::vector<std::string> names = names_apart(keys);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i].panel = groups.front().panel;
    groups[i].name = names[i];
  }
  return groups;
}

std::string Goal::words() const {
  return std::string("a test ") + (is_loss ? "loss" : "accuracy") + " of " + significant(value, 6);
}

Goal Goal::of(const std::vector<RunGroup>& groups, double value, bool is_loss) {
  Goal goal{is_loss ? kLoss : kAccuracy, value, is_loss};
  if (is_measured(groups, goal)) return goal;
  throw InputError(std::string("none of the runs has a test ") +
                   (is_loss ? "loss" : "accuracy; --to-loss may help"));
}

Goal Goal::common(const std::vector<RunGroup>& groups) {
  for (Goal goal : {Goal{kAccuracy, 0, false}, Goal{kLoss, 0, true}}) {
    const std::optional<double> best = common_best(groups, goal);
    if (!best) continue;
    goal.value = rounded(*best, goal);
    return goal;
  }
  throw InputError(
      "the runs have neither a test accuracy nor a test loss in common; see evaluation.on");
}

std::optional<double> best_of(const FinishedRun& run, const Goal& goal) {
  std::optional<double> best;
  for (const Milestone& milestone : run.milestones) {
    const std::optional<double> value = milestone.value(goal.metric);
    if (!value) continue;
    if (!best || (goal.is_loss ? *value < *best : *value > *best)) best = value;
  }
  return best;
}

Reached reach(const RunGroup& group, const Goal& goal) {
  Reached reached;
  std::vector<double> rounds, bytes, times;
  for (const FinishedRun& run : group.runs) {
    const Milestone* const milestone = first_met(run, goal);
    if (!milestone) {
      reached.never.push_back(&run);
      continue;
    }
    rounds.push_back(static_cast<double>(milestone->round));
    bytes.push_back(milestone->value("total_bytes_sent").value_or(0));
    times.push_back(milestone->time_s);
  }
  reached.rounds = Spread(rounds);
  reached.bytes = Spread(bytes);
  reached.time_s = Spread(times);
  reached.count = rounds.size();
  return reached;
}

Table comparison_table(const std::vector<RunGroup>& groups, const Goal& goal) {
  Table table{{"", "reached", "rounds", "sent", "time [s]", "best", "last"}, {}};
  const std::vector<std::string> names = names_of(groups);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Reached reached = reach(groups[i], goal);
    std::vector<double> best;
    for (const FinishedRun& run : groups[i].runs) {
      if (const auto value = best_of(run, goal)) best.push_back(*value);
    }
    const auto value_text = [&](const Spread& spread) {
      return goal.is_loss ? short_spread_text(spread) : spread_text(spread, 4);
    };
    table.rows.push_back(
        {names[i], std::to_string(reached.count) + " of " + std::to_string(groups[i].runs.size()),
         spread_text(reached.rounds, 1),
         reached.count > 0 ? bytes_text(reached.bytes.mean) : kNothing,
         short_spread_text(reached.time_s), value_text(Spread(best)),
         value_text(groups[i].last(goal.metric))});
  }
  return table;
}

std::vector<std::string> never_reached(const std::vector<RunGroup>& groups, const Goal& goal) {
  std::vector<std::string> sentences;
  const std::vector<std::string> names = names_of(groups);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::vector<std::string> runs;
    for (const FinishedRun* run : reach(groups[i], goal).never) {
      const std::optional<double> best = best_of(*run, goal);
      runs.push_back(run->folder.string() +
                     (best ? " (best: " + significant(*best, 4) + ')' : " (not measured)"));
    }
    if (!runs.empty()) sentences.push_back(names[i] + ": never reached in " + join(runs));
  }
  return sentences;
}

std::string comparison_json(const std::vector<RunGroup>& groups, const Goal& goal) {
  const std::vector<std::string> names = names_of(groups);
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Reached reached = reach(groups[i], goal);
    rows.push_back(JsonObject()
                       .add("name", names[i])
                       .add("runs", groups[i].runs.size())
                       .add("reached", reached.count)
                       .raw("rounds", spread_json(reached.rounds))
                       .raw("bytes", spread_json(reached.bytes))
                       .raw("time_s", spread_json(reached.time_s))
                       .raw("last", spread_json(groups[i].last(goal.metric)))
                       .str());
  }
  return JsonObject()
      .add("metric", goal.metric)
      .add("goal", goal.value)
      .raw("groups", json_array(rows, [](const std::string& row) { return row; }))
      .str();
}

}  // namespace kith
