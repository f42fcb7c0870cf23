#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiment/report/run_group.h"

namespace kith {

/// Sorts runs into groups that differ in their seed only, and calls each by what sets it apart.
std::vector<RunGroup> group_runs(std::vector<FinishedRun> runs);

/// What runs are to reach.
struct Goal {
  std::string metric;  ///< "mean_test_accuracy" or "mean_test_loss"
  double value = 0;
  bool is_loss = false;  ///< at most that value, not at least

  bool is_met(double reached) const { return is_loss ? reached <= value : reached >= value; }

  /// "a test accuracy of 0.9"
  std::string words() const;

  /// Throws InputError when no run has such a metric.
  static Goal of(const std::vector<RunGroup>& groups, double value, bool is_loss);

  /// The best accuracy that every run reached, in four digits; the best loss where there is none.
  /// Throws InputError when the runs have neither in common.
  static Goal common(const std::vector<RunGroup>& groups);
};

/// How long the runs of a group took to reach a goal, by those that did.
struct Reached {
  Spread rounds, bytes, time_s;
  std::size_t count = 0;
  std::vector<const FinishedRun*> never;
};

/// When the goal was first seen to be met, at an evaluated round.
Reached reach(const RunGroup& group, const Goal& goal);

/// The best value of the goal's metric in a run; nothing where it has none.
std::optional<double> best_of(const FinishedRun& run, const Goal& goal);

/// A table of all groups, and below it a sentence for every group of which runs never got there.
Table comparison_table(const std::vector<RunGroup>& groups, const Goal& goal);
std::vector<std::string> never_reached(const std::vector<RunGroup>& groups, const Goal& goal);

/// The same as JSON.
std::string comparison_json(const std::vector<RunGroup>& groups, const Goal& goal);

}  // namespace kith
