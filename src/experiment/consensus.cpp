#include "experiment/consensus.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>

#include "kernels/vector_ops.h"

namespace kith {
namespace {

constexpr std::size_t kBlock = 4096;
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

/// The sums of a run of blocks, as far as one process has them: coarse and fine of each coordinate.
struct Sums {
  explicit Sums(std::size_t blocks) : values(2 * kBlock * blocks) {}

  double* coarse(std::size_t block) { return values.data() + 2 * kBlock * block; }
  double* fine(std::size_t block) { return coarse(block) + kBlock; }

  std::vector<double> values;
};

/// Works out the consensus batch by batch of blocks. Each process owns every P-th block: it adds up
/// what all have, and tells all the mean.
class Work {
 public:
  Work(Executor& executor, Group& group, std::int64_t nodes,
       const std::vector<ConstArrayView>& vectors, bool keep_mean)
      : executor_(executor), group_(group), nodes_(nodes), vectors_(vectors) {
    size_ = vectors.front().size;
    result_.of_node.resize(vectors.size());
    if (keep_mean) result_.mean = Array(size_);
  }

  Task<Consensus> run() {
    const std::size_t blocks = (size_ + kBlock - 1) / kBlock;
    for (first_ = 0; first_ < blocks; first_ += kBatch) {
      count_ = std::min(kBatch, blocks - first_);
      largest_.assign(count_, 0);
      means_.assign(count_ * kBlock, 0);
      distances_.assign(count_ * vectors_.size(), 0);
      if (group_.processes() == 1) {
        co_await on_blocks(&Work::all_of);
      } else {
        co_await on_blocks(&Work::find_largest);
        co_await share_largest();
        sums_ = std::make_unique<Sums>(count_);
        co_await on_blocks(&Work::sum);
        co_await share_sums();
        co_await on_blocks(&Work::measure);
      }
      for (std::size_t b = 0; b < count_; ++b) {
        for (std::size_t i = 0; i < vectors_.size(); ++i) {
          result_.of_node[i] += distances_[b * vectors_.size() + i];
        }
      }
    }
    co_return std::move(result_);
  }

 private:
  using Step = void (Work::*)(std::size_t block);

  Task<> on_blocks(Step step) {
    const std::function<void(std::int64_t)> f = [this, step](std::int64_t block) {
      (this->*step)(static_cast<std::size_t>(block));
    };
    co_await executor_.for_each(static_cast<std::int64_t>(count_), f);
  }

  std::size_t offset(std::size_t block) const { return (first_ + block) * kBlock; }
  std::size_t length(std::size_t block) const { return std::min(kBlock, size_ - offset(block)); }

  /// A block from beginning to end, where no other process takes part.
  void all_of(std::size_t block) {
    find_largest(block);
    Sums sums(1);
    add_up(block, sums.coarse(0), sums.fine(0));
    kernels::mean_of_sums(sums.coarse(0), sums.fine(0), static_cast<double>(nodes_),
                          means_.data() + block * kBlock, length(block));
    measure(block);
  }

  void find_largest(std::size_t block) {
    for (const ConstArrayView& x : vectors_) {
      largest_[block] =
          std::max(largest_[block], kernels::max_abs(x.part(offset(block), length(block))));
    }
  }

  void sum(std::size_t block) { add_up(block, sums_->coarse(block), sums_->fine(block)); }

  void add_up(std::size_t block, double* coarse, double* fine) {
    if (largest_[block] == 0) return;
    const auto bins = kernels::exact_sum_bins(largest_[block], nodes_);
    for (const ConstArrayView& x : vectors_) {
      kernels::add_to_sums(x.part(offset(block), length(block)), bins.coarse, bins.fine, coarse,
                           fine);
    }
  }

  void measure(std::size_t block) {
    const double* mean = means_.data() + block * kBlock;
    for (std::size_t i = 0; i < vectors_.size(); ++i) {
      distances_[block * vectors_.size() + i] =
          kernels::squared_distance(vectors_[i].part(offset(block), length(block)), mean);
    }
    if (result_.mean.size() == 0) return;
    std::transform(mean, mean + length(block), result_.mean.data() + offset(block),
                   [](double value) { return static_cast<float>(value); });
  }

  /// The largest magnitude of each block over all processes.
  Task<> share_largest() {
    tell_others([this](int) { return bytes_of(std::span<const float>(largest_)); });
    for (int other = 0; other < group_.processes(); ++other) {
      if (other == group_.process()) continue;
      const Bytes bytes = co_await group_.next(other);
      const auto theirs = values_of<float>(bytes, count_);
      std::ranges::transform(theirs, largest_, largest_.begin(),
                             [](float a, float b) { return std::max(a, b); });
    }
  }

  bool owns(int process, std::size_t block) const {
    return static_cast<int>((first_ + block) % static_cast<std::size_t>(group_.processes())) ==
           process;
  }

  /// Sums to the owners, means back.
  Task<> share_sums() {
    constexpr std::size_t kPair = 2 * kBlock;
    tell_others([this](int other) {
      std::vector<double> theirs;
      for (std::size_t b = 0; b < count_; ++b) {
        if (!owns(other, b)) continue;
        theirs.insert(theirs.end(), sums_->coarse(b), sums_->coarse(b) + kPair);
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
        double* const own = sums_->coarse(mine[m]);
        for (std::size_t i = 0; i < kPair; ++i) own[i] += theirs[m * kPair + i];
      }
    }
    std::vector<double> own_means;
    for (const std::size_t b : mine) {
      double* const mean = means_.data() + b * kBlock;
      kernels::mean_of_sums(sums_->coarse(b), sums_->fine(b), static_cast<double>(nodes_), mean,
                            kBlock);
      own_means.insert(own_means.end(), mean, mean + kBlock);
    }
    sums_.reset();
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

  template <class F>
  void tell_others(const F& words) {
    for (int other = 0; other < group_.processes(); ++other) {
      if (other != group_.process()) group_.post(other, words(other));
    }
  }

  Executor& executor_;
  Group& group_;
  std::int64_t nodes_;
  const std::vector<ConstArrayView>& vectors_;
  std::size_t size_ = 0;
  Consensus result_;

  // Of the batch: blocks first_ .. first_ + count_ − 1.
  std::size_t first_ = 0, count_ = 0;
  std::vector<float> largest_;  // by block
  std::unique_ptr<Sums> sums_;
  std::vector<double> means_;      // by coordinate
  std::vector<double> distances_;  // by block, by node
};

}  // namespace

Task<Consensus> consensus_of(Executor& executor, Group& group, std::int64_t nodes,
                             const std::vector<ConstArrayView>& vectors, bool keep_mean) {
  Work work(executor, group, nodes, vectors, keep_mean);
  Consensus consensus = co_await work.run();
  co_return consensus;
}

}  // namespace kith
