#include "experiment/initial_parameters.h"

#include <algorithm>

namespace kith {
namespace {

std::string prefix_of(Uid uid) { return "node." + std::to_string(uid) + '.'; }

}  // namespace

InitialParameters::InitialParameters(const RunConfig& config, const Data& data, const Model& model)
    : model_(model),
      data_(data),
      from_(config.model.common().init.from),
      seed_(config.seed_or(config.model.common().seed)) {
  using From = Initialization::From;
  if (from_ == From::kFile) file_.emplace(config.model.common().init.file);
  const std::string& any_tensor = model.layout().tensors.front().name;
  const bool of_each_node = file_ && file_->has(prefix_of(0) + any_tensor);
  for (Uid uid = 0; of_each_node && uid < config.nodes; ++uid) {
    file_->check(model.layout(), prefix_of(uid));
  }
  if (from_ == From::kPerNode || of_each_node) return;
  shared_ = Array(model.layout().size);
  if (file_) {
    file_->read(model.layout(), "", shared_.view());
  } else if (!data.quadratics) {
    model.initialize(seed_, 0, shared_.view());
  }
}

void InitialParameters::fill(Uid uid, ArrayView x) const {
  const auto node = static_cast<std::size_t>(uid);
  if (from_ == Initialization::From::kPerNode) {
    model_.initialize(seed_, static_cast<std::uint32_t>(uid) + 1, x);
  } else if (shared_.size() == 0) {
    file_->read(model_.layout(), prefix_of(uid), x);
  } else if (!file_ && data_.quadratics && !data_.quadratics->x0.empty()) {
    const double* const x0 = data_.quadratics->x0.data() + node * x.size;
    std::transform(x0, x0 + x.size, x.data, [](double value) { return static_cast<float>(value); });
  } else {
    std::copy_n(shared_.data(), shared_.size(), x.data);
  }
}

}  // namespace kith
