#include "experiment/summary.h"

#include "core/json_object.h"
#include "experiment/digest.h"

namespace kith {
namespace {

/// Records of nodes that were never evaluated are missing.
std::string nodes_json(const Recorder& recorder) {
  std::vector<std::string> records;
  for (const std::string& record : recorder.last_records()) {
    if (!record.empty()) records.push_back(record);
  }
  return json_array(records, [](const std::string& record) { return record; });
}

std::string network_json(const Recorder& recorder) {
  return recorder.last_network().empty() ? "null" : recorder.last_network();
}

}  // namespace

std::string summary_json(const RunConfig& config, const Recorder& recorder,
                         const std::vector<std::uint64_t>& node_digests, double wall_s,
                         std::uint64_t wire_bytes) {
  const auto quoted_hex = [](std::uint64_t digest) { return json_string(hex(digest)); };
  return JsonObject()
      .add("status", "done")
      .add("name", config.name)
      .add("rounds", config.rounds)
      .add("wall_time_s", wall_s)
      .add("wire_bytes", wire_bytes)
      .raw("network", network_json(recorder))
      .raw("nodes", nodes_json(recorder))
      .raw("digests", JsonObject()
                          .raw("nodes", json_array(node_digests, quoted_hex))
                          .add("all", hex(digest_of(node_digests)))
                          .str())
      .str();
}

std::string failure_summary(const std::string& status, const std::string& error) {
  return JsonObject().add("status", status).add("error", error).str();
}

std::string failure_summary(const std::string& status, const std::string& error,
                            const Recorder& recorder) {
  return JsonObject()
      .add("status", status)
      .add("error", error)
      .raw("network", network_json(recorder))
      .raw("nodes", nodes_json(recorder))
      .str();
}

}  // namespace kith
