#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct gzFile_s;

namespace kith {

/// A file named by the user, read from start to end, and decompressed on the way if it is gzip.
/// Everything it throws is an InputError that begins with the file's name.
class InputFile {
 public:
  /// Throws when there is no such file, or it cannot be opened.
  explicit InputFile(const std::filesystem::path& path);

  /// Fills `out`; less only where the file ends. Returns how many bytes came.
  /// Throws when the file cannot be read or its gzip data is damaged.
  std::size_t read(std::span<std::uint8_t> out);

  /// The next bytes, at most `limit`, fewer only where the file ends. Memory grows with what comes,
  /// not with `limit`.
  std::vector<std::uint8_t> read_up_to(std::size_t limit);

  /// All further bytes. Throws when the file is cut short.
  std::vector<std::uint8_t> read_all();

  /// Throws when the file has ended inside its gzip data.
  void check_not_cut_short() const;

  const std::string& name() const { return name_; }

  /// Throws "<name>: <message>".
  [[noreturn]] void fail(const std::string& message) const;

 private:
  struct Close {
    void operator()(gzFile_s* file) const;
  };

  /// Throws when reading ended for another reason than the end of the file.
  void check_end() const;

  std::string name_;
  std::unique_ptr<gzFile_s, Close> file_;
};

}  // namespace kith
