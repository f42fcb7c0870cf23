#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>

#include "commands.h"
#include "core/error.h"
#include "core/json_object.h"
#include "core/registry.h"
#include "graph/analysis.h"
#include "graph/drawing/draw.h"
#include "graph/file.h"
#include "graph/schedule.h"
#include "graph/stored_schedule.h"

namespace kith::commands {
namespace {

/// `WORD… --name value …` taken apart.
struct Words {
  std::vector<std::string> plain;
  std::map<std::string, std::string> options;
  std::vector<std::string> plugins;
  bool json = false;
  bool help = false;

  explicit Words(const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (!words[i].starts_with("--") && words[i] != "-h") {
        plain.push_back(words[i]);
      } else if (words[i] == "--json") {
        json = true;
      } else if (words[i] == "--help" || words[i] == "-h") {
        help = true;
      } else if (const auto equals = words[i].find('='); equals != std::string::npos) {
        set(words[i].substr(2, equals - 2), words[i].substr(equals + 1));
      } else if (i + 1 < words.size()) {
        set(words[i].substr(2), words[i + 1]);
        ++i;
      } else {
        throw ConfigError("command line: " + words[i] + " needs a value");
      }
    }
  }

  void set(const std::string& name, const std::string& value) {
    if (name == "plugin") return plugins.push_back(value);
    if (options.emplace(name, value).second) return;
    throw ConfigError("command line: --" + name + " is given twice; remove one");
  }

  std::optional<std::string> take(const std::string& name) {
    const auto found = options.find(name);
    if (found == options.end()) return std::nullopt;
    std::optional<std::string> value = found->second;
    options.erase(found);
    return value;
  }

  void expect_no_more() const {
    if (options.empty()) return;
    throw ConfigError("command line: unknown option --" + options.begin()->first);
  }
};

/// The value of one option of the command line.
Config value_of(const std::string& name, const std::string& text) {
  const std::vector<std::string> setting(1, name + '=' + text);
  return Config::of(setting, "command line").at(name);
}

std::int64_t to_count(const std::string& name, const std::string& text) {
  const Config value = value_of(name, text);
  std::int64_t count = 0;
  FieldType<std::int64_t>::read(value, count);
  if (count < 1) value.fail("must be at least 1, got " + text);
  return count;
}

std::optional<Blueprint<Weights>> weights_of(Words& words) {
  const auto text = words.take("weights");
  if (!text) return std::nullopt;
  return Weights::registry().read(value_of("weights", *text));
}

/// What is known of a graph: names, and values as JSON, in the order in which they are shown.
using Facts = std::vector<std::pair<std::string, std::string>>;

template <class Value>
std::string json_of(const Value& value) {
  return FieldType<Value>::json(value);
}

std::string json_of(const std::map<std::int64_t, std::int64_t>& histogram) {
  JsonObject object;
  for (const auto& [degree, nodes] : histogram) object.add(std::to_string(degree), nodes);
  return object.str();
}

Facts facts_of(const GraphInfo& info) {
  const auto of_w = [&](bool holds) { return info.has_weights ? json_of(holds) : "null"; };
  return {{"nodes", json_of(info.nodes)},
          {"edges", json_of(info.edges)},
          {"period", json_of(info.period)},
          {"directed", json_of(info.directed)},
          {"degree_min", json_of(info.degree_min)},
          {"degree_mean", json_of(info.degree_mean)},
          {"degree_max", json_of(info.degree_max)},
          {"degree_histogram", json_of(info.degree_histogram)},
          {"connected", json_of(info.connected)},
          {"components", json_of(info.components)},
          {"diameter", json_of(info.diameter)},
          {"diameter_lower", json_of(info.diameter_lower)},
          {"diameter_upper", json_of(info.diameter_upper)},
          {"clustering", json_of(info.clustering)},
          {"symmetric", of_w(info.symmetric)},
          {"row_stochastic", of_w(info.row_stochastic)},
          {"column_stochastic", of_w(info.column_stochastic)},
          {"doubly_stochastic", of_w(info.doubly_stochastic)},
          {"spectral_gap", json_of(info.spectrum.spectral_gap)},
          {"lambda_min", json_of(info.spectrum.lambda_min)},
          {"product_distance", json_of(info.product_distance)},
          {"rounds_to_consensus", json_of(info.rounds_to_consensus)}};
}

/// Of a directed graph only the shape, unless it brings weights or they are given: no rule is a
/// default for it.
GraphInfo info_of(const std::filesystem::path& file,
                  const std::optional<Blueprint<Weights>>& weights) {
  if (weights || file.extension() == ".json") return inspect(*read_schedule(file, weights));
  Graph graph = read_graph(file);
  if (graph.is_directed()) return inspect(graph);
  return inspect(StoredSchedule(std::move(graph), {}));
}

void print_info(Words& words) {
  if (words.plain.size() != 2)
    throw ConfigError("command line: usage: kith graph info FILE [--weights W] [--json]");
  const auto weights = weights_of(words);
  words.expect_no_more();
  const GraphInfo info = info_of(words.plain[1], weights);
  const Facts facts = facts_of(info);
  if (words.json) {
    JsonObject object;
    for (const auto& [name, json] : facts) object.raw(name, json);
    std::fputs(json_pretty(object.str()).c_str(), stdout);
    return;
  }
  for (const auto& [name, json] : facts) std::printf("%-20s%s\n", name.c_str(), json.c_str());
  if (info.has_weights) return;
  std::puts(
      "metropolis_hastings, the default, needs edges that go both ways: --weights "
      "neighborhood_mean or column_stochastic tells the rest");
}

/// A message about a config, about the command line that stands for it: "command line: /graph/k: …"
/// and "/graph/k: …" become "command line: --k: …".
std::string about_options(const std::string& message) {
  constexpr std::string_view kSource = "command line: ";
  std::string_view rest = message;
  if (rest.starts_with(kSource)) rest.remove_prefix(kSource.size());
  for (const auto& [path, option] :
       {std::pair("/graph: ", ""), {"/graph/type: ", ""}, {"/graph/", "--"}, {"/", "--"}}) {
    if (!rest.starts_with(path)) continue;
    rest.remove_prefix(std::string_view(path).size());
    return std::string(kSource) + option + std::string(rest);
  }
  return std::string(kSource) + std::string(rest);
}

template <class Write>
void write_file(const std::string& name, Write write_to) {
  std::ofstream file(name);
  if (file) write_to(file);
  file.close();
  if (!file) throw ResourceError(name + ": cannot be written");
}

/// What the words ask for, written to `out`: by its extension, unless --format is given; else an
/// edge list, which a schedule does not fit in.
void make_graph(Words& words) {
  const auto nodes = words.take("nodes");
  if (!nodes) throw ConfigError("missing --nodes N, how many nodes the graph has");
  const auto rounds = words.take("rounds");
  const auto out = words.take("out");
  const auto format = words.take("format");

  std::vector<std::string> settings{"graph.type=" + words.plain[0]};
  for (const auto& [name, value] : words.options) settings.push_back("graph." + name + '=' + value);
  const Config config = Config::of(settings, "command line");
  const auto blueprint = Schedule::registry().read(config.at("graph"));
  Schedule::Context context;
  context.nodes = to_count("nodes", *nodes);
  context.seed = static_cast<std::uint64_t>(blueprint.common().seed.value_or(1));
  context.common = &blueprint.common();
  const auto schedule = blueprint.make(context);

  const std::optional<Round> count =
      rounds ? std::optional(to_count("rounds", *rounds)) : std::nullopt;
  std::optional<GraphFormat> shape;
  if (format) shape = graph_format(*format);
  if (!shape && out) shape = format_of(*out);
  if (!shape) {
    shape = count.value_or(schedule->period()) == 1 ? GraphFormat::kEdges : GraphFormat::kJson;
  }
  if (!out) {
    write(*schedule, *shape, count, std::cout);
    std::cout.flush();
    return;
  }
  rounds_to_write(*schedule, *shape, count);  // what cannot be must not empty a file
  write_file(*out, [&](std::ostream& file) { write(*schedule, *shape, count, file); });
}

void draw_graph(Words& words) {
  const auto layout = words.take("layout");
  const auto opacity = words.take("opacity");
  if (words.plain.size() != 3 || words.json) {
    throw ConfigError(
        "command line: usage: kith graph draw FILE OUT.svg "
        "[--layout auto|circle|grid|tree|force] [--opacity uniform|weights]");
  }
  words.expect_no_more();
  DrawOptions options{.layout = layout_kind(layout.value_or("auto"))};
  if (opacity && *opacity != "uniform" && *opacity != "weights") {
    throw ConfigError("command line: --opacity must be uniform or weights, got " +
                      in_quotes(*opacity));
  }
  options.show_weights = opacity == "weights";
  const auto schedule = read_schedule(words.plain[1]);
  std::string picture;
  try {
    picture = draw(*schedule, options);
  } catch (const ConfigError& error) {
    throw ConfigError(words.plain[1] + ": " + error.what());
  }
  write_file(words.plain[2], [&](std::ostream& file) { file << picture; });
}

}  // namespace

void graph(const std::vector<std::string>& arguments) {
  Words words(arguments);
  load_plugins(words.plugins);
  if (words.plain.empty() && !words.help) {
    throw ConfigError(
        "command line: usage: kith graph KIND --nodes N [--OPTION VALUE]…, or kith "
        "graph info FILE, or kith graph draw FILE OUT.svg. Known kinds: " +
        join(Schedule::registry().names()));
  }
  const std::string what = words.plain.empty() ? "" : words.plain[0];
  if (words.help) {
    std::puts(
        "kith graph KIND --nodes N [--OPTION VALUE]… [--weights W] [--seed S] [--rounds R]\n"
        "                [--plugin FILE]… [--out FILE] [--format "
        "edges|adjacency|graphml|gml|dot|json]\n"
        "kith graph info FILE [--weights W] [--json]\n"
        "kith graph draw FILE OUT.svg [--layout auto|circle|grid|tree|force] "
        "[--opacity uniform|weights]");
    if (what != "info" && what != "draw" && !what.empty()) list("graph", what, /*json=*/false);
    if (what.empty()) std::puts(("Kinds: " + join(Schedule::registry().names())).c_str());
    return;
  }
  if (what == "info") return print_info(words);
  if (what == "draw") return draw_graph(words);
  if (words.plain.size() > 1 || words.json) {
    throw ConfigError("command line: kith graph does not know " +
                      in_quotes(words.json ? "--json" : words.plain[1]) +
                      (words.json ? " here; use --format json" : ""));
  }
  try {
    make_graph(words);
  } catch (const ConfigError& error) {
    throw ConfigError(about_options(error.what()));
  }
}

}  // namespace kith::commands
