#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/report/chart.h"
#include "experiment/report/finished_run.h"
#include "experiment/report/spread.h"
#include "experiment/report/table.h"

namespace kith {

/// Finished runs that differ in their seed only.
struct RunGroup {
  std::string panel;  ///< what it stands beside: runs of one config are compared in one picture
  std::string name;   ///< "" where its panel says all
  std::vector<FinishedRun> runs;
  std::size_t planned = 0;  ///< how many there should be

  /// Of the last values of that name; without the runs that have none.
  Spread last(std::string_view metric) const;
};

/// "quickstart, choco", or without the panel where all groups stand in one.
std::vector<std::string> names_of(const std::vector<RunGroup>& groups);

/// What each group reached at its end: accuracy, loss, consensus distance, rounds, bytes, time.
Table final_table(const std::vector<RunGroup>& groups);

/// What the x axis of curves counts.
enum class Abscissa : std::uint8_t { kRound, kBytes, kSeconds };

/// The values of `metric` in every group over its rounds, its bytes or its time: mean ± standard
/// deviation over the runs at every evaluated round, whose bytes and times are averaged too.
/// Without panels where no run has such values.
Chart curves_of(const std::vector<RunGroup>& groups, std::string_view metric, Abscissa abscissa);

}  // namespace kith
