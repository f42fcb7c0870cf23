#include "experiment/report/run_group.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace kith {
namespace {

constexpr char kAccuracy[] = "mean_test_accuracy";
constexpr char kLoss[] = "mean_test_loss";
constexpr char kBytes[] = "total_bytes_sent";

Spread wall_times(const std::vector<FinishedRun>& runs) {
  std::vector<double> times;
  for (const FinishedRun& run : runs) times.push_back(run.wall_time_s);
  return Spread(times);
}

/// How many milestones all runs share, by round.
std::size_t common_length(const std::vector<FinishedRun>& runs) {
  std::size_t length = runs.empty() ? 0 : runs.front().milestones.size();
  for (const FinishedRun& run : runs) {
    const auto& own = run.milestones;
    const auto& first = runs.front().milestones;
    std::size_t same = 0;
    while (same < std::min(length, own.size()) && own[same].round == first[same].round) ++same;
    length = same;
  }
  return length;
}

double where(const Milestone& milestone, Abscissa abscissa) {
  if (abscissa == Abscissa::kRound) return static_cast<double>(milestone.round);
  if (abscissa == Abscissa::kSeconds) return milestone.time_s;
  return milestone.value(kBytes).value_or(0);
}

Curve curve_of(const RunGroup& group, std::string_view metric, Abscissa abscissa) {
  Curve curve;
  for (std::size_t i = 0; i < common_length(group.runs); ++i) {
    std::vector<double> places, values;
    for (const FinishedRun& run : group.runs) {
      const std::optional<double> value = run.milestones[i].value(metric);
      if (!value) continue;
      places.push_back(where(run.milestones[i], abscissa));
      values.push_back(*value);
    }
    if (values.empty()) continue;
    const Spread spread(values);
    curve.x.push_back(Spread(places).mean);
    curve.mean.push_back(spread.mean);
    curve.deviation.push_back(spread.deviation);
  }
  return curve;
}

/// The largest unit of bytes in which the longest curve is more than 1.
std::pair<double, const char*> unit_of(const Chart& chart) {
  double most = 0;
  for (const Panel& panel : chart.panels) {
    for (const Curve& curve : panel.curves) {
      for (const double x : curve.x) most = std::max(most, x);
    }
  }
  static constexpr std::array kUnits{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  double size = 1;
  for (; unit + 1 < kUnits.size() && most > 1024 * size; ++unit) size *= 1024;
  return {size, kUnits[unit]};
}

void count_in_units(Chart& chart) {
  const auto [size, name] = unit_of(chart);
  for (Panel& panel : chart.panels) {
    for (Curve& curve : panel.curves) {
      for (double& x : curve.x) x /= size;
    }
  }
  chart.x_label = std::string("sent by all nodes [") + name + ']';
}

/// "mean_test_accuracy" -> "test accuracy"
std::string words_of(std::string_view metric) {
  if (metric.starts_with("mean_")) metric.remove_prefix(std::string_view("mean_").size());
  std::string words(metric);
  std::ranges::replace(words, '_', ' ');
  return words;
}

}  // namespace

Spread RunGroup::last(std::string_view metric) const {
  std::vector<double> values;
  for (const FinishedRun& run : runs) {
    if (const auto value = run.last().value(metric)) values.push_back(*value);
  }
  return Spread(values);
}

std::vector<std::string> names_of(const std::vector<RunGroup>& groups) {
  const bool has_panels = std::ranges::any_of(
      groups, [&](const RunGroup& group) { return group.panel != groups.front().panel; });
  std::vector<std::string> names;
  for (const auto& [panel, name, runs, planned] : groups) {
    names.push_back(name.empty() ? panel : has_panels ? panel + ", " + name : name);
  }
  return names;
}

Table final_table(const std::vector<RunGroup>& groups) {
  const auto any_has = [&](std::string_view metric) {
    return std::ranges::any_of(groups,
                               [&](const RunGroup& group) { return group.last(metric).count > 0; });
  };
  const bool has_accuracy = any_has(kAccuracy), has_loss = any_has(kLoss);
  Table table{{"", "runs"}, {}};
  if (has_accuracy) table.header.emplace_back("test accuracy");
  if (has_loss) table.header.emplace_back("test loss");
  for (const char* word : {"consensus distance", "rounds", "sent", "wall time [s]"}) {
    table.header.emplace_back(word);
  }
  const std::vector<std::string> names = names_of(groups);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const RunGroup& group = groups[i];
    const std::size_t done = group.runs.size();
    const std::string of = done < group.planned ? " of " + std::to_string(group.planned) : "";
    auto& row = table.rows.emplace_back();
    row.push_back(names[i]);
    row.push_back(std::to_string(done) + of);
    if (has_accuracy) row.push_back(spread_text(group.last(kAccuracy), 4));
    if (has_loss) row.push_back(short_spread_text(group.last(kLoss)));
    row.push_back(short_spread_text(group.last("consensus_distance")));
    row.push_back(done > 0 ? std::to_string(group.runs.front().last().round) : kNothing);
    const Spread bytes = group.last(kBytes);
    row.push_back(bytes.count > 0 ? bytes_text(bytes.mean) : kNothing);
    row.push_back(short_spread_text(wall_times(group.runs)));
  }
  return table;
}

Chart curves_of(const std::vector<RunGroup>& groups, std::string_view metric, Abscissa abscissa) {
  Chart chart;
  chart.y_label = words_of(metric);
  chart.x_label = abscissa == Abscissa::kRound ? "round" : "time [s]";
  for (const RunGroup& group : groups) {
    Curve curve = curve_of(group, metric, abscissa);
    if (curve.x.empty()) continue;
    auto panel = std::ranges::find(chart.panels, group.panel, &Panel::title);
    if (panel == chart.panels.end()) {
      chart.panels.push_back({group.panel, {}});
      panel = chart.panels.end() - 1;
    }
    curve.name = group.name.empty() ? group.panel : group.name;
    panel->curves.push_back(std::move(curve));
  }
  if (abscissa == Abscissa::kBytes) count_in_units(chart);
  chart.title = chart.y_label + " by " + chart.x_label;
  return chart;
}

}  // namespace kith
