#include "graph/file.h"

#include "graph/stored_schedule.h"

namespace kith {

namespace fs = std::filesystem;

std::unique_ptr<Schedule> read_schedule(const fs::path& file,
                                        const std::optional<Blueprint<Weights>>& weights) {
  const fs::path extension = file.extension();
  if (extension == ".json") {
    std::vector<MixingMatrix> period = read_json(file);
    if (weights) {
      for (MixingMatrix& w : period) w = weights->make()->on(std::move(w.graph));
    }
    return std::make_unique<StoredSchedule>(std::move(period));
  }
  if (extension != ".edges" && extension != ".adj") {
    throw InputError(file.string() +
                     ": unknown kind of graph file; known by their extensions are "
                     ".adj, .edges, .json");
  }
  Schedule::Common common;
  common.weights = weights;
  return std::make_unique<StoredSchedule>(
      extension == ".adj" ? read_adjacency(file) : read_edges(file),
      Schedule::Context{0, 0, &common});
}

namespace {

/// The graph or schedule in a file. A JSON file brings its own weights, which hold unless the config
/// chose others.
class File final : public Schedule {
 public:
  struct Params {
    Path path;

    void fields(Fields& f) {
      f.required("path", path, ".edges, .adj, or .json with its own weights");
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
