#pragma once

#include <string>
#include <utility>
#include <vector>

#include "experiment/report/finished_run.h"
#include "support/folder.h"

namespace kith {

/// A run that reached these accuracies, one every ten rounds, a second and 1,000 bytes each.
inline FinishedRun run_with(std::int64_t seed, const std::vector<double>& accuracies,
                            std::vector<std::pair<std::string, std::string>> settings = {}) {
  FinishedRun run;
  run.folder = "runs/" + std::to_string(seed);
  run.name = "made-up";
  run.seed = seed;
  run.wall_time_s = 10;
  run.settings = std::move(settings);
  run.settings.emplace_back("/seed", std::to_string(seed));
  for (std::size_t i = 0; i < accuracies.size(); ++i) {
    const auto step = static_cast<double>(i);
    run.milestones.push_back(
        {static_cast<std::int64_t>(10 * i),
         step,
         {{"mean_test_accuracy", accuracies[i]}, {"total_bytes_sent", 1000 * step}}});
  }
  return run;
}

/// Writes the files of a run that came to its end.
inline std::filesystem::path write_run(const TestFolder& folder, const std::string& name,
                                       const std::string& metrics,
                                       const std::string& status = "done") {
  folder.write(name + "/config.json",
               R"({"name": "made-up", "seed": 3, "graph": {"type": "ring"}})");
  folder.write(name + "/summary.json", R"({"status": ")" + status + R"(", "wall_time_s": 2.5})");
  folder.write(name + "/metrics-0.jsonl", metrics);
  return folder.path() / name;
}

}  // namespace kith
