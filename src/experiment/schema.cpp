#include "experiment/schema.h"

#include <cmath>

#include "core/json_object.h"
#include "core/registry.h"
#include "experiment/run_config.h"

namespace kith {
namespace {

std::string object_schema(const std::vector<FieldInfo>& fields, const std::string& type_name);

void add_bounds(JsonObject& schema, const Range& range) {
  const auto add = [&](const char* keyword, double bound) {
    if (std::isfinite(bound)) schema.add(keyword, bound);
  };
  add("exclusiveMinimum", range.above);
  add("minimum", range.at_least);
  add("maximum", range.at_most);
  add("exclusiveMaximum", range.below);
}

std::string scalar_schema(const std::string& type, const FieldInfo& info) {
  JsonObject schema;
  if (type == "number" || type == "integer" || type == "boolean" || type == "string") {
    schema.add("type", type);
  } else if (type == "path") {
    schema.add("type", "string");
  } else {
    return "{}";  // checked by the program
  }
  add_bounds(schema, info.range);
  if (!info.choices.empty()) {
    schema.raw("enum",
               json_array(info.choices, [](const auto& word) { return json_string(word); }));
  }
  return schema.str();
}

std::string reference(const std::string& kind) {
  return JsonObject().add("$ref", "#/$defs/" + kind).str();
}

/// A component of one kind, then any number of another kind.
std::string component_list(const FieldInfo& info) {
  return JsonObject()
      .add("type", "array")
      .raw("prefixItems", '[' + reference(info.component) + ']')
      .raw("items", reference(info.more))
      .add("minItems", 1)
      .str();
}

std::string field_schema(const FieldInfo& info) {
  JsonObject schema;
  constexpr std::string_view kList = "list of ";
  if (!info.more.empty()) {
    schema.raw("anyOf", '[' + reference(info.component) + ',' + component_list(info) + ']');
  } else if (!info.component.empty()) {
    schema.add("$ref", "#/$defs/" + info.component);
  } else if (info.type == "object") {
    return object_schema(info.members, "");
  } else if (info.type.starts_with(kList)) {
    const std::string element = info.type.substr(kList.size(), info.type.size() - kList.size() - 1);
    schema.add("type", "array").raw("items", scalar_schema(element, info));
  } else {
    schema.raw("allOf", '[' + scalar_schema(info.type, info) + ']');
  }
  schema.add("description", info.help);
  if (info.standard != "null" && !info.required) schema.raw("default", info.standard);
  return schema.str();
}

/// An object with just these members; with a "type" that is `type_name` where one is given.
std::string object_schema(const std::vector<FieldInfo>& fields, const std::string& type_name) {
  JsonObject properties;
  std::vector<std::string> required;
  if (!type_name.empty()) {
    properties.raw("type", JsonObject().add("const", type_name).str());
    required.push_back("type");
  }
  for (const FieldInfo& info : fields) {
    properties.raw(info.name, field_schema(info));
    if (info.required) required.push_back(info.name);
  }
  JsonObject schema;
  schema.add("type", "object").raw("properties", properties.str());
  schema.add("additionalProperties", false);
  schema.raw("required", json_array(required, [](const auto& name) { return json_string(name); }));
  return schema.str();
}

/// A component of one kind: its bare name, or an object for each name.
std::string component_schema(const AnyRegistry& registry) {
  const std::vector<std::string> names = registry.names();
  const auto quoted = [](const std::string& name) { return json_string(name); };
  std::vector<std::string> forms{JsonObject().raw("enum", json_array(names, quoted)).str()};
  for (const std::string& name : names) {
    forms.push_back(object_schema(registry.describe(name).fields, name));
  }
  return JsonObject().raw("anyOf", json_array(forms, [](const auto& form) { return form; })).str();
}

}  // namespace

std::vector<FieldInfo> config_sections() {
  RunConfig config;
  Fields fields;
  config.fields(fields);
  return fields.infos();
}

std::string config_schema() {
  std::vector<FieldInfo> sections = config_sections();
  sections.push_back(
      {.name = "extends", .type = "path", .help = "a config to start from", .standard = "null"});
  JsonObject definitions;
  for (const auto& [kind, registry] : AnyRegistry::all()) {
    definitions.raw(kind, component_schema(*registry));
  }
  std::string schema = object_schema(sections, "");
  schema.pop_back();
  return json_pretty(R"({"$schema": "https://json-schema.org/draft/2020-12/schema", )" +
                     schema.substr(1) + R"(, "$defs": )" + definitions.str() + '}');
}

}  // namespace kith
