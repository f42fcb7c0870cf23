#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "core/registry.h"
#include "experiment/run_config.h"
#include "experiment/schema.h"
#include "support/configs.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = source_folder();

std::vector<fs::path> all_configs() {
  std::vector<fs::path> files = configs_in(kSource / "eval");
  std::ranges::copy(configs_in(kSource / "tests" / "configs"), std::back_inserter(files));
  return files;
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// "sharing full" for every component that stands in a resolved config, however deep.
class Components {
 public:
  void add(const RunConfig& run) { walk(Config::parse(run.json(), "resolved"), config_sections()); }

  const std::set<std::string>& names() const { return names_; }

 private:
  void walk(const Config& object, const std::vector<FieldInfo>& fields) {
    for (const FieldInfo& field : fields) {
      if (!object.has(field.name)) continue;
      const Config value = object.at(field.name);
      if (!field.members.empty()) walk(value, field.members);
      if (field.component.empty()) continue;
      std::string kind = field.component;
      for (const Config& component : value.is_list() ? value.elements() : std::vector{value}) {
        add(component, std::exchange(kind, field.more));
      }
    }
  }

  void add(const Config& component, const std::string& kind) {
    const std::string type = component.at("type").to_string();
    names_.insert(kind + ' ' + type);
    walk(component, AnyRegistry::all().at(kind)->describe(type).fields);
  }

  std::set<std::string> names_;
};

TEST(EvalConfigs, AreReadAndAgreeWithTheirResolvedForm) {
  const std::vector<fs::path> files = all_configs();
  ASSERT_GT(files.size(), 10u);
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.string());
    // Data files are not opened here: those of MNIST and CIFAR-10 are the user's.
    for (const RunConfig& run : runs_of(file)) {
      EXPECT_EQ(RunConfig::read(Config::parse(run.json(), "resolved")).json(), run.json());
    }
  }
}

TEST(EvalConfigs, NameEveryComponentAtLeastOnce) {
  Components used;
  for (const fs::path& file : all_configs()) {
    for (const RunConfig& run : runs_of(file)) used.add(run);
  }
  for (const auto& [kind, registry] : AnyRegistry::all()) {
    if (kind == "pet") continue;  // lives in config_test.cpp
    for (const std::string& name : registry->names()) {
      if (name.ends_with("_in_a_test")) continue;
      EXPECT_TRUE(used.names().contains(kind + ' ' + name))
          << "no config under eval/ or tests/configs has the " << kind << " \"" << name
          << "\"; add one";
    }
  }
}

TEST(EvalConfigs, SayWhatTheyShowAndAreListed) {
  const fs::path folder = kSource / "eval";
  const std::string readme = text_of(folder / "README.md");
  for (const fs::path& file : configs_in(folder)) {
    const std::string name = file.lexically_relative(folder).string();
    EXPECT_TRUE(text_of(file).starts_with("// ")) << name << " begins without a comment";
    EXPECT_TRUE(readme.find('`' + name + '`') != std::string::npos)
        << "eval/README.md lacks " << name;
  }
}

}  // namespace
}  // namespace kith
