#include "experiment/sweep/sweep_config.h"

#include <charconv>

namespace kith {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostSeeds = 100'000;

std::optional<std::int64_t> to_seed(std::string_view text) {
  std::int64_t seed = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || rest != text.data() + text.size() || seed < 0) return std::nullopt;
  return seed;
}

/// The parts of `text` between commas that stand in no bracket and no quote.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && (i == 0 || text[i - 1] != '\\')) is_quoted = !is_quoted;
    if (!is_quoted && (c == '[' || c == '{')) ++depth;
    if (!is_quoted && (c == ']' || c == '}')) --depth;
    if (c == ',' && depth == 0 && !is_quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

}  // namespace

template <>
struct FieldType<Settings> {
  static void read(const Config& config, Settings& settings) {
    if (!config.is_object()) config.fail("must be an object such as {\"training.lr\": 0.05}");
    for (const std::string& path : config.names()) {
      settings.words.push_back(path + '=' + config.at(path).dump());
    }
  }
  static std::string json(const Settings&) { return "{}"; }
  static void describe(const Settings&, FieldInfo& info) { info.type = "object"; }
};

template <>
struct FieldType<Variations> {
  static void read(const Config& config, Variations& variations) {
    if (!config.is_object())
      config.fail("must be an object such as {\"training.lr\": [0.01, 0.1]}");
    for (const std::string& path : config.names()) {
      Variation& variation = variations.all.emplace_back();
      variation.path = path;
      for (const Config& value : config.at(path).elements()) {
        variation.values.push_back(value.dump());
      }
      if (variation.values.empty()) config.at(path).fail("must have at least one value");
    }
  }
  static std::string json(const Variations&) { return "{}"; }
  static void describe(const Variations&, FieldInfo& info) { info.type = "object"; }
};

template <>
struct FieldType<Seeds> {
  static void read(const Config& config, Seeds& seeds) {
    if (config.is_string()) {
      try {
        seeds = seeds_of(config.to_string());
      } catch (const ConfigError& error) {
        config.fail(error.what());
      }
      return;
    }
    for (const Config& element : config.elements()) {
      if (element.to_integer() < 0) element.fail("must be at least 0");
      seeds.all.push_back(element.to_integer());
    }
  }
  static std::string json(const Seeds&) { return "[]"; }
  static void describe(const Seeds&, FieldInfo& info) { info.type = "list of integers"; }
};

void Override::fields(Fields& f) {
  f.required("name", name, "what it is called in tables and pictures");
  f.optional("set", set, "what it changes, as --set would: {\"training.lr\": 0.05}");
}

void SweepConfig::fields(Fields& f) {
  f.optional("name", name, "of the sweep: its folder is runs/<name>");
  f.check(name.find('/') == std::string::npos && name != "." && name != "..", "name",
          "must be usable as a folder's name");
  f.required("configs", configs, "the configs, relative to this file");
  f.check(!configs.empty(), "configs", "must name at least one config");
  f.optional("set", set, "what is changed in every run");
  f.optional("overrides", overrides, "named sets of changes, each run with every config");
  f.optional("vary", vary, "paths and their values, run in every combination");
  f.optional("seeds", seeds, "a list, or \"1..5\"; by default each config's own");
}

SweepConfig SweepConfig::read(const fs::path& file) {
  const Config config = Config::load(file);
  SweepConfig sweep;
  if (config.is_object() && config.has("configs")) {
    FieldType<SweepConfig>::read(config, sweep);
  } else {
    sweep.configs.push_back({fs::absolute(file)});
  }
  if (sweep.name.empty()) sweep.name = file.stem().string();
  return sweep;
}

SweepConfig SweepConfig::read(const std::vector<std::string>& files) {
  SweepConfig all = read(fs::path(files.front()));
  for (std::size_t i = 0; i < files.size() && files.size() > 1; ++i) {
    const Config config = Config::load(files[i]);
    if (config.is_object() && config.has("configs")) {
      throw ConfigError(files[i] +
                        ": is a sweep file, which is run alone; name it only, or configs");
    }
    if (i > 0) all.configs.push_back({fs::absolute(files[i])});
  }
  return all;
}

Seeds seeds_of(const std::string& text) {
  Seeds seeds;
  if (const auto dots = text.find(".."); dots != std::string::npos) {
    const auto first = to_seed(std::string_view(text).substr(0, dots));
    const auto last = to_seed(std::string_view(text).substr(dots + 2));
    if (first && last && *first <= *last && *last - *first < kMostSeeds) {
      for (std::int64_t seed = *first; seed <= *last; ++seed) seeds.all.push_back(seed);
      return seeds;
    }
  } else {
    for (const std::string& part : split(text)) {
      const auto seed = to_seed(part);
      if (!seed) break;
      seeds.all.push_back(*seed);
    }
    if (seeds.all.size() == split(text).size()) return seeds;
  }
  throw ConfigError("seeds must be such as 1..5 or 1,4,9, got " + in_quotes(text));
}

Variation variation_of(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw ConfigError("command line: --vary " + text +
                      ": expected PATH=VALUE,VALUE,… such as training.lr=0.01,0.1");
  }
  return {text.substr(0, equals), split(text.substr(equals + 1)), /*is_typed=*/true};
}

}  // namespace kith
