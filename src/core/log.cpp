#include "core/log.h"

#include <cerrno>
#include <cstring>

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"

namespace kith {

Log::Log() : opened_s_(now_s()) {}

Log::Log(const std::filesystem::path& file)
    : file_(std::fopen(file.c_str(), "w")), opened_s_(now_s()) {
  if (!file_) {
    throw ResourceError(file.string() + ": cannot be written: " + std::strerror(errno));
  }
}

void Log::warn(const std::string& message) {
  write("warning", message);
  std::fprintf(stderr, "warning: %s\n", message.c_str());
}

void Log::write(const char* level, const std::string& message) {
  if (!file_) return;
  const std::lock_guard lock(mutex_);
  std::fprintf(file_.get(), "%10.3f s  %-7s  %s\n", now_s() - opened_s_, level,
               one_line(message).c_str());
  std::fflush(file_.get());
}

}  // namespace kith
