#include "experiment/sweep/sweep_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/error.h"
#include "core/text.h"
#include "experiment/report/finished_run.h"
#include "experiment/run_directory.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

/// Whether the run in `folder`, however far it came, has the config of `run`.
bool is_of(const PlannedRun& run, const fs::path& folder) {
  try {
    return RunConfig::read(Config::load(folder / "config.json")).json() == run.config.json();
  } catch (const Error&) {
    return false;
  }
}

/// A name beside `folder` that is not taken.
fs::path old_name(const fs::path& folder) {
  fs::path name = folder.string() + ".old";
  for (int i = 2; fs::exists(name); ++i) name = folder.string() + ".old" + std::to_string(i);
  return name;
}

}  // namespace

SweepFolder::SweepFolder(fs::path folder) : folder_(std::move(folder)) {
  const RunDirectory made(folder_);
  lock_ = ::open((folder_ / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) throw ResourceError(folder_.string() + ": cannot be written");
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(lock_);
  throw ResourceError(folder_.string() +
                      ": another sweep is at work there; wait for it, or choose another --out");
}

SweepFolder::~SweepFolder() { ::close(lock_); }

bool SweepFolder::has(const PlannedRun& run) const {
  const fs::path folder = path_of(run);
  return is_finished(folder) && is_of(run, folder);
}

fs::path SweepFolder::prepare(const PlannedRun& run) const {
  const fs::path folder = path_of(run);
  std::error_code error;
  if (fs::exists(folder, error)) {
    if (fs::is_empty(folder, error) || is_of(run, folder)) {
      fs::remove_all(folder, error);
    } else {
      fs::rename(folder, old_name(folder), error);
    }
    if (error) throw ResourceError(folder.string() + ": cannot be moved: " + error.message());
  }
  const RunDirectory configs(folder_ / "configs");
  const std::string file = run.name + ".json";
  configs.write(file, json_pretty(run.config.json()));
  return configs / file;
}

void SweepFolder::write(const std::string& name, const std::string& text) const {
  RunDirectory(folder_).write(name, text);
}

}  // namespace kith
