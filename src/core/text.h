#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Words for people, and numbers for JSON.
namespace kith {

/// `text` as one line of valid UTF-8 without control characters, cut when it is very long.
std::string one_line(std::string_view text);

/// `"text"`
std::string in_quotes(std::string_view text);

/// The end of a sentence about an unknown `name`, of which only `names` are known:
/// `; did you mean "x"? Known: x, y`, or `. Known: x, y` when none of them is close.
std::string suggest(std::string_view name, const std::vector<std::string>& names);

/// "a, b, c"
std::string join(const std::vector<std::string>& words, std::string_view separator = ", ");

/// "1 node", "3 nodes"
std::string count_of(std::uint64_t count, std::string_view singular, std::string_view plural = "");

/// 1536 -> "1.5 KiB"
std::string bytes_text(double bytes);

/// 3725 -> "1 h 2 min", 42.31 -> "42.3 s"
std::string duration_text(double seconds);

/// A number as JSON: the shortest text that reads back as the same bits; null when not finite.
std::string json_number(double value);
std::string json_number(float value);

/// A text as JSON, in quotes. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

/// JSON text again, a member a line, ending in a newline.
std::string json_pretty(const std::string& json);

}  // namespace kith
