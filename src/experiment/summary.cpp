#include "experiment/summary.h"

#include "core/json_object.h"
#include "experiment/digest.h"

namespace kith {
namespace {

/// Records of nodes that were never evaluated are missing.
std::string nodes_json(const std::vector<std::string>& all) {
  std::vector<std::string> records;
  for (const std::string& record : all) {
    if (!record.empty()) records.push_back(record);
  }
  return json_array(records, [](const std::string& record) { return record; });
}

std::string network_json(const std::string& network) { return network.empty() ? "null" : network; }

std::string rejected_json(const Rejections& rejected) {
  JsonObject object;
  for (std::size_t reason = 0; reason < rejected.size(); ++reason) {
    object.add(name_of(static_cast<Rejection>(reason)), rejected[reason]);
  }
  return object.str();
}

}  // namespace

std::string summary_json(const RunConfig& config, const std::string& network,
                         const Totals& totals) {
  const auto quoted_hex = [](std::uint64_t digest) { return json_string(hex(digest)); };
  return JsonObject()
      .add("status", "done")
      .add("name", config.name)
      .add("rounds", config.rounds)
      .add("processes", totals.processes)
      .add("mixed_numerics_allowed", config.allow_mixed_numerics)
      .add("wall_time_s", totals.wall_s)
      .add("wire_bytes", totals.wire_bytes)
      .raw("rejected_messages", rejected_json(totals.rejected))
      .raw("network", network_json(network))
      .raw("nodes", nodes_json(totals.records))
      .raw("digests", JsonObject()
                          .raw("nodes", json_array(totals.digests, quoted_hex))
                          .add("all", hex(digest_of(totals.digests)))
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
      .raw("network", network_json(recorder.last_network()))
      .raw("nodes", nodes_json(recorder.last_records()))
      .str();
}

}  // namespace kith
