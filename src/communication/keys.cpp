#include "communication/keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/error.h"
#include "core/file_check.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyLength = 40;  // of 32 bytes in Z85
constexpr mode_t kOwnerOnly = 0600, kEverybody = 0644;

fs::path secret_file(const fs::path& folder, int process) {
  return folder / ("process-" + std::to_string(process) + ".secret");
}

fs::path public_file(const fs::path& folder) { return folder / "public.keys"; }

std::ifstream open(const fs::path& file) {
  if (const auto why = why_unreadable(file, "key file")) {
    throw InputError(file.string() + ": " + *why);
  }
  return std::ifstream(file);
}

bool is_key(const std::string& text) {
  constexpr char kZ85[] =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  return text.size() == kKeyLength && text.find_first_not_of(kZ85) == std::string::npos;
}

void write(const fs::path& file, const std::string& text, mode_t mode) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) throw ResourceError(file.string() + ": cannot be made");
  const bool whole = ::write(descriptor, text.data(), text.size()) == std::ssize(text);
  if (::close(descriptor) != 0 || !whole)
    throw ResourceError(file.string() + ": cannot be written");
}

}  // namespace

ZmqSettings::Keys read_keys(const fs::path& folder, int process, int processes) {
  const fs::path secret = secret_file(folder, process);
  ZmqSettings::Keys keys;
  open(secret) >> keys.secret;
  if (!is_key(keys.secret)) throw InputError(secret.string() + ": is no key of `kith keygen`");
  struct stat status {};
  if (::stat(secret.c_str(), &status) == 0 && (status.st_mode & 077) != 0) {
    throw InputError(secret.string() + ": others may read it; chmod 600 it");
  }

  const fs::path known = public_file(folder);
  keys.public_keys.resize(static_cast<std::size_t>(processes));
  std::ifstream lines = open(known);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    int owner = -1;
    std::string key;
    if (!(words >> owner >> key) || owner < 0 || !is_key(key)) {
      throw InputError(known.string() + ": a line must be a process and its key, got \"" + line +
                       '"');
    }
    if (std::ranges::count(keys.public_keys, key) > 0) {
      throw InputError(known.string() + ": has the key of process " + std::to_string(owner) +
                       " twice; every process needs its own");
    }
    if (owner < processes) keys.public_keys[static_cast<std::size_t>(owner)] = key;
  }
  const auto missing = std::ranges::find(keys.public_keys, std::string());
  if (missing != keys.public_keys.end()) {
    throw InputError(known.string() + ": has no key of process " +
                     std::to_string(missing - keys.public_keys.begin()) + "; this run has " +
                     std::to_string(processes) + " processes");
  }
  if (keys.public_keys[static_cast<std::size_t>(process)] != public_curve_key(keys.secret)) {
    throw InputError(secret.string() + ": does not belong to the key that " + known.string() +
                     " has for process " + std::to_string(process));
  }
  return keys;
}

void write_keys(const fs::path& folder, int processes) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw ResourceError(folder.string() + ": cannot be made: " + error.message());
  if (fs::exists(public_file(folder))) {
    throw ConfigError(folder.string() + ": already holds keys; choose another folder");
  }
  std::string known;
  for (int process = 0; process < processes; ++process) {
    const auto [secret, shown] = new_curve_keys();
    write(secret_file(folder, process), secret + '\n', kOwnerOnly);
    known += std::to_string(process) + ' ' + shown + '\n';
  }
  write(public_file(folder), known, kEverybody);
}

}  // namespace kith
