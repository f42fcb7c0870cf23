#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/device_memory.h"
#include "core/random.h"
#include "sharing/sharing.h"
#include "support/state_copy.h"

namespace kith {

/// Nodes on a ring with weights of 1/3, which talk by one sharing method, without transport and
/// protocol.
class GossipNetwork {
 public:
  /// All start at `x0` where it is given, each at random where it is not. The methods find their
  /// vectors on `device`.
  GossipNetwork(const std::string& sharing, std::size_t nodes, const ParameterLayout& layout,
                const std::vector<float>& x0 = {}, const Device& device = {})
      : layout_(layout), device_(device), reports_(nodes) {
    const auto chosen = Sharing::registry().read(
        Config::parse("{\"sharing\": " + sharing + "}", "run.json").at("sharing"));
    for (std::size_t i = 0; i < nodes; ++i) {
      auto x = std::make_shared<Array>(layout.size);
      Random random(i, Purpose::kModel);
      for (std::size_t k = 0; k < layout.size; ++k) {
        (*x)[k] = x0.empty() ? static_cast<float>(random.normal()) : x0[k];
      }
      const Sharing::Context context{static_cast<Uid>(i), 1, layout_, device_, reports_[i],
                                     neighbors(i, nodes)};
      methods_.push_back(chosen.make(context));
      methods_.back()->start(ViewFrom(x->view(), device_).view());
      x_.push_back(x);
    }
  }

  std::size_t nodes() const { return x_.size(); }
  std::size_t size() const { return layout_.size; }
  Sharing& method(std::size_t i) { return *methods_[i]; }

  float& x(std::size_t i, std::size_t k) { return (*x_[i])[k]; }
  Slot vector(std::size_t i) const { return x_[i]; }

  /// What node i said last, to its first neighbor.
  const Body& said(std::size_t i) const { return said_[i]; }

  /// Local steps: every node goes some way towards a goal of its own.
  void learn() {
    for (std::size_t i = 0; i < nodes(); ++i) {
      Random random(100 + i, Purpose::kModel);
      for (std::size_t k = 0; k < size(); ++k) {
        x(i, k) += 0.05f * (static_cast<float>(random.normal()) - x(i, k));
      }
    }
  }

  /// Everybody talks once, or as often as the method wants to. `tamper` may change a message on its
  /// way.
  void round(const std::function<Body(std::size_t, Body)>& tamper = {}) {
    for (int e = 0; e < methods_[0]->exchanges(); ++e) exchange(e, tamper);
    x_ = next_;
    ++round_;
  }

  /// The next round is the one so many before.
  void rewind(Round rounds) { round_ -= rounds; }

  /// The network's mean, coordinate by coordinate.
  std::vector<double> mean() const {
    std::vector<double> mean(layout_.size);
    for (const auto& x : x_) {
      for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += (*x)[k] / double(nodes());
    }
    return mean;
  }

  /// (1/n) Σ ‖x_i − x̄‖²
  double consensus_distance() const {
    const std::vector<double> center = mean();
    double sum = 0;
    for (const auto& x : x_) {
      for (std::size_t k = 0; k < center.size(); ++k) sum += std::pow((*x)[k] - center[k], 2);
    }
    return sum / double(nodes());
  }

 private:
  static constexpr float kWeight = 1.0f / 3;

  static std::vector<Uid> neighbors(std::size_t i, std::size_t nodes) {
    const auto before = static_cast<Uid>((i + nodes - 1) % nodes);
    const auto after = static_cast<Uid>((i + 1) % nodes);
    return {std::min(before, after), std::max(before, after)};
  }

  /// A vector where the methods find it.
  Slot there(const Slot& x) const {
    if (device_.is_cpu()) return x;
    auto copied = std::make_shared<Array>(x->size(), device_);
    copy(x->view(), copied->view());
    return copied;
  }

  void exchange(int number, const std::function<Body(std::size_t, Body)>& tamper) {
    const std::size_t n = nodes();
    const auto turn = [&](const std::vector<Sharing::Sender>& senders,
                          const std::vector<Uid>& receivers) {
      return Sharing::Turn{round_, number, 1 - 2 * kWeight, senders, receivers};
    };
    std::vector<std::vector<Sharing::Sender>> senders(n);
    std::vector<std::map<Uid, Body>> bodies(n);  // for whom
    said_.assign(n, {});
    std::vector<Slot> x;
    for (const auto& own : x_) x.push_back(there(own));
    for (std::size_t i = 0; i < n; ++i) {
      const std::vector<Uid> receivers = neighbors(i, n);
      for (const Uid j : receivers) senders[i].push_back({j, kWeight});
      Sharing::Outbox outbox;
      methods_[i]->say(turn(senders[i], receivers), x[i], outbox);
      for (const Uid j : receivers) bodies[i][j] = outbox.common().value_or(Body());
      for (const auto& [j, body] : outbox.single()) bodies[i][j] = body;
      for (auto& [j, body] : bodies[i]) {
        if (tamper) body = tamper(i, body);
      }
      said_[i] = bodies[i].begin()->second;
    }
    next_.clear();
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<Sharing::Heard> heard;
      for (const auto& [uid, weight] : senders[i]) {
        const Body& body = bodies[static_cast<std::size_t>(uid)].at(static_cast<Uid>(i));
        heard.push_back({uid, weight, &body});
      }
      Array next(layout_.size, device_);
      methods_[i]->hear(turn(senders[i], neighbors(i, n)), x[i], heard, next.view());
      next_.push_back(device_.is_cpu() ? std::make_shared<Array>(std::move(next))
                                       : std::make_shared<Array>(host_copy(next.view())));
    }
  }

  ParameterLayout layout_;
  Device device_;
  std::vector<Reports> reports_;
  std::vector<std::unique_ptr<Sharing>> methods_;
  std::vector<std::shared_ptr<Array>> x_, next_;
  std::vector<Body> said_;
  Round round_ = 0;
};

/// A matrix, a bias and a scalar: 5 · 8 + 5 + 1 numbers.
inline ParameterLayout small_model() {
  ParameterLayout layout;
  layout.add("weight", {5, 8});
  layout.add("bias", {5});
  layout.add("scale", {});
  return layout;
}

/// Root mean square of a − b, relative to that of b.
inline double relative_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, size = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    difference += (a[k] - b[k]) * (a[k] - b[k]);
    size += b[k] * b[k];
  }
  return std::sqrt(difference / size);
}

}  // namespace kith
