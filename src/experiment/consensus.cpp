#include "experiment/consensus.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>

#include "core/device_memory.h"
#include "core/scratch.h"
#include "kernels/exact_mean.h"
#include "kernels/magnitude.h"

namespace kith {
namespace {

constexpr std::size_t kBlock = kernels::kExactBlock;
constexpr std::size_t kPair = 2 * kBlock;  // the sums of a block
// Blocks whose sums travel together: bounds the memory, whatever the model.
constexpr std::size_t kBatch = 256;

template <class T>
Bytes bytes_of(std::span<const T> values) {
  const auto bytes = std::as_bytes(values);
  return Bytes(bytes.begin(), bytes.end());
}

template <class T>
std::vector<T> values_of(const Bytes& bytes, std::size_t count) {
  if (bytes.size() != count * sizeof(T)) {
    throw PeerError("a process sent sums of " + std::to_string(bytes.size()) + " bytes, not " +
                    std::to_string(count * sizeof(T)));
  }
  std::vector<T> values(count);
  if (count > 0) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

// Users of scratch.
struct Sums;
struct Means;

/// Some blocks of the batch.
struct Blocks {
  std::size_t first;
  std::size_t count;
};

/// The vectors of one device.
struct Part {
  Device device;
  std::vector<ConstArrayView> vectors;
  std::vector<std::size_t> places;  // among all of the process
  std::vector<double> distances;    // of the batch: by block, by vector
};

std::vector<Part> by_device(const std::vector<ConstArrayView>& vectors) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const Device& device = vectors[i].device;
    auto part = std::ranges::find(parts, device, &Part::device);
    if (part == parts.end()) part = parts.insert(part, Part{device, {}, {}, {}});
    part->vectors.push_back(vectors[i]);
    part->places.push_back(i);
  }
  return parts;
}

/// Works out the consensus batch by batch of blocks, where the vectors lie: a device has all blocks
/// of a batch at once, the threads of the host have one each. Sums of several devices and processes
/// are added on the host. Each process owns every P-th block: it adds up what all have, and tells
/// all the mean.
class Work {
 public:
  Work(Executor& executor, Group& group, std::int64_t nodes,
       const std::vector<ConstArrayView>& vectors, bool keep_mean)
      : executor_(executor),
        group_(group),
        nodes_(nodes),
        size_(vectors.front().size),
        parts_(by_device(vectors)),
        is_shared_(group.processes() > 1 || parts_.size() > 1) {
    if (is_shared_) fetch_few();
    result_.of_node.resize(vectors.size());
    if (keep_mean) result_.mean = Array(size_, is_shared_ ? Device{} : parts_.front().device);
  }

  Task<Consensus> run() {
    const std::size_t blocks = (size_ + kBlock - 1) / kBlock;
    for (first_ = 0; first_ < blocks; first_ += kBatch) {
      count_ = std::min(kBatch, blocks - first_);
      largest_.assign(count_, 0);
      for (Part& part : parts_) part.distances.assign(count_ * part.vectors.size(), 0);
      if (is_shared_) {
        co_await share();
      } else {
        co_await on_blocks(parts_.front(), &Work::all_of);
      }
      for (const Part& part : parts_) add_distances(part);
    }
    co_return std::move(result_);
  }

 private:
  using Step = void (Work::*)(Part& part, Blocks blocks);

  Task<> on_blocks(Part& part, Step step) {
    if (!part.device.is_cpu()) {
      (this->*step)(part, Blocks{0, count_});
      co_return;
    }
    const std::function<void(std::int64_t)> f = [this, &part, step](std::int64_t block) {
      (this->*step)(part, Blocks{static_cast<std::size_t>(block), 1});
    };
    co_await executor_.for_each(static_cast<std::int64_t>(count_), f);
  }

  Task<> on_all(Step step) {
    for (Part& part : parts_) co_await on_blocks(part, step);
  }

  /// The sums of a coordinate are 16 bytes that leave a device, its mean 8 that come back. Vectors
  /// that are less are worked on by the host.
  void fetch_few() {
    for (Part& part : parts_) {
      if (part.device.is_cpu() || part.vectors.size() * sizeof(float) >= 3 * sizeof(double)) {
        continue;
      }
      for (ConstArrayView& x : part.vectors) x = fetched_.emplace_back(host_copy(x)).view();
      part.device = Device{};
    }
  }

  std::size_t offset(Blocks blocks) const { return (first_ + blocks.first) * kBlock; }
  std::size_t length(Blocks blocks) const {
    return std::min(blocks.count * kBlock, size_ - offset(blocks));
  }
  kernels::Slice slice(const Part& part, Blocks blocks) const {
    return {part.vectors, offset(blocks), length(blocks)};
  }
  std::span<float> largest(Blocks blocks) {
    return std::span(largest_).subspan(blocks.first, blocks.count);
  }
  static std::span<double> distances(Part& part, Blocks blocks) {
    const std::size_t each = part.vectors.size();
    return std::span(part.distances).subspan(blocks.first * each, blocks.count * each);
  }

  /// From beginning to end, where nobody else takes part.
  void all_of(Part& part, Blocks blocks) {
    find_largest(part, blocks);
    const auto sums = scratch_numbers<Sums, double>(kPair * blocks.count, part.device);
    kernels::exact_sums(slice(part, blocks), largest(blocks), nodes_, sums.data());
    const auto mean = scratch_numbers<Means, double>(length(blocks), part.device);
    float* const rounded =
        result_.mean.size() == 0 ? nullptr : result_.mean.data() + offset(blocks);
    kernels::mean_of_sums(sums.data(), static_cast<double>(nodes_), length(blocks), mean.data(),
                          rounded, part.device);
    kernels::squared_distances(slice(part, blocks), mean.data(), distances(part, blocks));
  }

  Task<> share() {
    co_await on_all(&Work::find_largest);
    co_await share_largest();
    sums_.assign(kPair * count_, 0);
    co_await on_all(&Work::sum);
    means_.resize(kBlock * count_);
    co_await share_sums();
    co_await on_all(&Work::measure);
    if (result_.mean.size() == 0) co_return;
    const std::function<void(std::int64_t)> round = [this](std::int64_t block) {
      const Blocks one{static_cast<std::size_t>(block), 1};
      std::transform(mean(one), mean(one) + length(one), result_.mean.data() + offset(one),
                     [](double value) { return static_cast<float>(value); });
    };
    co_await executor_.for_each(static_cast<std::int64_t>(count_), round);
  }

  void find_largest(Part& part, Blocks blocks) {
    kernels::block_magnitudes(slice(part, blocks), largest(blocks));
  }

  void sum(Part& part, Blocks blocks) {
    Buffer<double>& sums = scratch_buffer<Sums, double>(part.device);
    sums.resize(kPair * blocks.count);
    kernels::exact_sums(slice(part, blocks), largest(blocks), nodes_, sums.data());
    std::vector<double> room;
    double* to = sums_.data() + kPair * blocks.first;
    for (const double sum : sums.on_host(room)) *to++ += sum;
  }

  void measure(Part& part, Blocks blocks) {
    const double* there = mean(blocks);
    if (!part.device.is_cpu()) {
      Buffer<double>& room = scratch_buffer<Means, double>(part.device);
      room.assign({there, length(blocks)});
      there = room.data();
    }
    kernels::squared_distances(slice(part, blocks), there, distances(part, blocks));
  }

  const double* mean(Blocks blocks) const { return means_.data() + kBlock * blocks.first; }

  void add_distances(const Part& part) {
    const double* next = part.distances.data();
    for (std::size_t b = 0; b < count_; ++b) {
      for (const std::size_t place : part.places) result_.of_node[place] += *next++;
    }
  }

  /// The largest magnitude of each block over all processes.
  Task<> share_largest() {
    tell_others([this](int) { return bytes_of(std::span<const float>(largest_)); });
    for (int other = 0; other < group_.processes(); ++other) {
      if (other == group_.process()) continue;
      const Bytes bytes = co_await group_.next(other);
      const auto theirs = values_of<float>(bytes, count_);
      // NaN is above all.
      std::ranges::transform(theirs, largest_, largest_.begin(), [](float a, float b) {
        return kernels::magnitude(a) > kernels::magnitude(b) ? a : b;
      });
    }
  }

  bool owns(int process, std::size_t block) const {
    return static_cast<int>((first_ + block) % static_cast<std::size_t>(group_.processes())) ==
           process;
  }

  /// Sums to the owners, means back.
  Task<> share_sums() {
    tell_others([this](int other) {
      std::vector<double> theirs;
      for (std::size_t b = 0; b < count_; ++b) {
        if (!owns(other, b)) continue;
        theirs.insert(theirs.end(), sums_of(b), sums_of(b) + kPair);
      }
      return bytes_of(std::span<const double>(theirs));
    });
    std::vector<std::size_t> mine;
    for (std::size_t b = 0; b < count_; ++b) {
      if (owns(group_.process(), b)) mine.push_back(b);
    }
    for (int other = 0; other < group_.processes(); ++other) {
      if (other == group_.process()) continue;
      const Bytes bytes = co_await group_.next(other);
      const auto theirs = values_of<double>(bytes, mine.size() * kPair);
      for (std::size_t m = 0; m < mine.size(); ++m) {
        double* const own = sums_of(mine[m]);
        for (std::size_t i = 0; i < kPair; ++i) own[i] += theirs[m * kPair + i];
      }
    }
    std::vector<double> own_means;
    for (const std::size_t b : mine) {
      double* const mean = means_.data() + b * kBlock;
      kernels::mean_of_sums(sums_of(b), static_cast<double>(nodes_), kBlock, mean, nullptr);
      own_means.insert(own_means.end(), mean, mean + kBlock);
    }
    tell_others([&](int) { return bytes_of(std::span<const double>(own_means)); });
    for (int other = 0; other < group_.processes(); ++other) {
      if (other == group_.process()) continue;
      const Bytes bytes = co_await group_.next(other);
      std::size_t blocks = 0;
      for (std::size_t b = 0; b < count_; ++b) blocks += owns(other, b);
      const auto theirs = values_of<double>(bytes, blocks * kBlock);
      const double* next = theirs.data();
      for (std::size_t b = 0; b < count_; ++b) {
        if (!owns(other, b)) continue;
        std::copy_n(next, kBlock, means_.data() + b * kBlock);
        next += kBlock;
      }
    }
  }

  double* sums_of(std::size_t block) { return sums_.data() + kPair * block; }

  template <class F>
  void tell_others(const F& words) {
    for (int other = 0; other < group_.processes(); ++other) {
      if (other != group_.process()) group_.post(other, words(other));
    }
  }

  Executor& executor_;
  Group& group_;
  std::int64_t nodes_;
  std::size_t size_;
  std::vector<Part> parts_;
  bool is_shared_;              // with other processes, or among several devices
  std::vector<Array> fetched_;  // from devices
  Consensus result_;

  // Of the batch: blocks first_ .. first_ + count_ − 1.
  std::size_t first_ = 0, count_ = 0;
  std::vector<float> largest_;  // by block
  std::vector<double> sums_;    // by block, where they are shared
  std::vector<double> means_;   // by coordinate, likewise
};

}  // namespace

Task<Consensus> consensus_of(Executor& executor, Group& group, std::int64_t nodes,
                             const std::vector<ConstArrayView>& vectors, bool keep_mean) {
  Work work(executor, group, nodes, vectors, keep_mean);
  Consensus consensus = co_await work.run();
  co_return consensus;
}

}  // namespace kith
