#pragma once

#include <string>
#include <vector>

#include "compression/compressor.h"
#include "compression/wire.h"

namespace kith {

/// A vector that is one tensor, or several, with a compressor for it.
class Compressing {
 public:
  Compressing(const std::string& json, const ParameterLayout& layout)
      : layout_(layout),
        compressor_(
            Compressor::registry()
                .read(Config::parse("{\"compressor\": " + json + "}", "run.json").at("compressor"))
                .make({layout_})) {}
  Compressing(const std::string& json, std::size_t size) : Compressing(json, one_tensor(size)) {}

  static ParameterLayout one_tensor(std::size_t size) {
    ParameterLayout layout;
    layout.add("x", {static_cast<std::int64_t>(size)});
    return layout;
  }

  Compressor& operator*() const { return *compressor_; }
  Compressor* operator->() const { return compressor_.get(); }
  const ParameterLayout& layout() const { return layout_; }

  Compressed compress(const std::vector<float>& x, std::uint32_t round = 0) const {
    return compressor_->compress(view(x), Stream{1, Purpose::kCompression, 0, round});
  }

  std::vector<float> expand(const Compressed& message) const {
    std::vector<float> out(layout_.size);
    compressor_->add(message, 1, {out.data(), out.size(), {}});
    return out;
  }

  /// Q(x), from the bytes that would be sent.
  std::vector<float> of(const std::vector<float>& x, std::uint32_t round = 0) const {
    const Body body = to_body(compress(x, round), compressor_->form());
    const Compressed message = from_bytes(body.coded(), compressor_->form());
    validate(message, *compressor_, layout_.size);
    return expand(message);
  }

  static ConstArrayView view(const std::vector<float>& x) { return {x.data(), x.size(), {}}; }

 private:
  ParameterLayout layout_;
  std::unique_ptr<Compressor> compressor_;
};

inline double squared_error(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = double(a[i]) - double(b[i]);
    sum += difference * difference;
  }
  return sum;
}

inline double squared_norm(const std::vector<float>& x) {
  return squared_error(x, std::vector<float>(x.size()));
}

inline std::vector<float> normal_vector(std::size_t size, std::uint64_t seed) {
  Random random(seed, Purpose::kModel);
  std::vector<float> x(size);
  for (float& element : x) element = static_cast<float>(random.normal());
  return x;
}

}  // namespace kith
