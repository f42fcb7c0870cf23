#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "bench/harness.h"
#include "core/random.h"
#include "sharing/sharing.h"

/// What a sharing method itself costs a node in a round, without training, transport and protocol:
/// saying its vector of 61,706 numbers (LeNet's), and merging those of two neighbors. Beside it
/// `full`, which says the vector as it lies and reads three, and memcpy of one vector.
namespace kith::bench {
namespace {

constexpr std::size_t kSize = 61'706;
constexpr std::size_t kNodes = 3;
constexpr std::size_t kVectors = 4;  // of a node, in turns: so that something changes

/// A ring of three nodes that talk by one method.
class Ring {
 public:
  explicit Ring(const std::string& sharing) : out_(kSize) {
    layout_.add("x", {static_cast<std::int64_t>(kSize)});
    const auto chosen = Sharing::registry().read(Config::parse(sharing, "bench"));
    for (std::size_t i = 0; i < kNodes; ++i) {
      methods_.push_back(chosen.make({static_cast<Uid>(i), 1, layout_, {}, reports_[i]}));
      Random random(i, Purpose::kModel);
      for (std::size_t v = 0; v < kVectors; ++v) {
        auto x = std::make_shared<Array>(kSize);
        for (std::size_t k = 0; k < kSize; ++k) {
          (*x)[k] = 0.01f * static_cast<float>(random.normal()) + (v > 0 ? (*x_[i][0])[k] : 1.0f);
        }
        x_[i].push_back(x);
      }
      methods_[i]->start(x_[i][0]->view());
    }
  }

  void round() {
    ++round_;
    const std::size_t v = static_cast<std::size_t>(round_) % kVectors;
    for (std::size_t i = 0; i < kNodes; ++i) {
      Sharing::Outbox outbox;
      methods_[i]->say(turn(i), x_[i][v], outbox);
      said_[i] = outbox.common().value();
    }
    for (std::size_t i = 0; i < kNodes; ++i) {
      std::vector<Sharing::Heard> heard;
      for (const auto& [uid, weight] : senders_[i]) {
        heard.push_back({uid, weight, &said_[static_cast<std::size_t>(uid)]});
      }
      methods_[i]->hear(turn(i), x_[i][v], heard, out_.view());
    }
  }

  std::uint64_t bytes() const { return said_[0].size(); }

 private:
  Sharing::Turn turn(std::size_t i) {
    static const std::vector<Uid> receivers{0, 1};
    senders_[i].clear();
    for (std::size_t j = 0; j < kNodes; ++j) {
      if (j != i) senders_[i].push_back({static_cast<Uid>(j), 0.25f});
    }
    return {round_, 0, 0.5f, senders_[i], receivers};
  }

  ParameterLayout layout_;
  Reports reports_[kNodes];
  std::vector<std::unique_ptr<Sharing>> methods_;
  std::vector<Slot> x_[kNodes];
  std::vector<Sharing::Sender> senders_[kNodes];
  Body said_[kNodes];
  Array out_;
  Round round_ = 0;
};

struct Method {
  const char* name;
  const char* sharing;
};

constexpr Method kMethods[] = {
    {"full", R"({"type": "full"})"},
    {"partial, 1 %", R"({"type": "partial", "alpha": 0.01})"},
    {"partial, 10 %", R"({"type": "partial", "alpha": 0.1})"},
    {"partial, 10 %, paper", R"({"type": "partial", "alpha": 0.1, "accumulation": "paper"})"},
    {"partial, 10 %, no codec",
     R"({"type": "partial", "alpha": 0.1, "codec": {"indices": "none"}})"},
    {"partial, 50 %", R"({"type": "partial", "alpha": 0.5})"},
    {"wavelet, 10 %", R"({"type": "wavelet", "alpha": 0.1})"},
    {"jwins, 10 %", R"({"type": "jwins", "alphas": [0.1]})"},
    {"jwins", R"({"type": "jwins"})"},
    {"choco, top-k 10 %", R"({"type": "choco", "gamma": 0.1,
                              "compressor": {"type": "top_k", "fraction": 0.1}})"},
};

void measure() {
  std::vector<std::unique_ptr<Ring>> rings;
  std::vector<std::function<void()>> functions;
  std::vector<float> from(kSize, 1.0f), to(kSize);
  functions.emplace_back([&] { std::memcpy(to.data(), from.data(), 4 * kSize); });
  for (const Method& method : kMethods) {
    Ring& ring = *rings.emplace_back(std::make_unique<Ring>(method.sharing));
    // As many rounds in a call as there are nodes, and as jwins has cut-offs on average.
    functions.emplace_back([&ring] {
      for (int k = 0; k < 28; ++k) ring.round();
    });
  }
  const std::vector<double> seconds = fastest_s(functions, 20);
  const auto node_us = [&](std::size_t i) { return 1e6 * seconds[i] / 28 / kNodes; };
  std::printf("%-26s %10s %12s %14s\n", "method", "us", "times full", "bytes said");
  std::printf("%-26s %10.1f\n", "memcpy of the vector", 1e6 * seconds[0]);
  for (std::size_t i = 0; i < std::size(kMethods); ++i) {
    std::printf("%-26s %10.1f %12.2f %14llu\n", kMethods[i].name, node_us(i + 1),
                node_us(i + 1) / node_us(1), static_cast<unsigned long long>(rings[i]->bytes()));
  }
}

}  // namespace
}  // namespace kith::bench

int main() {
  std::printf("a round of one node with two neighbors, %zu numbers\n", kith::bench::kSize);
  kith::bench::measure();
}
