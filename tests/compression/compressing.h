#pragma once

#include <string>
#include <vector>

#include "compression/messages.h"

namespace kith {

/// Every compressor, with options that use other code.
inline constexpr const char* kEveryCompressor[] = {
    R"("identity")",
    R"("bf16")",
    R"("fp16")",
    R"({"type": "top_k", "fraction": 0.1})",
    R"({"type": "top_k", "k": 3, "scope": "layer"})",
    R"({"type": "random_k", "fraction": 0.3})",
    R"({"type": "random_k", "k": 2, "scope": "layer"})",
    R"({"type": "random_k", "fraction": 0.5, "unbiased": true})",
    R"({"type": "threshold", "value": 0.7})",
    R"({"type": "threshold", "value": 0.5, "relative_to": "max"})",
    R"("sign")",
    R"({"type": "sign", "scope": "layer"})",
    R"({"type": "ternary", "fraction": 0.2})",
    R"({"type": "ternary", "k": 9, "scope": "layer"})",
    R"({"type": "qsgd", "levels": 1})",
    R"({"type": "qsgd", "levels": 4, "scope": "layer"})",
    R"({"type": "qsgd", "levels": 127, "bucket": 16})",
    R"({"type": "qsgd", "levels": 2, "unbiased": false})",
    R"({"type": "qsgd", "levels": 1, "norm": "max"})",
    R"({"type": "uniform", "bits": 1, "rounding": "stochastic"})",
    R"({"type": "uniform", "bits": 3, "scope": "layer"})",
    R"({"type": "uniform", "bits": 8})",
    R"({"type": "uniform", "bits": 8, "rounding": "stochastic", "bucket": 7})",
    R"("minmax_uint8")",
    R"({"type": "minmax_uint8", "scope": "layer", "bucket": 10})",
    R"({"type": "low_rank", "rank": 1})",
    R"({"type": "low_rank", "rank": 2, "warm_start": false})",
    R"({"type": "low_rank", "rank": 1000})",
};

/// A vector that is one tensor, or several, with a compressor for it.
class Compressing {
 public:
  Compressing(const std::string& json, const ParameterLayout& layout)
      : layout_(layout),
        chosen_(Compressor::registry().read(
            Config::parse("{\"compressor\": " + json + "}", "run.json").at("compressor"))),
        compressor_(chosen_.make({layout_})) {}
  Compressing(const std::string& json, std::size_t size) : Compressing(json, one_tensor(size)) {}

  static ParameterLayout one_tensor(std::size_t size) {
    ParameterLayout layout;
    layout.add("x", {static_cast<std::int64_t>(size)});
    return layout;
  }

  Compressor& operator*() const { return *compressor_; }
  Compressor* operator->() const { return compressor_.get(); }
  const ParameterLayout& layout() const { return layout_; }

  /// Another one for vectors on a device.
  std::unique_ptr<Compressor> another(const Device& device) const {
    return chosen_.make({layout_, device});
  }

  Compressed compress(const std::vector<float>& x, std::uint32_t round = 0) const {
    Compressed message;
    compressor_->compress(view(x), Stream{1, Purpose::kCompression, 0, round}, message);
    return message;
  }

  std::vector<float> expand(const Compressed& message) const {
    std::vector<float> out(layout_.size);
    compressor_->add(message, 1, {out.data(), out.size(), {}});
    return out;
  }

  /// A message as it is sent: plain, unless a codec is given.
  Body said(const Compressed& message, const Codec& codec = plain()) const {
    return in_bytes(codec, message, compressor_->form(), size());
  }

  /// What is heard of a message, from node 3.
  Compressed heard(const Body& body, const Codec& codec = plain()) const {
    Compressed message;
    codec.decode(3, body, compressor_->form(), size(), message);
    compressor_->check(message);
    return message;
  }

  /// Q(x), from the bytes that would be sent.
  std::vector<float> of(const std::vector<float>& x, std::uint32_t round = 0) const {
    return expand(heard(said(compress(x, round))));
  }

  /// Four bytes an index, four a value.
  static const Codec& plain() {
    static const Codec codec({{IndexCodec::registry().standard("none"), {}},
                              {ValueCodec::registry().standard("none"), {}}});
    return codec;
  }

  static ConstArrayView view(const std::vector<float>& x) { return {x.data(), x.size(), {}}; }

 private:
  std::uint32_t size() const { return static_cast<std::uint32_t>(layout_.size); }

  ParameterLayout layout_;
  Blueprint<Compressor, const Compressor::Context&> chosen_;
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
