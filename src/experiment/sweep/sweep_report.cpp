#include "experiment/sweep/sweep_report.h"

#include <algorithm>
#include <set>

#include "core/text.h"

namespace kith {
namespace {

std::string csv_row(const std::vector<std::string>& cells) {
  std::string row;
  for (std::size_t i = 0; i < cells.size(); ++i) row += (i > 0 ? "," : "") + csv_cell(cells[i]);
  return row + '\n';
}

/// A run, and what it left.
struct Reported {
  const PlannedRun& plan;
  FinishedRun run;
};

/// Every number that any run recorded, by name.
std::vector<std::string> metrics_of(const std::vector<Reported>& all) {
  std::set<std::string> names;
  for (const Reported& reported : all) {
    for (const Milestone& milestone : reported.run.milestones) {
      for (const auto& [name, value] : milestone.values) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

std::string csv_of(const SweepPlan& plan, const std::vector<Reported>& all) {
  const std::vector<std::string> metrics = metrics_of(all);
  std::vector<std::string> header{"run"};
  header.insert(header.end(), plan.axes.begin(), plan.axes.end());
  header.insert(header.end(), {"round", "time_s"});
  header.insert(header.end(), metrics.begin(), metrics.end());
  std::string csv = csv_row(header);
  for (const Reported& reported : all) {
    for (const Milestone& milestone : reported.run.milestones) {
      std::vector<std::string> row{reported.plan.name};
      row.insert(row.end(), reported.plan.labels.begin(), reported.plan.labels.end());
      row.insert(row.end(), {std::to_string(milestone.round), json_number(milestone.time_s)});
      for (const std::string& metric : metrics) {
        const std::optional<double> value = milestone.value(metric);
        row.push_back(value ? json_number(*value) : "");
      }
      csv += csv_row(row);
    }
  }
  return csv;
}

RunGroup& group_of(std::vector<RunGroup>& groups, const PlannedRun& run) {
  for (RunGroup& group : groups) {
    if (group.panel == run.panel && group.name == run.group) return group;
  }
  return groups.emplace_back(RunGroup{run.panel, run.group, {}, 0});
}

}  // namespace

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + '"';
}

SweepReport::SweepReport(const SweepPlan& plan, const std::vector<std::filesystem::path>& folders) {
  std::vector<Reported> all;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    RunGroup& group = group_of(groups, plan.runs[i]);
    ++group.planned;
    if (folders[i].empty()) continue;
    all.push_back({plan.runs[i], FinishedRun::read(folders[i])});
    group.runs.push_back(all.back().run);
  }
  csv = csv_of(plan, all);
}

}  // namespace kith
