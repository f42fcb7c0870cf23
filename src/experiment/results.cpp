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
    files.insert(files.end(), {"config.json", "environment.json", "graph.edges", "graph.adj",
                               "summary.json"});
  }
  return files;
}

/// A shell's command that copies those of `files` that a host has.
std::string copy_command(const fs::path& folder, const std::string& host,
                         const std::vector<std::string>& files) {
  const std::string pack = "cd " + shell_command({folder.string()}) +
                           " && tar -cf - -T /dev/null $(ls -d " + shell_command(files) +
                           " 2>/dev/null)";
  return shell_command(remote_command(host, {"sh", "-c", pack})) + " </dev/null | " +
         shell_command({"tar", "--extract", "--file=-", "--skip-old-files",
                        "--directory=" + folder.string()});
}

}  // namespace

void fetch_results(const fs::path& folder, const std::vector<std::string>& hosts,
                   const Launcher::Show& show, double limit_s) {
  std::map<std::string, std::vector<std::string>> wanted;  // by host
  for (std::size_t process = 0; process < hosts.size(); ++process) {
    if (is_here(folder, process)) continue;
    const std::vector<std::string> files = files_of(process);
    std::vector<std::string>& all = wanted[hosts[process]];
    all.insert(all.end(), files.begin(), files.end());
  }
  if (wanted.empty()) return;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw ResourceError(folder.string() + ": cannot be made: " + error.message());

  std::vector<Launcher::Part> parts;
  for (const auto& [host, files] : wanted) {
    parts.push_back({host, host, "", {"sh", "-c", copy_command(folder, host, files)}, std::nullopt});
  }
  Launcher::Settings settings;
  settings.limit_s = limit_s;
  settings.show = show;
  try {
    Launcher(std::move(parts), settings).run();
  } catch (const Error&) {  // it shows below
  }
  for (std::size_t process = 0; process < hosts.size(); ++process) {
    if (is_here(folder, process)) continue;
    throw PeerError("the results of process " + std::to_string(process) +
                    " could not be copied; they are in " + folder.string() + " on " +
                    hosts[process]);
  }
}

}  // namespace kith
