#include "experiment/decentralizepy/ini_values.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "core/fields.h"
#include "core/text.h"

namespace kith {

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string IniValues::text(const char* section, const char* key, const std::string& standard) {
  const std::optional<std::string> value = ini_.take(section, key);
  return value && !value->empty() ? *value : standard;
}

double IniValues::number(const char* section, const char* key, double standard) {
  const std::string value = text(section, key);
  if (value.empty()) return standard;
  double number = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || rest != end || !std::isfinite(number)) {
    fail(section, key, "must be a number, got " + in_quotes(value));
  }
  return number;
}

std::int64_t IniValues::integer(const char* section, const char* key, std::int64_t standard) {
  const double value = number(section, key, static_cast<double>(standard));
  constexpr double kMost = 1e15;
  if (value != std::floor(value) || std::abs(value) > kMost) {
    fail(section, key, "must be a whole number, got " + json_number(value));
  }
  return static_cast<std::int64_t>(value);
}

bool IniValues::yes(const char* section, const char* key, bool standard) {
  const std::string value = lower_case(text(section, key));
  if (value.empty()) return standard;
  if (value == "true" || value == "yes" || value == "on" || value == "1") return true;
  if (value == "false" || value == "no" || value == "off" || value == "0") return false;
  fail(section, key, "must be True or False, got " + in_quotes(value));
}

std::vector<double> IniValues::numbers(const char* section, const char* key) {
  std::string value = text(section, key);
  if (value.size() > 1 && value.front() == value.back() && (value[0] == '"' || value[0] == '\'')) {
    value = value.substr(1, value.size() - 2);
  }
  if (value.empty()) return {};
  std::ranges::replace(value, '(', '[');
  std::ranges::replace(value, ')', ']');
  std::vector<double> numbers;
  try {
    FieldType<std::vector<double>>::read(Config::parse(value, key), numbers);
  } catch (const ConfigError&) {
    fail(section, key, "must be a list of numbers, got " + in_quotes(value));
  }
  return numbers;
}

std::string IniValues::path(const char* section, const char* key) {
  const std::string value = text(section, key);
  return value.empty() ? "" : (folder_ / value).lexically_normal().string();
}

void IniValues::expect(const char* section, const char* key,
                       const std::vector<std::string>& harmless, const std::string& why) {
  const std::optional<std::string> value = ini_.take(section, key);
  if (!value || std::ranges::find(harmless, lower_case(*value)) != harmless.end()) return;
  remark(section, key, *value, why);
}

void IniValues::refuse(const char* section, const char* key, const std::string& why) {
  if (const std::optional<std::string> value = ini_.take(section, key)) {
    remark(section, key, *value, why);
  }
}

void IniValues::remark(const std::string& what) { remarks_.push_back(one_line(what)); }

void IniValues::remark(const char* section, const char* key, const std::string& value,
                       const std::string& why) {
  remark('[' + std::string(section) + "] " + key + " = " + value + ": " + why);
}

std::vector<std::string> IniValues::remarks() const {
  std::vector<std::string> all = remarks_;
  for (const auto& [section, key, value] : ini_.rest()) {
    all.push_back(one_line('[' + section + "] " + key + " = " + value +
                           ": no key of decentralizepy's, or none of this class"));
  }
  return all;
}

}  // namespace kith
