#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file_check.h"
#include "core/json_depth.h"
#include "graph/file.h"
#include "graph/line_reader.h"

namespace kith {
namespace {

using nlohmann::json;

/// The file as JSON, and where in it we are.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : name_(file.string()) {
    if (const auto reason = why_unreadable(file, "graph")) throw InputError(name_ + ": " + *reason);
    std::ifstream stream(file, std::ios::binary);
    try {
      document_ = json::parse(stream, limit_depth);
    } catch (const JsonTooDeep& error) {
      throw InputError(name_ + ": " + error.what());
    } catch (const json::parse_error& error) {
      throw InputError(name_ + ": byte " + std::to_string(error.byte) +
                       ": is not valid JSON; is it truncated?");
    } catch (const json::out_of_range&) {
      throw InputError(name_ + ": holds a number that is too large");
    }
    if (!document_.is_object()) {
      fail("/", R"(expected {"nodes": …, "period": …, "rounds": […]})");
    }
  }

  std::vector<MixingMatrix> matrices() const {
    const std::int64_t nodes = integer("nodes", 1, kMostNodes);
    const auto rounds = document_.find("rounds");
    if (rounds == document_.end() || !rounds->is_array() || rounds->empty()) {
      fail("/rounds", "expected a list with the weights of each round");
    }
    const auto given = static_cast<std::int64_t>(rounds->size());
    const std::int64_t period = integer("period", 0, std::numeric_limits<Round>::max());
    if (period > given) {
      fail("/rounds", "expected the " + count_of(std::uint64_t(period), "round") +
                          " of a period, got " + std::to_string(given));
    }
    std::vector<MixingMatrix> matrices;
    for (std::size_t round = 0; round < (period > 0 ? std::size_t(period) : rounds->size());
         ++round) {
      matrices.push_back(matrix((*rounds)[round], nodes, "/rounds/" + std::to_string(round)));
    }
    return matrices;
  }

 private:
  [[noreturn]] void fail(const std::string& path, const std::string& message) const {
    throw InputError(name_ + ": " + path + ": " + message);
  }

  std::int64_t integer(const std::string& key, std::int64_t least, std::int64_t most) const {
    const auto value = document_.find(key);
    if (value == document_.end() || !value->is_number_integer() ||
        value->get<std::int64_t>() < least || value->get<std::int64_t>() > most) {
      const std::string got = value == document_.end() ? "" : ", got " + value->dump();
      fail('/' + key,
           "expected an integer of " + std::to_string(least) + " to " + std::to_string(most) + got);
    }
    return value->get<std::int64_t>();
  }

  MixingMatrix matrix(const json& round, std::int64_t nodes, const std::string& path) const {
    if (!round.is_array()) fail(path, "expected a list of [receiver, sender, weight]");
    require_plausible(name_, nodes, round.size());
    std::vector<Weight> entries;
    for (std::size_t k = 0; k < round.size(); ++k) {
      const Weight entry = weight(round[k], nodes, path + '/' + std::to_string(k));
      if (entry.value != 0) entries.push_back(entry);
    }
    const auto place = [](const Weight& w) { return std::pair(w.receiver, w.sender); };
    std::ranges::sort(entries, {}, place);
    const auto twin = std::ranges::adjacent_find(entries, {}, place);
    if (twin != entries.end()) {
      fail(path, "the weight of receiver " + std::to_string(twin->receiver) + " on sender " +
                     std::to_string(twin->sender) + " stands twice; remove one");
    }
    return mixing_matrix(nodes, entries);
  }

  Weight weight(const json& entry, std::int64_t nodes, const std::string& path) const {
    if (!entry.is_array() || entry.size() != 3 || !entry[0].is_number_integer() ||
        !entry[1].is_number_integer() || !entry[2].is_number() ||
        !std::isfinite(entry[2].get<double>())) {
      fail(path, "expected [receiver, sender, weight], got " + entry.dump().substr(0, 60));
    }
    for (const std::size_t end : {0, 1}) {
      const auto uid = entry[end].get<std::int64_t>();
      if (uid < 0 || uid >= nodes) fail(path, no_such_node(uid, nodes));
    }
    return {entry[0].get<Uid>(), entry[1].get<Uid>(), entry[2].get<double>()};
  }

  std::string name_;
  json document_;
};

}  // namespace

std::vector<MixingMatrix> read_json(const std::filesystem::path& file) {
  return Reader(file).matrices();
}

}  // namespace kith
