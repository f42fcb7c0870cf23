#include "experiment/run_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "experiment/environment.h"

namespace kith {

namespace fs = std::filesystem;

void RunDirectory::check_unused(const fs::path& folder, int process) {
  std::error_code error;
  const std::string own =
      process == 0 ? "config.json" : "metrics-" + std::to_string(process) + ".jsonl";
  if (fs::exists(folder / own, error)) {
    throw ConfigError(folder.string() + ": already holds a run; choose another folder with --out");
  }
}

RunDirectory::RunDirectory(fs::path folder, int process) : folder_(std::move(folder)) {
  check_unused(folder_, process);
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) {
    throw ResourceError(folder_.string() + ": cannot be made: " + error.message());
  }
}

void RunDirectory::write(std::string_view name, const std::string& text) const {
  const fs::path file = folder_ / name;
  const fs::path partial = file.string() + ".partial";
  std::error_code error;
  fs::remove(partial, error);
  try {
    LineFile(partial).append(text);
  } catch (const ResourceError&) {
    fs::remove(partial, error);
    throw;
  }
  fs::rename(partial, file, error);
  if (error) throw ResourceError(file.string() + ": cannot be written: " + error.message());
}

fs::path new_run_folder(const std::string& name) {
  const std::string stem = "runs/" + name + '-' + utc_time(/*compact=*/true);
  fs::path folder = stem;
  for (int i = 2; fs::exists(folder); ++i) folder = stem + '-' + std::to_string(i);
  return folder;
}

LineFile::LineFile(fs::path file)
    : file_(std::move(file)),
      descriptor_(
          ::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) fail();
}

LineFile::~LineFile() { ::close(descriptor_); }

/// How much of `lines` to write at once: whole lines up to the end of the page that the file stands
/// in, or one line. A process that is killed may end within a write, but not within a page of it.
static std::size_t piece(std::string_view lines, long long size) {
  constexpr std::size_t kPage = 4096;
  const std::size_t room = kPage - static_cast<std::size_t>(size) % kPage;
  if (lines.size() <= room) return lines.size();
  const std::size_t last = lines.rfind('\n', room - 1);
  return (last == std::string_view::npos ? std::min(lines.find('\n'), lines.size() - 1) : last) + 1;
}

void LineFile::append(std::string_view lines) {
  std::string_view rest = lines;
  long long end = size_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), piece(rest, end));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int reason = errno;
      [[maybe_unused]] const int cut = ::ftruncate(descriptor_, size_);
      errno = reason;
      fail();
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
    end += written;
  }
  size_ = end;
}

void LineFile::fail() const {
  throw ResourceError(file_.string() + ": cannot be written: " + std::strerror(errno));
}

}  // namespace kith
