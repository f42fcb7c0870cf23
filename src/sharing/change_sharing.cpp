#include "sharing/change_sharing.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "compression/scope.h"
#include "kernels/sparse.h"
#include "kernels/top_k.h"
#include "kernels/vector_ops.h"

namespace kith {
namespace {

/// Vectors that nobody needs beyond the function that asked: a few a thread, not a few a node.
enum class Use : std::uint8_t { kOwn, kChange, kNext, kWhole };

template <Use use>
ArrayView room(std::size_t size) {
  thread_local Array kept;
  if (kept.size() < size) kept = Array(size);
  return kept.view().part(0, size);
}

/// The same for a part of a vector.
Compressed& room_for_part() {
  thread_local Compressed kept;
  return kept;
}

ArrayView values_of(Compressed& part) { return {part.values.data(), part.values.size(), {}}; }

/// Of a coordinate of `width` floats, the Euclidean norm, in the place of the first ones.
void to_norms(ArrayView c, std::size_t width) {
  for (std::size_t k = 0; k < c.size / width; ++k) {
    double sum = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const double value = c.data[width * k + i];
      sum += value * value;
    }
    c.data[k] = static_cast<float>(std::sqrt(sum));
  }
}

/// Where the floats of coordinates stand, instead of which coordinates they are.
void to_places(std::vector<std::uint32_t>& indices, std::size_t width) {
  if (width == 1) return;
  const std::size_t count = indices.size();
  indices.resize(width * count);
  for (std::size_t k = count; k-- > 0;) {
    const std::size_t first = width * indices[k];
    for (std::size_t i = width; i-- > 0;) {
      indices[width * k + i] = static_cast<std::uint32_t>(first + i);
    }
  }
}

}  // namespace

void ChangeSharing::Params::fields(Fields& f) {
  f.optional("accumulation", accumulation,
             "what a coordinate's change is counted from: the round's beginning (none), when it was "
             "last said (paper), the same for local changes only (local), or the beginning of the "
             "round in which it was last said (legacy)",
             Choices{{"none", "local", "paper", "legacy"}});
  f.optional("metadata_cap", metadata_cap,
             "from which α on a node says everything, and no indices",
             Range{.above = 0, .at_most = 1});
  f.optional("codec", codec, "how the numbers of a message become bytes");
}

void SteadyChangeSharing::Params::fields(Fields& f) {
  f.required("alpha", alpha, "α, the part of the coordinates that a message has",
             Range{.above = 0, .at_most = 1});
  ChangeSharing::Params::fields(f);
}

ChangeSharing::ChangeSharing(const Params& params, const Context& context,
                             std::unique_ptr<const Basis> basis)
    : metadata_cap_(params.metadata_cap),
      codec_(params.codec),
      uid_(context.uid),
      basis_(std::move(basis)),
      coordinates_(basis_ ? basis_->coordinates() : context.layout.size),
      width_(basis_ ? basis_->width() : 1),
      reference_(floats()) {
  if (params.accumulation == "local") accumulation_ = Accumulation::kLocal;
  if (params.accumulation == "paper") accumulation_ = Accumulation::kPaper;
  if (params.accumulation == "legacy") {
    accumulation_ = Accumulation::kLegacy;
    before_ = Array(floats());
  }
}

void ChangeSharing::start(ConstArrayView x) {
  const ConstArrayView c = transform(x, reference_.view());
  // Not std::ranges::copy, which GCC 12 makes a loop of: several times slower.
  if (!basis_) std::copy(c.begin(), c.end(), reference_.data());
  if (accumulation_ == Accumulation::kLegacy) {
    std::copy_n(reference_.data(), reference_.size(), before_.data());
  }
}

void ChangeSharing::say(const Turn& turn, const Slot& y, Outbox& outbox) {
  const std::size_t said = count(uid_, turn.round);
  const ConstArrayView c = transform(y->view(), room<Use::kOwn>(floats()));
  if (said == coordinates_) {
    note_said(c, nullptr);
    return outbox.to_all(codec_.encode(y));
  }
  Compressed& part = room_for_part();
  choose(c, said, part);
  outbox.to_all(codec_.encode(part, form(said), static_cast<std::uint32_t>(coordinates_)));
  to_places(part.indices, width_);
  note_said(c, &part);
}

void ChangeSharing::hear(const Turn& turn, const Slot& y, std::span<const Heard> heard,
                         ArrayView out) {
  double own_weight = turn.self_weight;
  bool parts = false;
  for (const Heard& neighbor : heard) {
    if (says_all(neighbor.sender, turn.round)) continue;
    own_weight += neighbor.weight;
    parts = true;
  }
  PartialAverage average(own_weight, y->view(), out);
  for (const Heard& neighbor : heard) {
    if (!says_all(neighbor.sender, turn.round)) continue;
    const ArrayView whole = room<Use::kWhole>(out.size);
    codec_.decode(neighbor.sender, *neighbor.body, whole);
    average.add(neighbor.weight, whole);
  }
  if (parts && !basis_) add_parts(turn, heard, average);
  if (parts && basis_) {
    const ConstArrayView c = transform(y->view(), room<Use::kOwn>(floats()));
    const ArrayView change = room<Use::kChange>(floats());
    PartialAverage moved(0, c, change);
    add_parts(turn, heard, moved);
    const ArrayView back = room<Use::kWhole>(out.size);
    basis_->inverse(change, back);
    kernels::add_scaled(out, 1, back, out);
  }
  note_averaged(y->view(), out);
}

void ChangeSharing::add_parts(const Turn& turn, std::span<const Heard> heard,
                              PartialAverage& average) const {
  Compressed& part = room_for_part();
  for (const auto& [sender, weight, body] : heard) {
    if (says_all(sender, turn.round)) continue;
    codec_.decode(sender, *body, form(count(sender, turn.round)),
                  static_cast<std::uint32_t>(coordinates_), part);
    to_places(part.indices, width_);
    average.add(weight, part.indices, part.value_view());
  }
}

void ChangeSharing::walk_state(StateWalker& walker) {
  walker.tensor("reference", reference_.view());
  if (accumulation_ == Accumulation::kLegacy) walker.tensor("before", before_.view());
}

std::size_t ChangeSharing::count(Uid uid, Round round) const {
  const double part = alpha(uid, round);
  if (part >= metadata_cap_) return coordinates_;
  Keep keep;
  keep.fraction = part;
  return keep.of(coordinates_);
}

bool ChangeSharing::says_all(Uid uid, Round round) const {
  return count(uid, round) == coordinates_;
}

ConstArrayView ChangeSharing::transform(ConstArrayView x, ArrayView room) const {
  if (!basis_) return x;
  basis_->forward(x, room);
  return room;
}

void ChangeSharing::choose(ConstArrayView c, std::size_t count, Compressed& chosen) const {
  const ArrayView score = room<Use::kChange>(floats());
  kernels::subtract(c, reference_.view(), score);
  if (width_ > 1) to_norms(score, width_);
  chosen.indices.resize(count);
  chosen.values.resize(width_ * count);
  thread_local std::vector<std::uint32_t> scratch;
  scratch.resize(std::max(scratch.size(), coordinates_ + kernels::kTopKSlack));
  kernels::top_k(score.part(0, coordinates_), scratch, chosen.indices,
                 values_of(chosen).part(0, count));
  if (width_ == 1) return kernels::gather(c, chosen.indices, values_of(chosen));
  for (std::size_t k = 0; k < count; ++k) {
    std::copy_n(c.data + width_ * chosen.indices[k], width_, &chosen.values[width_ * k]);
  }
}

void ChangeSharing::note_said(ConstArrayView c, const Compressed* part) {
  if (accumulation_ == Accumulation::kNone) return;
  const ConstArrayView from = accumulation_ == Accumulation::kLegacy ? before_.view() : c;
  if (part == nullptr) {
    std::copy(from.begin(), from.end(), reference_.data());
  } else {
    for (const std::uint32_t i : part->indices) reference_[i] = from.data[i];
  }
}

void ChangeSharing::note_averaged(ConstArrayView y, ConstArrayView next) {
  if (accumulation_ == Accumulation::kPaper) return;
  const ConstArrayView after = transform(next, room<Use::kNext>(floats()));
  switch (accumulation_) {
    case Accumulation::kNone:
      std::copy(after.begin(), after.end(), reference_.data());
      break;
    case Accumulation::kLegacy:
      std::copy(after.begin(), after.end(), before_.data());
      break;
    case Accumulation::kLocal: {
      // What others changed is none of a node's own changes: r moves along.
      const ConstArrayView c = transform(y, room<Use::kOwn>(floats()));
      kernels::add_scaled(reference_.view(), 1, after, reference_.view());
      kernels::subtract(reference_.view(), c, reference_.view());
      break;
    }
    case Accumulation::kPaper:
      break;
  }
}

}  // namespace kith
