#pragma once

#include <string>
#include <vector>

#include "core/fields.h"

namespace kith {

/// The sections of a config, as `RunConfig` declares them.
std::vector<FieldInfo> config_sections();

/// The JSON Schema (draft 2020-12) of a config, for editors.
std::string config_schema();

}  // namespace kith
