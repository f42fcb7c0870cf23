#include "kernels/device/on_device.h"

namespace kith::kernels {
namespace {

using MixOnDevice = OnDevice;

/// Vectors of neighbors, here and on the device, and their weights.
class Neighbors {
 public:
  /// Those of a call lie at one alignment where `apart` is 0, else each at another one.
  Neighbors(std::size_t count, std::size_t size, std::size_t offset, std::size_t apart) {
    for (std::size_t k = 0; k < count; ++k) {
      here_.push_back(random_array(size, 10 + k));
      there_.push_back(held(here_.back().view(), offset + k * apart));
      weights_.push_back(0.3f - 0.01f * float(k));
    }
  }

  std::vector<Term> here() {
    std::vector<Term> terms;
    for (std::size_t k = 0; k < here_.size(); ++k) {
      terms.push_back({weights_[k], std::as_const(here_[k]).view()});
    }
    return terms;
  }
  std::vector<Term> there() {
    std::vector<Term> terms;
    for (std::size_t k = 0; k < here_.size(); ++k) {
      terms.push_back({weights_[k], there_[k].view()});
    }
    return terms;
  }

 private:
  std::vector<Array> here_;
  std::vector<Floats> there_;
  std::vector<float> weights_;
};

TEST_F(MixOnDevice, IsThatOfTheProcessor) {
  for_sizes_and_offsets([&](std::size_t size, std::size_t offset) {
    for (const std::size_t apart : {0, 1}) {
      Neighbors neighbors(5, size, offset, apart);
      const Array x = random_array(size, 1);
      Array want(size);
      mix(0.4f, x.view(), neighbors.here(), want.view());
      Floats own = held(x.view(), offset), out(size, offset);
      mix(0.4f, own.view(), neighbors.there(), out.view());
      EXPECT_TRUE(same(out.back(), floats(want.view()))) << "apart: " << apart;
    }
  });
}

TEST_F(MixOnDevice, TakesAnyNumberOfNeighborsAndMayWriteOverItsOwnVector) {
  constexpr std::size_t size = 1'001;
  const Array x = random_array(size, 1);
  for (const std::size_t count : {0, 1, 3, 4, 5, 20, 63, 64, 65, 150}) {
    Neighbors neighbors(count, size, 0, 0);
    Array want(size);
    mix(0.4f, x.view(), neighbors.here(), want.view());
    Floats own = held(x.view());
    mix(0.4f, own.view(), neighbors.there(), own.view());
    EXPECT_TRUE(same(own.back(), floats(want.view()))) << count;
  }
}

TEST_F(MixOnDevice, WritesNothingBesideItsOutput) {
  for (const std::size_t offset : {1, 2, 4}) {
    Neighbors neighbors(2, 33, offset, 0);
    Array room(64);
    for (std::size_t i = 0; i < room.size(); ++i) room[i] = 7;
    Floats own = held(random_array(33, 1).view(), offset), out = held(room.view());
    mix(0.4f, own.view(), neighbors.there(), out.view().part(offset, 33));
    const std::vector<float> back = out.back();
    for (std::size_t i = 0; i < room.size(); ++i) {
      if (i < offset || i >= offset + 33) {
        EXPECT_EQ(back[i], 7) << i;
      }
    }
  }
}

TEST_F(MixOnDevice, AStepFromTheAverageIsThatOfTheProcessor) {
  for_sizes_and_offsets([&](std::size_t size, std::size_t offset) {
    Neighbors neighbors(3, size, offset, 0);
    const Array x = random_array(size, 1), g = random_array(size, 2);
    Floats own = held(x.view(), offset), gradient = held(g.view(), offset), out(size, offset);

    Array want(size);
    const SgdStep sgd{.lr = 0.1f, .weight_decay = 0.01f};
    mix_sgd(0.4f, x.view(), neighbors.here(), sgd, g.view(), want.view());
    mix_sgd(0.4f, own.view(), neighbors.there(), sgd, gradient.view(), out.view());
    EXPECT_TRUE(same(out.back(), floats(want.view())));

    for (const bool nesterov : {false, true}) {
      const MomentumStep step{
          .lr = 0.1f, .momentum = 0.9f, .weight_decay = 0.01f, .nesterov = nesterov};
      Array m = random_array(size, 3);
      Floats memory = held(m.view(), offset);
      mix_momentum(0.4f, x.view(), neighbors.here(), step, g.view(), m.view(), want.view());
      mix_momentum(0.4f, own.view(), neighbors.there(), step, gradient.view(), memory.view(),
                   out.view());
      EXPECT_TRUE(same(out.back(), floats(want.view())));
      EXPECT_TRUE(same(memory.back(), floats(m.view())));
    }
  });
}

TEST_F(MixOnDevice, AStepAfterMoreNeighborsThanALaunchCarriesStillReadsTheOldVector) {
  constexpr std::size_t size = 1'001;
  Neighbors neighbors(100, size, 0, 0);
  const Array x = random_array(size, 1), g = random_array(size, 2);
  Floats own = held(x.view()), gradient = held(g.view()), out(size);
  Array want(size);
  const SgdStep sgd{.lr = 0.1f, .weight_decay = 0.5f};
  mix_sgd(0.4f, x.view(), neighbors.here(), sgd, g.view(), want.view());
  mix_sgd(0.4f, own.view(), neighbors.there(), sgd, gradient.view(), out.view());
  EXPECT_TRUE(same(out.back(), floats(want.view())));
}

/// Vectors in all formats, here and on the device.
class CodedNeighbors {
 public:
  CodedNeighbors(std::size_t count, std::size_t size, std::size_t offset) {
    for (std::size_t k = 0; k < count; ++k) {
      const auto format = static_cast<Format>(k % 4);
      const Array x = random_array(size, 20 + k);
      std::vector<std::uint8_t> bytes(4 * size);
      if (format == Format::kFloat32 && size > 0) std::memcpy(bytes.data(), x.data(), 4 * size);
      if (format == Format::kBf16) to_bf16(x.view(), bytes.data());
      if (format == Format::kFp16) to_fp16(x.view(), bytes.data());
      if (format == Format::kUint8)
        quantize(UniformNearest{-1, 0.01f, 200}, x.view(), bytes.data());
      here_.push_back(std::move(bytes));
      // Bytes may begin anywhere; floats only at a multiple of four.
      const std::size_t at = format == Format::kFloat32 ? 4 * offset : offset;
      there_.emplace_back(std::span<const std::uint8_t>(here_.back()), at);
      terms_.push_back({0.3f - 0.02f * float(k), format, nullptr, {-1, 0.01f, 0}});
    }
  }

  std::vector<CodedTerm> here() {
    for (std::size_t k = 0; k < terms_.size(); ++k) terms_[k].numbers = here_[k].data();
    return terms_;
  }
  std::vector<CodedTerm> there() {
    for (std::size_t k = 0; k < terms_.size(); ++k) terms_[k].numbers = there_[k].data();
    return terms_;
  }

 private:
  std::vector<std::vector<std::uint8_t>> here_;
  std::vector<Codes> there_;
  std::vector<CodedTerm> terms_;
};

TEST_F(MixOnDevice, DecodesOnTheWayWhatTheProcessorDecodes) {
  for_sizes_and_offsets([&](std::size_t size, std::size_t offset) {
    CodedNeighbors neighbors(9, size, offset);
    const Array x = random_array(size, 1);
    Array want(size);
    mix_coded(0.4f, x.view(), neighbors.here(), want.view());
    Floats own = held(x.view(), offset), out(size, offset);
    mix_coded(0.4f, own.view(), neighbors.there(), out.view());
    EXPECT_TRUE(same(out.back(), floats(want.view())));
  });
}

TEST_F(MixOnDevice, ChocoMovesCopyPullAndVectorAsTheProcessorDoes) {
  for (const std::size_t count : {1, 2, 5, 71}) {
    const std::size_t size = 1'003;
    CodedNeighbors said(count + 1, size, 1);
    const auto here = said.here(), there = said.there();
    const Array y = random_array(size, 1);
    Array copy = random_array(size, 2), pull = random_array(size, 3), want(size);
    Floats y_there = held(y.view()), copy_there = held(copy.view()), pull_there = held(pull.view()),
           out(size);
    choco_update(here[0], std::span(here).subspan(1), 0.7f, y.view(), copy.view(), pull.view(),
                 want.view());
    choco_update(there[0], std::span(there).subspan(1), 0.7f, y_there.view(), copy_there.view(),
                 pull_there.view(), out.view());
    EXPECT_TRUE(same(out.back(), floats(want.view()))) << count;
    EXPECT_TRUE(same(copy_there.back(), floats(copy.view()))) << count;
    EXPECT_TRUE(same(pull_there.back(), floats(pull.view()))) << count;
  }
}

}  // namespace
}  // namespace kith::kernels
