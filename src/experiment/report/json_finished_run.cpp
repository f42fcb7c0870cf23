#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"
#include "core/file_check.h"
#include "core/json_depth.h"
#include "core/json_leaves.h"
#include "experiment/report/finished_run.h"

namespace kith {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr char kConfig[] = "config.json";
constexpr char kSummary[] = "summary.json";
constexpr char kMetrics[] = "metrics-0.jsonl";

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// The object that `text` holds, or nothing. What a damaged file holds must not end the program.
std::optional<json> object_of(const std::string& text) {
  try {
    json parsed = json::parse(text, limit_depth);
    if (parsed.is_object()) return parsed;
  } catch (const std::exception&) {
  }
  return std::nullopt;
}

json read_object(const fs::path& file) {
  if (const auto reason = why_unreadable(file, "file of a run")) {
    throw InputError(file.string() + ": " + *reason);
  }
  auto object = object_of(text_of(file));
  if (!object) throw InputError(file.string() + ": is damaged: not a JSON object");
  return *std::move(object);
}

std::string status_of(const json& summary) {
  const auto status = summary.find("status");
  return status != summary.end() && status->is_string() ? status->get<std::string>() : "unknown";
}

Milestone milestone_of(const json& record) {
  Milestone milestone;
  for (const auto& [name, value] : record.items()) {
    if (!value.is_number()) continue;
    if (name == "round")
      milestone.round = value.get<std::int64_t>();
    else if (name == "time_s")
      milestone.time_s = value.get<double>();
    else
      milestone.values.emplace_back(name, value.get<double>());
  }
  return milestone;
}

/// The records of process 0 about the network; those about single nodes are skipped unread.
std::vector<Milestone> read_milestones(const fs::path& file) {
  if (const auto reason = why_unreadable(file, "file of metrics")) {
    throw InputError(file.string() + ": " + *reason);
  }
  std::vector<Milestone> milestones;
  std::ifstream stream(file);
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (line.find("\"network\"") == std::string::npos) continue;
    const auto record = object_of(line);
    if (!record) {
      throw InputError(file.string() + ": line " + std::to_string(number) +
                       " is damaged: not a JSON object");
    }
    if (record->value("event", json()) == "network") milestones.push_back(milestone_of(*record));
  }
  if (milestones.empty()) throw InputError(file.string() + ": holds no record of the network");
  return milestones;
}

}  // namespace

std::optional<double> Milestone::value(std::string_view name) const {
  const auto found = std::ranges::find(values, name, &std::pair<std::string, double>::first);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

bool is_finished(const fs::path& folder) {
  if (why_unreadable(folder / kSummary, "summary")) return false;
  const auto summary = object_of(text_of(folder / kSummary));
  return summary && status_of(*summary) == "done";
}

FinishedRun FinishedRun::read(const fs::path& folder) {
  const fs::path file = folder / kSummary;
  if (why_unreadable(file, "summary")) {
    throw InputError(file.string() + ": cannot be read; is it the folder of a finished run?");
  }
  const json summary = read_object(file);
  const json config = read_object(folder / kConfig);
  if (const std::string status = status_of(summary); status != "done") {
    throw InputError(file.string() + ": the run did not finish (status: " + status + ")");
  }
  FinishedRun run;
  run.folder = folder;
  try {
    run.name = config.at("name").get<std::string>();
    run.seed = config.at("seed").get<std::int64_t>();
    run.wall_time_s = summary.at("wall_time_s").get<double>();
    run.settings = json_leaves(config.dump());
  } catch (const json::exception&) {
    throw InputError(folder.string() + ": config.json or summary.json lacks what every run writes");
  }
  run.milestones = read_milestones(folder / kMetrics);
  return run;
}

std::vector<fs::path> run_folders(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / kConfig, error) || fs::exists(folder / kSummary, error)) return {folder};
  std::vector<fs::path> found;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    // A sweep keeps what it replaced as "<name>.old".
    const bool is_old = it->path().extension().string().starts_with(".old");
    if (!is_old && fs::exists(it->path() / kSummary, error)) found.push_back(it->path());
  }
  const fs::path runs = folder / "runs";  // of a sweep
  if (found.empty() && fs::is_directory(runs, error)) return run_folders(runs);
  if (found.empty()) {
    throw InputError(folder.string() + ": holds no run; name the folder of a run or of a sweep");
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace kith
