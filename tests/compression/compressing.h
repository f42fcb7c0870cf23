#pragma once

#include <string>
#include <vector>

#include "compression/codec.h"

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

  /// A message as it is sent: plain, unless a codec is given.
  Body said(const Compressed& message, const Codec& codec = plain()) const {
    return codec.encode(message, compressor_->form(), size());
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
