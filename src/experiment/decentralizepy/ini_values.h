#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "experiment/decentralizepy/ini.h"

namespace kith {

/// Values of decentralizepy's config by type, and what is to be said about those that have no place
/// in ours. Every value is taken once. Throws InputError where one makes no sense.
class IniValues {
 public:
  IniValues(Ini ini, std::filesystem::path folder)
      : ini_(std::move(ini)), folder_(std::move(folder)) {}

  /// The defaults stand for keys that are missing or empty.
  std::string text(const char* section, const char* key, const std::string& standard = "");
  double number(const char* section, const char* key, double standard);
  std::int64_t integer(const char* section, const char* key, std::int64_t standard);
  bool yes(const char* section, const char* key, bool standard);

  /// A Python list or tuple of numbers; none when it is missing or empty.
  std::vector<double> numbers(const char* section, const char* key);

  /// A path: relative ones are so to the folder of the file. "" when it is missing or empty.
  std::string path(const char* section, const char* key);

  bool has(const char* section, const char* key) const { return ini_.has(section, key); }

  /// Takes a key that only says what is so anyway when its value, in lower case, is one of
  /// `harmless`, and remarks it otherwise.
  void expect(const char* section, const char* key, const std::vector<std::string>& harmless,
              const std::string& why);

  /// Takes a key that has no place, whatever its value.
  void refuse(const char* section, const char* key, const std::string& why);

  /// Something that the user should know.
  void remark(const std::string& what);
  void remark(const char* section, const char* key, const std::string& value,
              const std::string& why);

  /// All remarks, those about keys that nobody took among them.
  std::vector<std::string> remarks() const;

  [[noreturn]] void fail(const char* section, const char* key, const std::string& message) const {
    ini_.fail(section, key, message);
  }

 private:
  Ini ini_;
  std::filesystem::path folder_;
  std::vector<std::string> remarks_;
};

std::string lower_case(std::string text);

}  // namespace kith
