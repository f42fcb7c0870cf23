#include "sharing/fragments.h"

#include <memory>
#include <numeric>

#include "core/per_device.h"
#include "core/random.h"

namespace kith {
namespace {

/// No node has this number: what is drawn in its name is everybody's.
constexpr std::uint32_t kEverybody = UINT32_MAX;

std::vector<std::size_t> sizes_of(const ParameterLayout& layout) {
  std::vector<std::size_t> sizes;
  for (const auto& tensor : layout.tensors) sizes.push_back(tensor.size);
  return sizes;
}

/// The fragment of each coordinate.
std::vector<std::uint32_t> deal(const ParameterLayout& layout, std::size_t count,
                                std::uint64_t seed) {
  Random random(seed, Purpose::kSharing, kEverybody);
  std::vector<std::uint32_t> fragment_of(layout.size);
  std::vector<std::uint32_t> order;
  for (const auto& tensor : layout.tensors) {
    order.resize(tensor.size);
    std::iota(order.begin(), order.end(), 0u);
    shuffle(std::span(order), random);
    for (std::size_t i = 0; i < tensor.size; ++i) {
      fragment_of[tensor.offset + order[i]] = static_cast<std::uint32_t>(i * count / tensor.size);
    }
  }
  return fragment_of;
}

}  // namespace

const Fragments& Fragments::of(const ParameterLayout& layout, std::size_t count, std::uint64_t seed,
                               const Device& device) {
  struct Kept {
    explicit Kept(const Device&) {}

    std::vector<std::size_t> sizes;
    std::uint64_t seed = 0;
    std::unique_ptr<const Fragments> fragments;
  };
  thread_local PerDevice<Kept> known;
  Kept& kept = known.of(device);
  std::vector<std::size_t> sizes = sizes_of(layout);
  if (!kept.fragments || kept.fragments->count() != count || kept.seed != seed ||
      kept.sizes != sizes) {
    kept.fragments = std::make_unique<const Fragments>(layout, count, seed, device);
    kept.sizes = std::move(sizes);
    kept.seed = seed;
  }
  return *kept.fragments;
}

Fragments::Fragments(const ParameterLayout& layout, std::size_t count, std::uint64_t seed,
                     const Device& device)
    : coordinates_(device), parts_(count) {
  const std::vector<std::uint32_t> fragment_of = deal(layout, count, seed);
  for (const std::uint32_t f : fragment_of) ++parts_[f].size;
  std::vector<std::size_t> next(count);
  for (std::size_t f = 1; f < count; ++f) {
    next[f] = parts_[f].offset = parts_[f - 1].offset + parts_[f - 1].size;
  }
  coordinates_.fill([&](std::vector<std::uint32_t>& here) {
    here.resize(layout.size);
    for (std::size_t i = 0; i < layout.size; ++i) {
      here[next[fragment_of[i]]++] = static_cast<std::uint32_t>(i);
    }
  });
}

}  // namespace kith
