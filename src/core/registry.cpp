#include "core/registry.h"

namespace kith {
namespace {

std::map<std::string, AnyRegistry*>& registries() {
  static std::map<std::string, AnyRegistry*> registries;
  return registries;
}

std::vector<std::string>& twin_names() {
  static std::vector<std::string> names;
  return names;
}

}  // namespace

AnyRegistry::AnyRegistry(std::string kind) : kind_(std::move(kind)) {
  registries().emplace(kind_, this);
}

const std::map<std::string, AnyRegistry*>& AnyRegistry::all() { return registries(); }

const std::vector<std::string>& AnyRegistry::twins() { return twin_names(); }

void AnyRegistry::note_twin(const std::string& name) const {
  twin_names().push_back(kind_ + ' ' + in_quotes(name));
}

}  // namespace kith
