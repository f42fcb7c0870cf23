#include "dataset/input_file.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "core/error.h"

namespace kith {

namespace fs = std::filesystem;

void InputFile::Close::operator()(gzFile_s* file) const { gzclose(file); }

InputFile::InputFile(const fs::path& path) : name_(path.string()) {
  std::error_code unknown;
  const fs::file_status status = fs::status(path, unknown);
  if (status.type() == fs::file_type::not_found) fail("no such file; is the path right?");
  if (fs::is_directory(status)) fail("is a folder, not a file");
  // Opening a pipe would wait for whoever writes to it.
  if (!unknown && !fs::is_regular_file(status)) fail("is not a regular file");
  file_.reset(gzopen(path.c_str(), "rb"));
  if (!file_) fail(std::string("cannot be opened: ") + std::strerror(errno));
  constexpr unsigned kBufferBytes = 1 << 17;
  gzbuffer(file_.get(), kBufferBytes);
}

std::size_t InputFile::read(std::span<std::uint8_t> out) {
  constexpr std::size_t kMostAtOnce = 1u << 30;
  std::size_t filled = 0;
  while (filled < out.size()) {
    const auto wanted = static_cast<unsigned>(std::min(out.size() - filled, kMostAtOnce));
    const int came = gzread(file_.get(), out.data() + filled, wanted);
    if (came < static_cast<int>(wanted)) check_end();
    if (came <= 0) break;
    filled += static_cast<std::size_t>(came);
  }
  return filled;
}

void InputFile::check_end() const {
  int error = Z_OK;
  std::string words = gzerror(file_.get(), &error);
  if (error == Z_ERRNO) fail(std::string("cannot be read: ") + std::strerror(errno));
  // Z_BUF_ERROR: cut short, of which the caller knows more to say.
  if (error == Z_OK || error == Z_BUF_ERROR) return;
  if (words.starts_with(name_ + ": ")) words.erase(0, name_.size() + 2);
  fail("damaged gzip data: " + words);
}

std::vector<std::uint8_t> InputFile::read_up_to(std::size_t limit) {
  constexpr std::size_t kFirst = 1 << 16;
  std::vector<std::uint8_t> bytes;
  std::size_t filled = 0;
  while (filled == bytes.size() && filled < limit) {
    bytes.resize(std::min(limit, std::max(kFirst, 2 * filled)));
    filled += read(std::span(bytes).subspan(filled));
  }
  bytes.resize(filled);
  return bytes;
}

std::vector<std::uint8_t> InputFile::read_all() {
  std::vector<std::uint8_t> bytes = read_up_to(std::numeric_limits<std::size_t>::max());
  check_not_cut_short();
  return bytes;
}

void InputFile::check_not_cut_short() const {
  int error = Z_OK;
  gzerror(file_.get(), &error);
  if (error == Z_BUF_ERROR) fail("truncated: its gzip data breaks off; fetch the file again");
}

void InputFile::fail(const std::string& message) const { throw InputError(name_ + ": " + message); }

}  // namespace kith
