#include "model/model.h"

#include <stdexcept>

namespace kith {

std::span<const Gradient> Model::gradients(std::span<const Point>, std::size_t) {
  throw std::logic_error("a model without cohorts was asked for one");
}

Registry<Model, const Model::Context&>& Model::registry() {
  static Registry<Model, const Context&> registry("model");
  return registry;
}

void FieldType<Initialization>::read(const Config& config, Initialization& value) {
  const std::string text = config.to_string();
  if (text == "shared") {
    value = {Initialization::From::kShared, {}};
  } else if (text == "per_node") {
    value = {Initialization::From::kPerNode, {}};
  } else if (text.ends_with(".safetensors")) {
    value = {Initialization::From::kFile, config.to_path()};
  } else {
    config.fail("must be \"shared\", \"per_node\" or the path of a .safetensors file, got " +
                in_quotes(text));
  }
}

std::string FieldType<Initialization>::json(const Initialization& value) {
  switch (value.from) {
    case Initialization::From::kPerNode:
      return "\"per_node\"";
    case Initialization::From::kFile:
      return json_string(value.file.string());
    case Initialization::From::kShared:
      break;
  }
  return "\"shared\"";
}

}  // namespace kith
