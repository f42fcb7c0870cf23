#include <algorithm>
#include <cstdio>

#include "commands.h"
#include "core/error.h"
#include "core/json_object.h"
#include "core/registry.h"
#include "experiment/schema.h"

namespace kith::commands {
namespace {

std::string field_text(const FieldInfo& info, const std::string& indent) {
  std::string text = indent + info.name + ": " + info.help + " (" + info.type;
  if (const std::string range = info.range.words(); !range.empty()) text += ' ' + range;
  if (!info.choices.empty()) text += ": " + join(info.choices, "|");
  text += info.required             ? ", required"
          : info.standard == "null" ? ""
                                    : ", default " + info.standard;
  text += ")\n";
  for (const FieldInfo& member : info.members) text += field_text(member, indent + "  ");
  return text;
}

std::string field_json(const FieldInfo& info) {
  JsonObject json;
  json.add("name", info.name).add("type", info.type).add("help", info.help);
  json.add("required", info.required);
  if (!info.required) json.raw("default", info.standard);
  if (const std::string range = info.range.words(); !range.empty()) json.add("range", range);
  if (!info.choices.empty()) {
    json.raw("choices", json_array(info.choices, [](const auto& w) { return json_string(w); }));
  }
  if (!info.members.empty()) json.raw("members", json_array(info.members, field_json));
  return json.str();
}

/// One kind of component, or a plain section such as "evaluation".
struct Section {
  std::string name;
  std::vector<ComponentInfo> components;
  std::vector<FieldInfo> fields;  // of a plain section
};

std::vector<Section> sections() {
  std::vector<Section> sections;
  for (const auto& [kind, registry] : AnyRegistry::all()) {
    Section section{kind, {}, {}};
    for (const auto& name : registry->names())
      section.components.push_back(registry->describe(name));
    sections.push_back(std::move(section));
  }
  for (const FieldInfo& info : config_sections()) {
    if (!info.members.empty()) sections.push_back({info.name, {}, info.members});
  }
  return sections;
}

template <class Item, class Name>
void keep_only(std::vector<Item>& items, const std::string& wanted, const std::string& what,
               Name name) {
  if (wanted.empty()) return;
  std::vector<std::string> names;
  for (const Item& item : items) names.push_back(name(item));
  std::erase_if(items, [&](const Item& item) { return name(item) != wanted; });
  if (items.empty()) {
    throw ConfigError("command line: unknown " + what + ' ' + in_quotes(wanted) +
                      suggest(wanted, names));
  }
}

std::string fact_text(const Fact& fact) {
  std::string name = fact.name;
  std::ranges::replace(name, '_', ' ');
  const bool has_lines = fact.text.find('\n') != fact.text.npos;
  std::string text = has_lines ? '\n' + fact.text : ' ' + fact.text;
  for (auto at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
    text.insert(at + 1, 6, ' ');
  }
  return "    " + name + ':' + text + '\n';
}

/// With all that is known of a component only where it is the only one.
std::string section_text(const Section& section) {
  std::string text = section.name + '\n';
  for (const ComponentInfo& component : section.components) {
    text += "  " + component.name + ": " + component.summary + '\n';
    for (const FieldInfo& info : component.fields) text += field_text(info, "      ");
    if (section.components.size() > 1) continue;
    for (const Fact& fact : component.facts) text += fact_text(fact);
  }
  for (const FieldInfo& info : section.fields) text += field_text(info, "  ");
  return text;
}

std::string section_json(const Section& section) {
  const auto component_json = [](const ComponentInfo& component) {
    JsonObject json;
    json.add("name", component.name).add("summary", component.summary);
    json.raw("options", json_array(component.fields, field_json));
    for (const Fact& fact : component.facts) json.add(fact.name, fact.text);
    return json.str();
  };
  JsonObject json;
  json.add("section", section.name);
  if (section.fields.empty()) {
    json.raw("components", json_array(section.components, component_json));
  } else {
    json.raw("options", json_array(section.fields, field_json));
  }
  return json.str();
}

}  // namespace

void list(const std::string& section, const std::string& type, bool json) {
  std::vector<Section> shown = sections();
  keep_only(shown, section, "section", [](const Section& s) { return s.name; });
  if (!type.empty()) {
    keep_only(shown.front().components, type, section,
              [](const ComponentInfo& component) { return component.name; });
  }
  if (json) {
    std::fputs(json_pretty(json_array(shown, section_json)).c_str(), stdout);
    return;
  }
  for (const Section& s : shown) std::fputs((section_text(s) + '\n').c_str(), stdout);
}

void schema() { std::fputs(config_schema().c_str(), stdout); }

}  // namespace kith::commands
