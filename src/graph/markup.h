#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kith {

/// The whole of a text file. Throws InputError.
std::string read_text(const std::filesystem::path& file);

/// `&lt;`, `&gt;`, `&amp;`, `&quot;`, `&apos;`, `&#65;` and `&#x41;` as the characters they mean;
/// nothing where `text` holds an & that begins none of these.
std::optional<std::string> without_entities(std::string_view text);

/// The tags of an XML file, in order; what stands between them is skipped. Checks that tags close
/// in the order in which they opened. Throws InputError with the line.
class TagReader {
 public:
  struct Tag {
    std::string name;  ///< without a namespace's prefix
    std::map<std::string, std::string> attributes;
    bool opens;   ///< <a …> and <a …/>
    bool closes;  ///< </a> and <a …/>

    /// The attribute, or nothing.
    const std::string* find(const std::string& attribute) const;
  };

  explicit TagReader(const std::filesystem::path& file);

  /// Nothing at the end of the file.
  std::optional<Tag> next();

  /// Where the last tag begins.
  std::int64_t line() const { return line_; }

  /// Throws InputError: "<file>: line <n>: <message>".
  [[noreturn]] void fail(const std::string& message) const;

 private:
  bool skip(std::string_view opening, std::string_view closing);
  Tag tag();
  void attributes(Tag& tag);
  std::string_view word();
  void blanks();
  bool take(std::string_view text);

  std::string name_;
  std::string text_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;  // up to here, line_ has counted
  std::int64_t line_ = 1;
  std::vector<std::string> open_;
};

}  // namespace kith
