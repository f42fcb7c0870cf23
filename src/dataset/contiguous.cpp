#include "dataset/partition.h"

namespace kith {
namespace {

/// Deals the samples as they lie in their file, in near-equal runs.
class Contiguous final : public Partitioner {
 public:
  using Params = NoParams;

  explicit Contiguous(Params) {}

  Partition deal(const Samples& samples, std::int64_t nodes, std::uint64_t) const override {
    return cut_evenly(all_indices(samples.size()), nodes);
  }
};

const Register<Partitioner, Contiguous> registered{
    "contiguous", "near-equal runs of samples in the order of their file"};

}  // namespace
}  // namespace kith
