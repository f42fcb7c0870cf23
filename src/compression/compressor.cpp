#include "compression/compressor.h"

#include <cmath>

#include "kernels/vector_ops.h"

namespace kith {
namespace {

void require_length(const char* what, std::size_t length, std::size_t expected, bool at_most) {
  if (at_most ? length <= expected : length == expected) return;
  throw PeerError("a message with " + std::to_string(length) + ' ' + what + ", not " +
                  (at_most ? "at most " : "") + std::to_string(expected));
}

void check_lengths(const Compressed& message, const Form& form) {
  require_length("indices", message.indices.size(), form.indices, form.at_most);
  const std::size_t fewer = form.indices - message.indices.size();
  require_length("values", message.values.size(), form.values - fewer, false);
  require_length("packed bytes", message.packed.size(), form.packed, false);
}

void check_indices(const std::vector<std::uint32_t>& indices, std::size_t size) {
  if (indices.empty()) return;
  bool ascending = true;
  for (std::size_t k = 1; k < indices.size(); ++k) ascending &= indices[k - 1] < indices[k];
  if (!ascending) throw PeerError("a message whose indices do not ascend");
  if (indices.back() >= size) {
    throw PeerError("a message with index " + std::to_string(indices.back()) + " of a vector of " +
                    std::to_string(size) + " numbers");
  }
}

}  // namespace

Registry<Compressor, const Compressor::Context&>& Compressor::registry() {
  static Registry<Compressor, const Context&> registry("compressor");
  return registry;
}

void validate(const Compressed& message, const Compressor& compressor, std::size_t size) {
  check_lengths(message, compressor.form());
  check_indices(message.indices, size);
  if (!kernels::all_finite(message.value_view())) {
    throw PeerError("a message with a value that is not finite");
  }
  compressor.check(message);
}

void require_finite(ConstArrayView x) {
  if (!kernels::all_finite(x)) require_finite(NAN);
}

void require_finite(double sum) {
  if (std::isfinite(sum)) return;
  throw NumericError("a vector to be sent is not finite; a smaller learning rate may help");
}

}  // namespace kith
