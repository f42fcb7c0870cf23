#include <gtest/gtest.h>

#include <complex>
#include <numbers>

#include "sharing/change_reference.h"

namespace kith {
namespace {

std::string fft(const std::string& alpha, const std::string& accumulation) {
  return R"({"type": "fft", "alpha": )" + alpha + R"(, "accumulation": ")" + accumulation +
         R"(", "codec": {"indices": "none", "values": "none"}})";
}

ParameterLayout signal_of(std::size_t size) {
  ParameterLayout layout;
  layout.add("x", {static_cast<std::int64_t>(size)});
  return layout;
}

/// With the Fourier transform as its sums are written.
ChangeReference fourier_reference(std::size_t d) {
  const auto wave = [d](std::size_t k, std::size_t t) {
    return std::polar(1.0, 2 * std::numbers::pi * double(k * t % d) / double(d));
  };
  ChangeReference reference;
  reference.width = 2;
  reference.forward = [=](const Doubles& x) {
    Doubles c;
    for (std::size_t k = 0; k < d / 2 + 1; ++k) {
      std::complex<double> sum = 0;
      for (std::size_t t = 0; t < d; ++t)
        sum += x[t] * std::conj(wave(k, t)) / std::sqrt(double(d));
      c.push_back(sum.real());
      c.push_back(sum.imag());
    }
    return c;
  };
  reference.inverse = [=](const Doubles& c) {
    Doubles x(d);
    for (std::size_t t = 0; t < d; ++t) {
      for (std::size_t k = 0; k < d; ++k) {
        const std::size_t mirrored = k < d / 2 + 1 ? k : d - k;
        std::complex<double> value(c[2 * mirrored], c[2 * mirrored + 1]);
        if (mirrored != k) value = std::conj(value);
        x[t] += (value * wave(k, t)).real() / std::sqrt(double(d));
      }
    }
    return x;
  };
  return reference;
}

TEST(Fft, IsTheAverageOfCoefficientsWithOnesOwnInTheGaps) {
  for (const std::size_t d : {1, 2, 45, 46}) {
    for (const std::string accumulation : {"none", "local", "paper", "legacy"}) {
      const double part = 0.3 * double(d / 2 + 1);
      const std::size_t count = std::max<std::size_t>(1, std::size_t(std::nearbyint(part)));
      GossipNetwork network(fft("0.3", accumulation), 5, signal_of(d));
      ChangeReference reference = fourier_reference(d);
      reference.accumulation = accumulation;
      reference.count = [=](std::size_t) { return count; };
      expect_as_reference(network, reference, 12, 5e-6);
      EXPECT_EQ(network.said(1).size(), count < d / 2 + 1 ? 12 * count : 4 * d);
    }
  }
}

TEST(Fft, SayingEverythingIsFullSharing) {
  for (const std::string accumulation : {"none", "local", "paper", "legacy"}) {
    GossipNetwork everything(fft("1", accumulation), 5, small_model());
    GossipNetwork full(R"("full")", 5, small_model());
    expect_same_bits(everything, full, 20);
    EXPECT_EQ(everything.said(0).size(), 4 * small_model().size);
  }
}

TEST(Fft, SaysASlowWaveInOneCoefficient) {
  constexpr std::size_t kSize = 4096;
  const auto wave = [](std::size_t k) {
    return static_cast<float>(std::sin(2 * std::numbers::pi * 3 * double(k) / kSize));
  };
  GossipNetwork network(fft("0.0004", "none"), 3, signal_of(kSize), std::vector<float>(kSize));
  for (std::size_t k = 0; k < kSize; ++k) network.x(0, k) = wave(k);
  network.round();
  EXPECT_EQ(network.said(0).size(), 12u);
  for (std::size_t k = 0; k < kSize; ++k) ASSERT_NEAR(network.x(1, k), wave(k) / 3, 1e-6);
}

TEST(Fft, GoesOnFromItsStateAsIfItHadNeverStopped) {
  GossipNetwork first(fft("0.2", "local"), 4, small_model());
  GossipNetwork second(fft("0.2", "local"), 4, small_model());
  expect_same_bits(first, second, 4);
  expect_resumes(first, second, 4);
}

}  // namespace
}  // namespace kith
