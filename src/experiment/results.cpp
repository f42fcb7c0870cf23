#include "experiment/results.h"

#include <map>

#include "core/error.h"
#include "core/text.h"
#include "experiment/remote_command.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

/// Whether a process's log is here: the first thing it writes.
bool is_here(const fs::path& folder, std::size_t process) {
  return fs::exists(folder / ("log-" + std::to_string(process) + ".txt"));
}

std::vector<std::string> files_of(std::size_t process) {
  const std::string number = std::to_string(process);
  std::vector<std::string> files{"log-" + number + ".txt", "metrics-" + number + ".jsonl",
                                 "final/process-" + number + ".safetensors"};
  if (process == 0) {
    files.insert(files.end(),
                 {"config.json", "environment.json", "graph.edges", "graph.adj", "summary.json"});
  }
  return files;
}

/// A shell's command that copies those of `files` that a host has.
std::string copy_command(const fs::path& folder, const std::string& host,
                         const std::vector<std::string>& files) {
  const std::string pack = "cd " + shell_command({folder.string()}) +
                           " 2>/dev/null || exec tar -cf - -T /dev/null; "
                           "exec tar -cf - -T /dev/null $(ls -d " +
                           shell_command(files) + " 2>/dev/null)";
  return shell_command(remote_command(host, {"sh", "-c", pack})) + " </dev/null | " +
         shell_command({"tar", "--extract", "--file=-", "--skip-old-files",
                        "--directory=" + folder.string()});
}

/// By host the files that it has and this one has not.
std::map<std::string, std::vector<std::string>> wanted(const fs::path& folder,
                                                       const std::vector<std::string>& hosts) {
  std::map<std::string, std::vector<std::string>> wanted;
  for (std::size_t process = 0; process < hosts.size(); ++process) {
    if (hosts[process].empty() || is_here(folder, process)) continue;
    const std::vector<std::string> files = files_of(process);
    std::vector<std::string>& all = wanted[hosts[process]];
    all.insert(all.end(), files.begin(), files.end());
  }
  return wanted;
}

}  // namespace

std::string fetch_results(const fs::path& folder, const std::vector<std::string>& hosts,
                          const Launcher::Show& show, double limit_s) {
  std::vector<Launcher::Part> parts;
  for (const auto& [host, files] : wanted(folder, hosts)) {
    parts.push_back(
        {host, host, "", {"sh", "-c", copy_command(folder, host, files)}, std::nullopt});
  }
  if (parts.empty()) return "";
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return folder.string() + ": cannot be made: " + error.message();
  Launcher::Settings settings;
  settings.limit_s = limit_s;
  settings.show = show;
  try {
    Launcher(std::move(parts), settings).run();
  } catch (const Error&) {  // what it means shows below
  }
  fs::remove(folder, error);  // where nothing came

  for (std::size_t process = 0; process < hosts.size(); ++process) {
    if (hosts[process].empty() || is_here(folder, process)) continue;
    return "the results of process " + std::to_string(process) +
           " could not be copied; they are in " + folder.string() + " on " + hosts[process];
  }
  return "";
}

}  // namespace kith
