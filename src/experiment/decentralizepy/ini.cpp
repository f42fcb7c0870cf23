#include "experiment/decentralizepy/ini.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

#include "core/error.h"
#include "core/file_check.h"
#include "core/text.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBlanks = " \t\r\f\v";

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

/// A line without what is said about it.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool is_mark = line[i] == '#' || line[i] == ';';
    if (is_mark && (i == 0 || kBlanks.find(line[i - 1]) != std::string_view::npos)) {
      return line.substr(0, i);
    }
  }
  return line;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

auto find_entry(auto& entries, std::string_view section, std::string_view key) {
  return std::ranges::find_if(entries, [&](const Ini::Entry& entry) {
    return entry.section == section && entry.key == key;
  });
}

}  // namespace

Ini Ini::read(const fs::path& file) {
  if (const auto reason = why_unreadable(file, "config file")) {
    throw InputError(file.string() + ": " + *reason);
  }
  constexpr std::uintmax_t kLargest = 1 << 20;
  std::error_code unknown;
  if (fs::file_size(file, unknown) > kLargest) {
    throw InputError(file.string() + ": is larger than 1 MiB; is it an INI file?");
  }
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return parse(text.str(), file.string());
}

Ini Ini::parse(std::string_view text, const std::string& source) {
  Ini ini;
  ini.source_ = source;
  std::string section;
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string raw; std::getline(lines, raw);) {
    ++number;
    const auto refuse = [&](const std::string& why) {
      throw InputError(source + ": line " + std::to_string(number) + ": " + why);
    };
    const std::string line = trimmed(without_comment(raw));
    if (line.empty()) continue;
    const bool is_indented = kBlanks.find(raw.front()) != std::string_view::npos;
    if (is_indented && !ini.entries_.empty() && ini.entries_.back().section == section) {
      ini.entries_.back().value += ' ' + line;
    } else if (line.front() == '[') {
      if (!line.ends_with(']')) refuse("the name of a section ends with ]");
      section = trimmed(std::string_view(line).substr(1, line.size() - 2));
    } else {
      const auto end = line.find_first_of("=:");
      if (end == std::string::npos)
        refuse("expected key = value, got " + in_quotes(one_line(line)));
      if (section.empty()) refuse("stands in no [SECTION]");
      const std::string key = lower(trimmed(std::string_view(line).substr(0, end)));
      if (ini.has(section, key)) refuse("[" + section + "] has " + key + " twice; remove one");
      ini.entries_.push_back({section, key, trimmed(std::string_view(line).substr(end + 1))});
    }
  }
  if (ini.entries_.empty()) throw InputError(source + ": has no key = value; is it an INI file?");
  return ini;
}

std::optional<std::string> Ini::take(std::string_view section, std::string_view key) {
  const auto found = find_entry(entries_, section, key);
  if (found == entries_.end()) return std::nullopt;
  std::optional<std::string> value = std::move(found->value);
  entries_.erase(found);
  return value;
}

bool Ini::has(std::string_view section, std::string_view key) const {
  return find_entry(entries_, section, key) != entries_.end();
}

void Ini::fail(std::string_view section, std::string_view key, const std::string& message) const {
  throw InputError(source_ + ": [" + std::string(section) + "] " + std::string(key) + ": " +
                   message);
}

}  // namespace kith
