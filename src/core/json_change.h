#pragma once

#include <string>
#include <string_view>

namespace kith {

/// A JSON text with one value exchanged. `pointer` (RFC 6901) leads to it, `value` is JSON.
std::string json_change(const std::string& json, std::string_view pointer, std::string_view value);

}  // namespace kith
