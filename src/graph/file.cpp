#include "graph/file.h"

#include <map>

#include "graph/stored_schedule.h"

namespace kith {

namespace fs = std::filesystem;

namespace {

/// What reads the graphs that bring no weights, by the file's extension.
const std::map<std::string, Graph (*)(const fs::path&)>& readers() {
  static const std::map<std::string, Graph (*)(const fs::path&)> readers{{".edges", read_edges},
                                                                         {".txt", read_edges},
                                                                         {".adj", read_adjacency},
                                                                         {".graphml", read_graphml},
                                                                         {".gml", read_gml}};
  return readers;
}

}  // namespace

Graph read_graph(const fs::path& file) {
  const auto known = readers().find(file.extension().string());
  if (known != readers().end()) return known->second(file);
  throw InputError(file.string() +
                   ": unknown kind of graph file; known by their extensions are .adj, .edges, "
                   ".gml, .graphml, .json, .txt");
}

std::unique_ptr<Schedule> read_schedule(const fs::path& file,
                                        const std::optional<Blueprint<Weights>>& weights) {
  if (file.extension() == ".json") {
    std::vector<MixingMatrix> period = read_json(file);
    if (weights) {
      for (MixingMatrix& w : period) w = weights->make()->on(std::move(w.graph));
    }
    return std::make_unique<StoredSchedule>(std::move(period));
  }
  Schedule::Common common;
  common.weights = weights;
  return std::make_unique<StoredSchedule>(read_graph(file), Schedule::Context{0, 0, &common});
}

namespace {

/// The graph or schedule in a file. A JSON file brings its own weights, which hold unless the
/// config chose others.
class File final : public Schedule {
 public:
  struct Params {
    Path path;

    void fields(Fields& f) {
      f.required("path", path,
                 ".edges or .txt, .adj, .graphml, .gml, or .json with its own weights");
    }
  };

  File(const Params& params, const Context& context) : schedule_(read(params.path.value, context)) {
    if (schedule_->nodes() == context.nodes) return;
    throw ConfigError("/graph/path: " + params.path.value.string() + " has " +
                      count_of(std::uint64_t(schedule_->nodes()), "node") + ", but the run has " +
                      std::to_string(context.nodes) + "; set nodes to " +
                      std::to_string(schedule_->nodes()) + " or take another graph");
  }

  std::int64_t nodes() const override { return schedule_->nodes(); }
  Neighborhood neighborhood(Uid node, Round round) const override {
    return schedule_->neighborhood(node, round);
  }
  Round period() const override { return schedule_->period(); }

 private:
  static std::unique_ptr<Schedule> read(const fs::path& file, const Context& context) {
    return context.common ? read_schedule(file, context.common->weights) : read_schedule(file);
  }

  std::unique_ptr<Schedule> schedule_;
};

const Register<Schedule, File> registered{"file", "the graph or schedule in a file"};

}  // namespace
}  // namespace kith
