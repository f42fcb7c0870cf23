#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/fields.h"

namespace kith {

/// A component that a config chose: checked, not yet made. Makes any number of equal ones.
template <class Interface, class... Context>
class Blueprint {
 public:
  using Common = typename Interface::Common;
  using Maker = std::function<std::unique_ptr<Interface>(Context...)>;

  Blueprint() = default;
  Blueprint(std::string type, Common common, std::string json, Maker maker)
      : type_(std::move(type)),
        common_(std::move(common)),
        json_(std::move(json)),
        maker_(std::move(maker)) {}

  explicit operator bool() const { return static_cast<bool>(maker_); }

  const std::string& type() const { return type_; }

  /// The options that every component of this kind has.
  const Common& common() const { return common_; }

  /// The component as it stands in a resolved config, every default spelled out.
  const std::string& json() const { return json_; }

  std::unique_ptr<Interface> make(Context... context) const { return maker_(context...); }

 private:
  std::string type_;
  Common common_;
  std::string json_ = "null";
  Maker maker_;
};

/// For interfaces whose components have no options in common.
struct NoCommon {
  void fields(Fields&) {}
};

/// Something known of a component besides its options: {"degree", "2"}.
struct Fact {
  std::string name;
  std::string text;
};

/// What is known of a registered component without a config.
struct ComponentInfo {
  std::string name;
  std::string summary;
  std::vector<FieldInfo> fields;
  std::vector<Fact> facts;
};

/// The part of a registry that does not depend on the interface: what `kith list` walks over.
class AnyRegistry {
 public:
  explicit AnyRegistry(std::string kind);
  virtual ~AnyRegistry() = default;
  AnyRegistry(const AnyRegistry&) = delete;
  AnyRegistry& operator=(const AnyRegistry&) = delete;

  const std::string& kind() const { return kind_; }
  virtual std::vector<std::string> names() const = 0;
  virtual ComponentInfo describe(const std::string& name) const = 0;

  /// Every registry in which something is registered, by kind.
  static const std::map<std::string, AnyRegistry*>& all();

  /// Names that were registered twice: a mistake of ours, found before `main` and reported by it.
  static const std::vector<std::string>& twins();

 protected:
  void note_twin(const std::string& name) const;

 private:
  std::string kind_;
};

/// The implementations of one interface, by the name a config gives in its "type" field.
///
/// `Context...` is what every implementation needs besides its own fields.
template <class Interface, class... Context>
class Registry final : public AnyRegistry {
 public:
  using Chosen = Blueprint<Interface, Context...>;
  using Common = typename Interface::Common;

  struct Entry {
    std::string summary;
    std::function<std::vector<FieldInfo>()> describe;
    /// Reads the component's own fields and returns what makes it.
    std::function<typename Chosen::Maker(Fields&)> read;
    std::vector<Fact> facts;
  };

  /// `kind` is the word for the interface in messages: "sharing", "compressor".
  using AnyRegistry::AnyRegistry;

  void add(const std::string& name, Entry entry) {
    if (!entries_.emplace(name, std::move(entry)).second) note_twin(name);
  }

  /// A component from `{"type": NAME, …}`, or from `"NAME"`. Options without a type are those of
  /// the component `standard_name`, where there is one.
  Chosen read(const Config& config, const std::string& standard_name = "") const {
    if (config.is_string()) return read_named(config.to_string(), config, config.with_no_members());
    if (!config.is_object()) {
      config.fail("must be a " + kind() + ", {\"type\": …} or just its name, got " +
                  config.dump(true));
    }
    if (!config.has("type")) {
      if (!standard_name.empty()) return read_named(standard_name, config, config);
      config.fail("missing \"type\", the name of a " + kind() + ". Known: " + join(names()));
    }
    return read_named(config.at("type").to_string(), config.at("type"), config);
  }

  /// The component `name` with every option at its default.
  Chosen standard(const std::string& name) const {
    return read(Config::parse(in_quotes(name), kind()));
  }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
  }

  ComponentInfo describe(const std::string& name) const override {
    const Entry& entry = entries_.at(name);
    Common common;
    Fields shared;
    common.fields(shared);
    std::vector<FieldInfo> fields = entry.describe();
    fields.insert(fields.end(), shared.infos().begin(), shared.infos().end());
    return {name, entry.summary, fields, entry.facts};
  }

 private:
  Chosen read_named(const std::string& name, const Config& at, const Config& options) const {
    const auto entry = entries_.find(name);
    if (entry == entries_.end()) {
      at.fail("unknown " + kind() + ' ' + in_quotes(name) + suggest(name, names()));
    }
    Fields fields(options);
    std::string type = name;
    fields.optional("type", type, "");
    auto maker = entry->second.read(fields);
    Common common;
    common.fields(fields);
    fields.finish();
    return Chosen(name, common, '{' + fields.resolved() + '}', std::move(maker));
  }

  std::map<std::string, Entry> entries_;
};

template <class Interface, class... Context>
struct FieldType<Blueprint<Interface, Context...>> {
  using Chosen = Blueprint<Interface, Context...>;

  static void read(const Config& config, Chosen& value) {
    value = Interface::registry().read(config, value.type());
  }
  static std::string json(const Chosen& value) { return value.json(); }
  static void describe(const Chosen&, FieldInfo& info) {
    info.type = info.component = Interface::registry().kind();
  }
};

/// Makes `Component` available to configs under `name`. Define one at the end of its .cpp file:
///
///     const Register<Sharing, Choco> registered{"choco", "CHOCO-SGD: compressed gossip"};
///
/// `Component` has a copyable `struct Params` with a `fields(Fields&)`, and a constructor that
/// takes it, and then the registry's context.
template <class Interface, class Component>
struct Register {
  Register(const std::string& name, const std::string& summary,
           const std::vector<Fact>& facts = {}) {
    add(Interface::registry(), name, summary, facts);
  }

 private:
  template <class... Context>
  static void add(Registry<Interface, Context...>& registry, const std::string& name,
                  const std::string& summary, const std::vector<Fact>& facts) {
    using Params = typename Component::Params;
    registry.add(name, {summary,
                        [] {
                          Params params;
                          Fields fields;
                          params.fields(fields);
                          return fields.infos();
                        },
                        [](Fields& fields) {
                          Params params;
                          params.fields(fields);
                          return [params](Context... context) -> std::unique_ptr<Interface> {
                            return std::make_unique<Component>(params, context...);
                          };
                        },
                        facts});
  }
};

/// For components without options.
struct NoParams {
  void fields(Fields&) {}
};

}  // namespace kith
