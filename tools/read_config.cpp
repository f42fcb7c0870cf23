#include "read_config.h"

#include <algorithm>

#include "core/json_object.h"
#include "experiment/plugin.h"

namespace kith::commands {
namespace {

bool is_option(const std::string& transport, const std::string& name) {
  const auto& known = Transport::registry().describe(transport).fields;
  return std::ranges::find(known, name, &FieldInfo::name) != known.end();
}

/// What makes the config's transport `transport`.
std::vector<std::string> change_of_transport(const Config& config, const std::string& transport) {
  std::vector<std::string> settings{"communication.type=" + transport};
  const std::vector<std::string> known = Transport::registry().names();
  const bool has_options =
      config.is_object() && config.has("communication") && config.at("communication").is_object();
  if (!has_options || std::ranges::find(known, transport) == known.end()) return settings;
  for (const std::string& name : config.at("communication").names()) {
    if (name == "type" || is_option(transport, name)) continue;
    const bool is_other = std::ranges::any_of(
        known, [&](const std::string& other) { return is_option(other, name); });
    if (is_other) settings.push_back("communication." + name + "=null");
  }
  return settings;
}

/// What makes the config name the plug-ins of the command line too: the resolved config runs
/// without a command line.
std::string addition_of_plugins(const Config& config, const std::vector<std::string>& more) {
  std::vector<std::string> files;
  if (config.is_object() && config.has("plugins") && !config.at("plugins").is_null()) {
    for (const Config& file : config.at("plugins").elements()) files.push_back(file.to_path());
  }
  for (const std::string& file : more) {
    files.push_back(std::filesystem::absolute(file).lexically_normal());
  }
  return "plugins=" + json_array(files, [](const auto& file) { return json_string(file); });
}

}  // namespace

void load_plugins(const std::vector<std::string>& files) {
  for (const std::string& file : files) load_plugin(file);
}

RunConfig read_config(const RunArguments& arguments) {
  load_plugins(arguments.plugins);
  std::vector<std::string> settings = arguments.settings;
  if (!arguments.plugins.empty()) {
    const Config config = Config::load(arguments.config, settings);
    settings.push_back(addition_of_plugins(config, arguments.plugins));
  }
  if (!arguments.device.empty()) settings.push_back("device=" + arguments.device);
  if (!arguments.transport.empty()) {
    const Config config = Config::load(arguments.config, settings);
    for (const auto& s : change_of_transport(config, arguments.transport)) settings.push_back(s);
  }
  return RunConfig::read(Config::load(arguments.config, settings));
}

std::string configured_transport(const RunArguments& arguments) {
  const Config config = Config::load(arguments.config, arguments.settings);
  if (!config.is_object() || !config.has("communication")) return "inproc";
  const Config communication = config.at("communication");
  if (communication.is_string()) return communication.to_string();
  const bool is_typed = communication.is_object() && communication.has("type") &&
                        communication.at("type").is_string();
  return is_typed ? communication.at("type").to_string() : "inproc";
}

}  // namespace kith::commands
