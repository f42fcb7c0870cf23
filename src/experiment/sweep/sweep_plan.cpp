#include "experiment/sweep/sweep_plan.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace kith {
namespace {

namespace fs = std::filesystem;

constexpr int kMostRuns = 100'000;

/// One of the values of an axis.
struct Choice {
  std::string label;
  Config::Changes changes;
};

/// One thing that differs between runs.
struct SweepAxis {
  std::string name;
  std::vector<Choice> choices;
};

/// A value in words: a component's type says enough unless two share it.
std::string label_of(const Variation& variation, const std::string& value) {
  const std::vector<std::string> setting{"value=" + value};
  const Config chosen = Config::of(setting, "--vary " + variation.path).at("value");
  if (chosen.is_string()) return chosen.to_string();
  if (!chosen.is_object() || !chosen.has("type") || !chosen.at("type").is_string()) {
    return chosen.dump();
  }
  return chosen.at("type").to_string();
}

/// A value that other values of `variation` are called like has to be told in full.
std::string unlike_label_of(const Variation& variation, const std::string& value) {
  const std::string label = label_of(variation, value);
  const auto is_alike = [&](const std::string& other) {
    return label_of(variation, other) == label;
  };
  return std::ranges::count_if(variation.values, is_alike) > 1 ? value : label;
}

/// The configs' names without their folders, or with the last of them where two are alike.
std::vector<std::string> names_of(const std::vector<Path>& files) {
  std::set<std::string> stems;
  for (const Path& file : files) stems.insert(file.value.stem().string());
  std::vector<std::string> names;
  for (const Path& file : files) {
    const fs::path stem = file.value.stem();
    const fs::path folder = file.value.parent_path().filename();
    names.push_back((stems.size() == files.size() ? stem : folder / stem).string());
  }
  return names;
}

/// Values that are there twice would be run twice under one name.
void check_twins(const SweepAxis& axis) {
  std::set<std::string> labels;
  for (const Choice& choice : axis.choices) {
    if (labels.insert(choice.label).second) continue;
    throw ConfigError("the sweep has " + axis.name + ' ' + in_quotes(choice.label) +
                      " twice; remove one");
  }
}

/// Makes all axes of a sweep but that of its configs.
class Axes {
 public:
  Axes(const SweepConfig& sweep, const fs::path& file)
      : file_(file.string()), folder_(fs::absolute(file).parent_path()) {
    if (!sweep.overrides.empty()) {
      SweepAxis axis{"override", {}};
      for (const Override& one : sweep.overrides) {
        axis.choices.push_back({one.name, in_file(one.set.words)});
      }
      add(std::move(axis));
    }
    for (const Variation& variation : sweep.vary.all) {
      SweepAxis axis{variation.path, {}};
      for (const std::string& value : variation.values) {
        const std::vector<std::string> words{variation.path + '=' + value};
        axis.choices.push_back({unlike_label_of(variation, value),
                                variation.is_typed ? typed(words, "--vary") : in_file(words)});
      }
      add(std::move(axis));
    }
    SweepAxis seeds{"seed", {}};
    for (const std::int64_t seed : sweep.seeds.all) {
      const std::string number = std::to_string(seed);
      seeds.choices.push_back({number, typed({"seed=" + number}, "--seeds")});
    }
    if (seeds.choices.empty()) seeds.choices.push_back({"", {}});  // each config's own
    add(std::move(seeds));
  }

  const std::vector<SweepAxis>& all() const { return axes_; }

  Config::Changes in_file(const std::vector<std::string>& settings) const {
    return {settings, file_, folder_};
  }
  static Config::Changes typed(const std::vector<std::string>& settings, const char* option) {
    return {settings, option, fs::current_path()};
  }

 private:
  void add(SweepAxis axis) {
    check_twins(axis);
    runs_ *= static_cast<double>(axis.choices.size());
    if (runs_ > kMostRuns) {
      throw ConfigError("the sweep has more than " + std::to_string(kMostRuns) + " runs");
    }
    axes_.push_back(std::move(axis));
  }

  std::string file_;
  fs::path folder_;
  std::vector<SweepAxis> axes_;
  double runs_ = 1;
};

/// Steps through every combination of choices, the last axis first.
class Combination {
 public:
  explicit Combination(const std::vector<SweepAxis>& axes) : axes_(axes), at_(axes.size(), 0) {}

  const Choice& choice(std::size_t axis) const { return axes_[axis].choices[at_[axis]]; }

  bool next() {
    for (std::size_t axis = axes_.size(); axis-- > 0;) {
      if (++at_[axis] < axes_[axis].choices.size()) return true;
      at_[axis] = 0;
    }
    return false;
  }

 private:
  const std::vector<SweepAxis>& axes_;
  std::vector<std::size_t> at_;
};

/// "training.lr" as "lr" where no other path ends so.
std::string short_name(const std::string& path, const std::vector<SweepAxis>& axes) {
  const auto end_of = [](const std::string& name) { return name.substr(name.rfind('.') + 1); };
  const auto count = std::ranges::count_if(
      axes, [&](const SweepAxis& axis) { return end_of(axis.name) == end_of(path); });
  return count == 1 ? end_of(path) : path;
}

/// What a choice adds to the name of a group. A component's name speaks for itself, a number not.
std::string words_of(const SweepAxis& axis, const std::string& label,
                     const std::vector<SweepAxis>& axes) {
  const bool is_word = !label.empty() && std::isalpha(static_cast<unsigned char>(label[0])) != 0 &&
                       label != "true" && label != "false" && label != "null";
  const bool is_component =
      axis.name.find('.') == std::string::npos || axis.name.ends_with(".type");
  if (axis.name == "override" || (is_word && is_component)) return label;
  return short_name(axis.name, axes) + '=' + label;
}

std::string as_folder(const std::string& words) {
  constexpr std::size_t kLongest = 120;
  std::string name;
  for (const char c : words) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                          std::string_view("._=+-").find(c) != std::string_view::npos;
    if (is_plain || !name.ends_with('_')) name += is_plain ? c : '_';
  }
  return name.substr(0, kLongest);
}

/// Adds the words of all axes that differ, but for the seed, to a run.
void describe(PlannedRun& run, const std::vector<SweepAxis>& axes, const Combination& combination) {
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::string& label = combination.choice(a).label;
    run.labels.push_back(label);
    if (axes[a].choices.size() < 2 || axes[a].name == "seed") continue;
    run.group += (run.group.empty() ? "" : ", ") + words_of(axes[a], label, axes);
  }
}

}  // namespace

SweepPlan SweepPlan::make(const SweepConfig& sweep, const fs::path& file,
                          const std::vector<std::string>& settings) {
  const Axes made(sweep, file);
  const std::vector<SweepAxis>& axes = made.all();
  const std::vector<std::string> panels = names_of(sweep.configs);
  check_twins({"config", [&] {
                 std::vector<Choice> choices;
                 for (const std::string& panel : panels) choices.push_back({panel, {}});
                 return choices;
               }()});

  SweepPlan plan{sweep.name, {"config"}, {}};
  for (const SweepAxis& axis : axes) plan.axes.push_back(axis.name);
  std::set<std::string> names;
  for (std::size_t c = 0; c < panels.size(); ++c) {
    Combination combination(axes);
    do {
      std::vector<Config::Changes> changes{made.in_file(sweep.set.words)};
      for (std::size_t a = 0; a < axes.size(); ++a) {
        changes.push_back(combination.choice(a).changes);
      }
      changes.push_back(Axes::typed(settings, "--set"));
      PlannedRun run;
      run.config = RunConfig::read(Config::load(sweep.configs[c].value, std::span(changes)));
      run.panel = panels[c];
      run.labels.push_back(panels[c]);
      describe(run, axes, combination);
      run.labels.back() = std::to_string(run.config.seed);
      const std::string words = run.group.empty() ? "" : '-' + run.group;
      const std::string stem = as_folder(run.panel + words + "-seed" + run.labels.back());
      run.name = stem;
      for (int i = 2; !names.insert(run.name).second; ++i) {
        run.name = stem + '-' + std::to_string(i);
      }
      plan.runs.push_back(std::move(run));
    } while (combination.next());
  }
  return plan;
}

}  // namespace kith
