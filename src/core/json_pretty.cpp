#include "core/text.h"

namespace kith {

std::string json_pretty(const std::string& json) {
  constexpr const char* kBlank = " \t\r\n";
  constexpr std::size_t kIndent = 2;
  std::string text;
  std::size_t depth = 0;
  const auto new_line = [&] { text.append(1, '\n').append(kIndent * depth, ' '); };
  for (std::size_t i = json.find_first_not_of(kBlank); i < json.size();
       i = json.find_first_not_of(kBlank, i + 1)) {
    const char c = json[i];
    if (c == '"') {
      std::size_t end = i + 1;
      while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      text.append(json, i, end - i + 1);
      i = end;
    } else if (c == '{' || c == '[') {
      text += c;
      const std::size_t next = json.find_first_not_of(kBlank, i + 1);
      if (json[next] == '}' || json[next] == ']') {
        text += json[i = next];
      } else {
        ++depth;
        new_line();
      }
    } else if (c == '}' || c == ']') {
      --depth;
      new_line();
      text += c;
    } else {
      text += c;
      if (c == ',') new_line();
      if (c == ':') text += ' ';
    }
  }
  return text + '\n';
}

}  // namespace kith
