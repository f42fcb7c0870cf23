#include <fstream>
#include <nlohmann/json.hpp>

#include "communication/addresses.h"
#include "core/error.h"
#include "core/file_check.h"
#include "core/json_depth.h"

namespace kith {
namespace {

using Json = nlohmann::json;

std::vector<std::string> from_json(const std::string& text, const std::string& name) {
  Json json;
  try {
    json = Json::parse(text, limit_depth, /*allow_exceptions=*/true, /*ignore_comments=*/true);
  } catch (const std::exception&) {
  }
  if (!json.is_object()) {
    throw InputError(name + ": must be an object like {\"0\": \"10.0.0.1\", …}");
  }
  std::vector<std::string> hosts;
  for (std::size_t machine = 0; machine < json.size(); ++machine) {
    const auto entry = json.find(std::to_string(machine));
    if (entry == json.end()) {
      throw InputError(name + ": has " + std::to_string(json.size()) + " entries, but none for \"" +
                       std::to_string(machine) + "\"; machines are numbered from 0");
    }
    if (!entry->is_string() || entry->get_ref<const std::string&>().empty()) {
      throw InputError(name + ": the address of machine " + std::to_string(machine) +
                       " must be a string");
    }
    hosts.push_back(entry->get<std::string>());
  }
  return hosts;
}

std::vector<std::string> from_lines(const std::string& text) {
  std::vector<std::string> hosts;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string host;
    if (words >> host) hosts.push_back(host);
  }
  return hosts;
}

}  // namespace

std::vector<std::string> read_addresses(const std::filesystem::path& file) {
  if (const auto why = why_unreadable(file, "address file")) {
    throw InputError(file.string() + ": " + *why);
  }
  std::ifstream stream(file);
  const std::string content{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) throw InputError(file.string() + ": cannot be read");
  const auto first = content.find_first_not_of(" \t\r\n");
  const bool is_json =
      first != std::string::npos && (content[first] == '{' || content[first] == '/');
  const std::vector<std::string> hosts =
      is_json ? from_json(content, file.string()) : from_lines(content);
  if (hosts.empty()) throw InputError(file.string() + ": names no host");
  return hosts;
}

}  // namespace kith
