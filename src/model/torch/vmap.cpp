#include "model/torch/vmap.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/functorch/BatchedTensorImpl.h>
#include <ATen/functorch/DynamicLayer.h>
#include <torch/library.h>
#include <torch/version.h>

#include <unordered_map>

#include "model/torch/im2col.h"

namespace kith {
namespace {

namespace functorch = at::functorch;

// The highest of the keys that dispatch goes by, above functorch's own, and used by nobody else: so
// an operation's arguments can be exchanged before functorch sees them.
constexpr auto kExchangeKey = c10::DispatchKey::TESTING_ONLY_GenericMode;

/// What is to be done otherwise than a module says.
struct Exchange {
  std::unordered_map<const c10::TensorImpl*, torch::Tensor> parameters;
  bool im2col = false;
};

thread_local const Exchange* exchange = nullptr;

void exchange_one(c10::IValue& value) {
  if (value.isTensor()) {
    const auto found = exchange->parameters.find(value.unsafeToTensorImpl());
    if (found != exchange->parameters.end()) value = found->second;
  } else if (value.isTensorList()) {
    auto list = value.toTensorList();
    for (std::size_t i = 0; i < list.size(); ++i) {
      const torch::Tensor tensor = list[i];
      const auto found = exchange->parameters.find(tensor.unsafeGetTensorImpl());
      if (found != exchange->parameters.end()) list[i] = found->second;
    }
  }
}

/// What every operation goes through while parameters are exchanged.
void exchange_arguments(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
  const std::size_t arguments = operation.schema().arguments().size();
  if (exchange) {
    for (std::size_t i = stack->size() - arguments; i < stack->size(); ++i) {
      exchange_one((*stack)[i]);
    }
  }
  const c10::impl::ExcludeDispatchKeyGuard once(kExchangeKey);
  if (exchange && exchange->im2col && im2col_instead(operation, stack)) return;
  operation.callBoxed(stack);
}

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&exchange_arguments>());
}

/// One level of batching, as long as it lives, for this thread.
class Level {
 public:
  explicit Level(std::int64_t nodes)
      : number_(functorch::initAndPushDynamicLayer(
            functorch::TransformType::Vmap, c10::SymInt(nodes), functorch::RandomnessType::Error)) {
  }
  ~Level() { functorch::popDynamicLayerAndDeleteMetadata(); }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

  torch::Tensor in(const torch::Tensor& tensor) const {
    return functorch::addBatchDim(tensor, 0, number_);
  }

  torch::Tensor out(const torch::Tensor& tensor) const {
    const auto* const batched = functorch::maybeGetBatchedImpl(tensor);
    TORCH_CHECK(batched && batched->level() == number_,
                "its output does not depend on its parameters and its input");
    return batched->value().movedim(batched->bdim(), 0);
  }

 private:
  std::int64_t number_;
};

class ExchangeGuard {
 public:
  explicit ExchangeGuard(const Exchange& table) { exchange = &table; }
  ~ExchangeGuard() { exchange = nullptr; }
  ExchangeGuard(const ExchangeGuard&) = delete;
  ExchangeGuard& operator=(const ExchangeGuard&) = delete;

 private:
  c10::impl::IncludeDispatchKeyGuard include_{kExchangeKey};
};

}  // namespace

torch::Tensor vmap(std::span<const torch::Tensor> parameters,
                   std::span<const torch::Tensor> stacked,
                   const std::function<torch::Tensor(torch::Tensor)>& forward,
                   const torch::Tensor& features, bool im2col) {
  const Level level(features.size(0));
  Exchange table{.parameters = {}, .im2col = im2col};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    table.parameters.emplace(parameters[i].unsafeGetTensorImpl(), level.in(stacked[i]));
  }
  torch::Tensor input = level.in(features), output;
  {
    const ExchangeGuard guard(table);
    output = forward(std::move(input));
  }
  return level.out(output);
}

bool is_stacked(const torch::Tensor& tensor) { return functorch::isBatchedTensor(tensor); }

std::string vmap_problem() {
#if TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR == 11
  return "";
#else
  return "cohorts were tried with LibTorch 2.11 only, and this is " TORCH_VERSION;
#endif
}

}  // namespace kith
