#include "core/fields.h"

#include <algorithm>
#include <cmath>

namespace kith {

std::string Range::words() const {
  std::string text;
  const auto add = [&](const char* bound, double value) {
    if (std::isfinite(value)) text += (text.empty() ? "" : " and ") + (bound + json_number(value));
  };
  add("above ", above);
  add("at least ", at_least);
  add("at most ", at_most);
  add("below ", below);
  return text;
}

void Fields::check(bool holds, std::string_view name, const std::string& message) const {
  if (holds || !config_ || !missing_.empty()) return;
  if (config_->has(name)) config_->at(name).fail(message);
  config_->fail(in_quotes(name) + ' ' + message);
}

void Fields::finish() const {
  std::vector<std::string> known;
  for (const FieldInfo& info : infos_) known.push_back(info.name);
  for (const auto& name : config_->names()) {
    if (config_->at(name).is_null() || std::ranges::find(known, name) != known.end()) continue;
    config_->fail("unknown key " + in_quotes(name) + suggest(name, known));
  }
  if (!missing_.empty()) config_->fail(missing_);
}

void Fields::check_range(const Config& config, double value, const Range& range) {
  if (range.holds(value)) return;
  config.fail("must be " + range.words() + ", got " + config.dump(true));
}

void Fields::check_limit(const Config& config, const std::string& value, const Choices& choices) {
  if (std::ranges::find(choices.words, value) != choices.words.end()) return;
  config.fail("unknown value " + in_quotes(value) + suggest(value, choices.words));
}

void Fields::check_limit(const Config& config, const std::vector<std::string>& values,
                         const Choices& choices) {
  for (const auto& value : values) check_limit(config, value, choices);
}

void Fields::note_missing(const FieldInfo& info) {
  if (!missing_.empty()) return;
  missing_ = "missing " + in_quotes(info.name) + " (" + info.type;
  if (const std::string range = info.range.words(); !range.empty()) missing_ += ' ' + range;
  missing_ += "): " + info.help;
}

void Fields::write(std::string_view name, const std::string& json) {
  if (json == "null") return;
  if (!resolved_.empty()) resolved_ += ',';
  resolved_ += json_string(name) + ':' + json;
}

}  // namespace kith
