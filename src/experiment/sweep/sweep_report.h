#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment/report/run_group.h"
#include "experiment/sweep/sweep_plan.h"

namespace kith {

/// What the finished runs of a sweep amount to. `folders` are by run; "" for those that failed.
struct SweepReport {
  std::vector<RunGroup> groups;  ///< in the order of the plan
  std::string csv;               ///< a line for every run and evaluated round

  SweepReport(const SweepPlan& plan, const std::vector<std::filesystem::path>& folders);
};

/// A cell of a comma-separated table, in quotes where it must be.
std::string csv_cell(const std::string& text);

}  // namespace kith
