#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/config.h"
#include "core/file_check.h"
#include "core/json_depth.h"
#include "core/text.h"

namespace kith {

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// Where a value was written.
struct Source {
  std::string name;  // as messages show it
  fs::path folder;   // what relative paths are relative to
};

/// The source of every value that was written on purpose, by JSON pointer. A value without an
/// entry has its parent's.
using Sources = std::map<std::string, Source>;

constexpr int kDeepestExtends = 16;

std::string escaped(std::string_view key) {
  std::string text;
  for (const char c : key) {
    if (c == '~')
      text += "~0";
    else if (c == '/')
      text += "~1";
    else
      text += c;
  }
  return text;
}

/// nlohmann's "[json.exception.parse_error.101] parse error at line 1, column 8: syntax error while
/// parsing value - unexpected end of input" without its bracket and its stutter.
std::string plain(std::string message) {
  if (const auto end = message.find("] "); end != std::string::npos) message.erase(0, end + 2);
  if (const auto stutter = message.find("syntax error while parsing ");
      stutter != std::string::npos) {
    message.replace(stutter, std::string_view("syntax error while parsing ").size(), "in ");
  }
  constexpr std::size_t kLongest = 300;  // it quotes what was read last, however long
  return one_line(message.substr(0, kLongest));
}

json parse_strictly(std::string_view text, const std::string& source) {
  std::vector<std::set<std::string>> keys_of_open_objects;
  const auto reject_twins = [&](int depth, json::parse_event_t event, json& parsed) {
    limit_depth(depth, event, parsed);
    if (event == json::parse_event_t::object_start) keys_of_open_objects.emplace_back();
    if (event == json::parse_event_t::object_end) keys_of_open_objects.pop_back();
    if (event == json::parse_event_t::key &&
        !keys_of_open_objects.back().insert(parsed.get<std::string>()).second) {
      throw ConfigError(source + ": the key " + parsed.dump() +
                        " stands twice in one object; remove one of them");
    }
    return true;
  };
  try {
    return json::parse(text, reject_twins, /*allow_exceptions=*/true, /*ignore_comments=*/true);
  } catch (const JsonTooDeep& error) {
    throw ConfigError(source + ": " + error.what());
  } catch (const json::exception& error) {
    throw ConfigError(source + ": not valid JSON: " + plain(error.what()));
  }
}

std::string read_text(const fs::path& file, const std::string& name) {
  if (const auto reason = why_unreadable(file, "config file"))
    throw ConfigError(name + ": " + *reason);
  constexpr std::uintmax_t kLargest = 32 << 20;
  std::error_code unknown;
  if (fs::file_size(file, unknown) > kLargest) {
    throw ConfigError(name + ": is larger than 32 MiB; is it a config?");
  }
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// RFC 7396, and notes for every value that `patch` brings that `source` wrote it.
void merge(json& target, const json& patch, const std::string& pointer, const Source& source,
           Sources& sources) {
  if (!patch.is_object()) {
    target = patch;
    sources.erase(pointer);
    // What stood below belongs to a value that is gone.
    const std::string below = pointer + '/';
    for (auto it = sources.lower_bound(below);
         it != sources.end() && it->first.starts_with(below);) {
      it = sources.erase(it);
    }
    sources[pointer] = source;
    return;
  }
  if (!target.is_object()) {
    target = json::object();
    sources[pointer] = source;
  }
  for (const auto& [key, value] : patch.items()) {
    const std::string child = pointer + '/' + escaped(key);
    if (value.is_null()) {
      target.erase(key);
    } else {
      merge(target[key], value, child, source, sources);
    }
  }
}

/// `file` merged over what it extends.
void load_into(json& root, const fs::path& file, const std::string& name, int depth,
               Sources& sources) {
  if (depth > kDeepestExtends) {
    throw ConfigError(name + ": /extends: more than " + std::to_string(kDeepestExtends) +
                      " files deep; does a file extend itself?");
  }
  json own = parse_strictly(read_text(file, name), name);
  if (!own.is_object()) throw ConfigError(name + ": /: must be an object, {…}");
  if (const auto base = own.find("extends"); base != own.end()) {
    if (!base->is_string()) {
      throw ConfigError(name + ": /extends: must be the path of a config file, got " +
                        base->dump());
    }
    const fs::path path = file.parent_path() / base->get<std::string>();
    load_into(root, path, path.lexically_normal().string(), depth + 1, sources);
    own.erase("extends");
  }
  merge(root, own, "", Source{name, fs::absolute(file).parent_path()}, sources);
}

/// The element of an array that `key` names, or null.
json* element(json& array, const std::string& key) {
  if (key.empty() || key.size() > 6 || key.find_first_not_of("0123456789") != std::string::npos) {
    return nullptr;
  }
  const std::size_t index = std::stoul(key);
  return index < array.size() ? &array[index] : nullptr;
}

/// ".5" as "0.5" and "-.5" as "-0.5": JSON wants the zero that people leave out.
std::string with_leading_zero(const std::string& text) {
  const std::size_t point = text.starts_with('-') ? 1 : 0;
  if (point + 1 >= text.size() || text[point] != '.') return text;
  if (text[point + 1] < '0' || text[point + 1] > '9') return text;
  return text.substr(0, point) + '0' + text.substr(point);
}

void apply_setting(json& root, const std::string& setting, const Source& writer, Sources& sources) {
  const std::string& source = writer.name;
  const auto equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw ConfigError(source + ' ' + setting + ": expected PATH=VALUE, such as training.lr=0.05");
  }
  json value;
  try {
    value = json::parse(with_leading_zero(setting.substr(equals + 1)), limit_depth,
                        /*allow_exceptions=*/false);
  } catch (const JsonTooDeep& error) {
    throw ConfigError(source + ' ' + setting.substr(0, equals) + ": " + error.what());
  }
  if (value.is_discarded()) value = setting.substr(equals + 1);

  json* at = &root;
  std::string pointer;
  std::istringstream path(setting.substr(0, equals));
  for (std::string key; std::getline(path, key, '.');) {
    pointer += '/' + escaped(key);
    if (at->is_array()) {
      at = element(*at, key);
      if (!at) throw ConfigError(source + ": " + pointer + ": no such element in the array");
      continue;
    }
    if (at->is_string()) *at = {{"type", *at}};
    if (at->is_null()) *at = json::object();
    if (!at->is_object()) {
      throw ConfigError(source + ": " + pointer + ": leads into " + at->dump() +
                        ", which has no members");
    }
    at = &(*at)[key];
  }
  *at = nullptr;
  merge(*at, value, pointer, writer, sources);
}

}  // namespace

struct Config::Document {
  json root;
  Sources sources;

  const Source& source_of(std::string pointer) const {
    for (;;) {
      if (const auto found = sources.find(pointer); found != sources.end()) return found->second;
      pointer.resize(pointer.rfind('/'));  // the root always has an entry
    }
  }
};

Config::Config(std::shared_ptr<const Document> document, const json* node, std::string pointer)
    : document_(std::move(document)), node_(node), pointer_(std::move(pointer)) {}

Config Config::parse(std::string_view text, const std::string& source) {
  auto document = std::make_shared<Document>();
  document->root = parse_strictly(text, source);
  document->sources[""] = {source, fs::current_path()};
  return {document, &document->root, ""};
}

Config Config::load(const fs::path& file, std::span<const std::string> settings) {
  const Changes changes{{settings.begin(), settings.end()}, "--set", fs::current_path()};
  return load(file, std::span(&changes, 1));
}

Config Config::load(const fs::path& file, std::span<const Changes> all_changes) {
  auto document = std::make_shared<Document>();
  document->sources[""] = {file.string(), fs::absolute(file).parent_path()};
  load_into(document->root, file, file.string(), 0, document->sources);
  for (const auto& [settings, source, folder] : all_changes) {
    for (const auto& setting : settings) {
      apply_setting(document->root, setting, {source, folder}, document->sources);
    }
  }
  return {document, &document->root, ""};
}

Config Config::of(std::span<const std::string> settings, const std::string& source) {
  auto document = std::make_shared<Document>();
  document->root = json::object();
  document->sources[""] = {source, fs::current_path()};
  for (const auto& setting : settings) {
    apply_setting(document->root, setting, {source, fs::current_path()}, document->sources);
  }
  return {document, &document->root, ""};
}

bool Config::is_object() const { return node_->is_object(); }
bool Config::is_string() const { return node_->is_string(); }
bool Config::is_list() const { return node_->is_array(); }
bool Config::is_null() const { return node_->is_null(); }

Config Config::at(std::string_view name) const {
  if (!has(name)) fail("missing " + in_quotes(name));
  return {document_, &(*node_)[std::string(name)], pointer_ + '/' + escaped(name)};
}

bool Config::has(std::string_view name) const {
  if (!node_->is_object()) fail("must be an object, {…}, got " + dump(true));
  return node_->contains(std::string(name));
}

std::vector<std::string> Config::names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : node_->items()) names.push_back(name);
  return names;
}

std::vector<Config> Config::elements() const {
  if (!node_->is_array()) fail("must be a list, […], got " + dump(true));
  std::vector<Config> elements;
  for (std::size_t i = 0; i < node_->size(); ++i) {
    elements.push_back({document_, &(*node_)[i], pointer_ + '/' + std::to_string(i)});
  }
  return elements;
}

bool Config::to_bool() const {
  if (!node_->is_boolean()) fail("must be true or false, got " + dump(true));
  return node_->get<bool>();
}

std::int64_t Config::to_integer() const {
  if (!node_->is_number_integer()) fail("must be an integer, got " + dump(true));
  if (node_->is_number_unsigned() && node_->get<std::uint64_t>() > INT64_MAX) {
    fail("must be at most 9223372036854775807, got " + dump(true));
  }
  return node_->get<std::int64_t>();
}

double Config::to_number() const {
  if (!node_->is_number()) fail("must be a number, got " + dump(true));
  return node_->get<double>();
}

std::string Config::to_string() const {
  if (!node_->is_string()) fail("must be a string, got " + dump(true));
  return node_->get<std::string>();
}

Config Config::with_no_members() const {
  static const json empty = json::object();
  return {document_, &empty, pointer_};
}

fs::path Config::to_path() const {
  if (!node_->is_string()) fail("must be a path, got " + dump(true));
  const fs::path path = node_->get<std::string>();
  if (path.empty()) fail("must be a path, got an empty string");
  return (document_->source_of(pointer_).folder / path).lexically_normal();
}

std::string Config::dump(bool brief) const {
  constexpr std::size_t kBrief = 60;
  std::string text = node_->dump(-1, ' ', false, json::error_handler_t::replace);
  if (brief && text.size() > kBrief) text = text.substr(0, kBrief) + "…";
  return text;
}

std::string Config::where() const {
  return document_->source_of(pointer_).name + ": " + (pointer_.empty() ? "/" : pointer_);
}

void Config::fail(const std::string& message) const { throw ConfigError(where() + ": " + message); }

}  // namespace kith
