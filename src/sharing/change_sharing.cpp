#include "sharing/change_sharing.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "compression/scope.h"
#include "core/scratch.h"
#include "kernels/sparse.h"
#include "kernels/top_k.h"
#include "kernels/vector_ops.h"

namespace kith {
namespace {

// Whose room it is (core/scratch.h).
struct Own;
struct Change;
struct Next;
struct Whole;

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
IndexView places(const Buffer<std::uint32_t>& indices, std::size_t width) {
  if (width == 1) return indices;
  thread_local std::vector<std::uint32_t> room;
  room.resize(width * indices.size());
  for (std::size_t k = 0; k < indices.size(); ++k) {
    for (std::size_t i = 0; i < width; ++i) {
      room[width * k + i] = static_cast<std::uint32_t>(width * indices[k] + i);
    }
  }
  return room;
}

}  // namespace

void ChangeSharing::Params::fields(Fields& f) {
  f.optional(
      "accumulation", accumulation,
      "what a coordinate's change is counted from: the round's beginning (none), when it was "
      "last said (paper), the same for local changes only (local), or the beginning of the "
      "round in which it was last said (legacy)",
      Choices{{"none", "local", "paper", "legacy"}});
  f.optional("metadata_cap", metadata_cap, "from which α on a node says everything, and no indices",
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
    : device_(context.device),
      metadata_cap_(params.metadata_cap),
      codec_(params.codec),
      uid_(context.uid),
      basis_(std::move(basis)),
      coordinates_(basis_ ? basis_->coordinates() : context.layout.size),
      width_(basis_ ? basis_->width() : 1),
      reference_(floats(), device_) {
  if (params.accumulation == "local") accumulation_ = Accumulation::kLocal;
  if (params.accumulation == "paper") accumulation_ = Accumulation::kPaper;
  if (params.accumulation == "legacy") {
    accumulation_ = Accumulation::kLegacy;
    before_ = Array(floats(), device_);
  }
}

void ChangeSharing::start(ConstArrayView x) {
  if (basis_) {
    basis_->forward(x, reference_.view());
  } else {
    copy(x, reference_.view());
  }
  if (accumulation_ == Accumulation::kLegacy) copy(reference_.view(), before_.view());
}

void ChangeSharing::say(const Turn& turn, const Slot& y, Outbox& outbox) {
  const std::size_t said = count(uid_, turn.round);
  const ConstArrayView c = transform<Own>(y->view());
  if (said == coordinates_) {
    note_said(c, nullptr);
    return outbox.to_all(codec_.encode(y));
  }
  const std::shared_ptr<Compressed> part = rooms_.take(device_);
  choose(c, said, *part);
  note_said(c, part.get());
  outbox.to_all(codec_.encode(part, form(said), static_cast<std::uint32_t>(coordinates_)));
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
    const ArrayView whole = scratch_vector<Whole>(out.size, device_);
    codec_.decode(neighbor.sender, *neighbor.body, whole);
    average.add(neighbor.weight, whole);
  }
  if (parts && !basis_) add_parts(turn, heard, average);
  if (parts && basis_) {
    const ConstArrayView c = transform<Own>(y->view());
    const ArrayView change = scratch_vector<Change>(floats(), device_);
    PartialAverage moved(0, c, change);
    add_parts(turn, heard, moved);
    const ArrayView back = scratch_vector<Whole>(out.size, device_);
    basis_->inverse(change, back);
    kernels::add_scaled(out, 1, back, out);
  }
  note_averaged(y->view(), out);
}

void ChangeSharing::add_parts(const Turn& turn, std::span<const Heard> heard,
                              PartialAverage& average) const {
  for (const auto& [sender, weight, body] : heard) {
    if (says_all(sender, turn.round)) continue;
    const Compressed& part = codec_.heard(sender, *body, form(count(sender, turn.round)),
                                          static_cast<std::uint32_t>(coordinates_), device_);
    average.add(weight, places(part.indices, width_), part.values.view());
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

template <class User>
ConstArrayView ChangeSharing::transform(ConstArrayView x) const {
  if (!basis_) return x;
  const ArrayView room = scratch_vector<User>(floats(), device_);
  basis_->forward(x, room);
  return room;
}

void ChangeSharing::choose(ConstArrayView c, std::size_t count, Compressed& chosen) const {
  const ArrayView score = scratch_vector<Change>(floats(), device_);
  kernels::subtract(c, reference_.view(), score);
  if (width_ > 1) to_norms(score, width_);
  chosen.indices.resize(count);
  chosen.values.resize(width_ * count);
  const auto scratch = scratch_numbers<Change, std::uint32_t>(
      device_.is_cpu() ? coordinates_ + kernels::kTopKSlack : 0);
  kernels::top_k(score.part(0, coordinates_), scratch, chosen.indices.span(),
                 chosen.values.view().part(0, count));
  kernels::gather(c, places(chosen.indices, width_), chosen.values.view());
}

void ChangeSharing::note_said(ConstArrayView c, const Compressed* part) {
  if (accumulation_ == Accumulation::kNone) return;
  const ConstArrayView from = accumulation_ == Accumulation::kLegacy ? before_.view() : c;
  if (part == nullptr) {
    copy(from, reference_.view());
  } else {
    kernels::copy_at(places(part->indices, width_), from, reference_.view());
  }
}

void ChangeSharing::note_averaged(ConstArrayView y, ConstArrayView next) {
  if (accumulation_ == Accumulation::kPaper) return;
  const ConstArrayView after = transform<Next>(next);
  switch (accumulation_) {
    case Accumulation::kNone:
      copy(after, reference_.view());
      break;
    case Accumulation::kLegacy:
      copy(after, before_.view());
      break;
    case Accumulation::kLocal: {
      // What others changed is none of a node's own changes: r moves along.
      const ConstArrayView c = transform<Own>(y);
      kernels::add_scaled(reference_.view(), 1, after, reference_.view());
      kernels::subtract(reference_.view(), c, reference_.view());
      break;
    }
    case Accumulation::kPaper:
      break;
  }
}

}  // namespace kith
