#include <algorithm>

#include "compression/codec.h"
#include "compression/thin_matrix.h"
#include "core/device_memory.h"
#include "kernels/vector_ops.h"
#include "sharing/sharing.h"

namespace kith {
namespace {

/// PowerGossip: neighbors exchange low-rank approximations of their differences (Vogels,
/// Karimireddy & Jaggi, NeurIPS 2020, arXiv:2008.01425). For each edge i < j and each matrix X of
/// the model, let D = X_j − X_i. Power iterations take turns, and both ends compute the same from
/// what both said:
///
///     even  P made orthonormal, Q = Dᵀ P = X_jᵀ P − X_iᵀ P
///     odd   Q made orthonormal, P = D Q = X_j Q − X_i Q
///     X_i += γ W_ij P Qᵀ;  X_j −= γ W_ij P Qᵀ
///
/// P Qᵀ is a projection of D on r dimensions, and the next iteration begins with the factor that
/// the last one found: over rounds it follows what neighbors differ in most. Nothing is kept of x,
/// so there is no error to feed back, and what an edge gives one end it takes from the other: the
/// network's mean stays. Vectors and scalars, and matrices with a side of r or less, go in full.
///
/// On the wire: X Q or Xᵀ P of one matrix after the other, column by column; in a round's last
/// exchange, then the other tensors.
class PowerGossip final : public Sharing {
 public:
  struct Params {
    std::int64_t rank = 0;
    float gamma = 0;
    std::int64_t power_iterations = 1;
    CodecOptions codec;

    void fields(Fields& f) {
      f.required("rank", rank, "r, columns of P and of Q", Range{.at_least = 1});
      f.required("gamma", gamma, "γ, how far a round moves neighbors together; the paper's is 1",
                 Range{.above = 0, .at_most = 1});
      f.optional("power_iterations", power_iterations,
                 "exchanges a round: more of them see a difference better",
                 Range{.at_least = 1, .at_most = 64});
      f.optional("codec", codec, "how the numbers of a message become bytes");
    }
  };

  PowerGossip(const Params& params, const Context& context)
      : rank_(static_cast<std::size_t>(params.rank)),
        gamma_(params.gamma),
        iterations_(static_cast<int>(params.power_iterations)),
        codec_(params.codec),
        uid_(context.uid),
        seed_(context.seed) {
    for (const auto& tensor : context.layout.tensors) {
      const kernels::Shape shape = matrix_of(tensor);
      const bool is_matrix = rank_ < std::min(shape.rows, shape.columns);
      (is_matrix ? matrices_ : others_).push_back({tensor.offset, tensor.size, shape, tensor.name});
      rows_ += is_matrix ? rank_ * shape.rows : 0;
      columns_ += is_matrix ? rank_ * shape.columns : 0;
      others_size_ += is_matrix ? 0 : tensor.size;
    }
    heard_ = Array(std::max(rows_, columns_) + others_size_, context.device);
    for (const Uid neighbor : context.neighbors) {
      Edge edge{neighbor, {}, Array(heard_.size(), context.device)};
      for (const Piece& piece : matrices_) {
        edge.factors.push_back({Array(rank_ * piece.shape.rows, context.device),
                                Array(rank_ * piece.shape.columns, context.device)});
      }
      edges_.push_back(std::move(edge));
    }
  }

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.symmetric = true,
            .static_graph = true,
            .because = "two neighbors move by the same, and remember each other's differences"};
  }

  int exchanges() const override { return iterations_; }

  void say(const Turn& turn, const Slot& x, Outbox& outbox) override {
    for (const Uid receiver : turn.receivers) {
      Edge& edge = edge_to(receiver);
      Random random(stream_of(receiver, turn.round));
      const ArrayView said = edge.said.view().part(0, values(turn));
      ArrayView rest = said;
      for (std::size_t k = 0; k < matrices_.size(); ++k) {
        const auto& [offset, size, shape, name] = matrices_[k];
        const ConstArrayView m = x->view().part(offset, size);
        auto& [p, q] = edge.factors[k];
        if (is_even(turn)) {
          replace_zeros(p.view(), shape.rows, random);
          make_orthonormal(p.view(), shape.rows);
          multiply_transposed(m, shape, p.view(), take(rest, q.size()));
        } else {
          replace_zeros(q.view(), shape.columns, random);
          make_orthonormal(q.view(), shape.columns);
          multiply(m, shape, q.view(), take(rest, p.size()));
        }
      }
      if (is_last(turn)) {
        for (const auto& [offset, size, shape, name] : others_) {
          copy(x->view().part(offset, size), take(rest, size));
        }
      }
      require_finite(said);  // a product may overflow
      Body body = codec_.encode(said);
      if (!codec_.lossless()) codec_.decode(uid_, body, said);
      outbox.to(receiver, std::move(body));
    }
  }

  void hear(const Turn& turn, const Slot& x, std::span<const Heard> heard, ArrayView out) override {
    copy(x->view(), out);
    for (const Heard& neighbor : heard) {
      Edge& edge = edge_to(neighbor.sender);
      const bool is_lower = uid_ < neighbor.sender;  // i of i < j
      const ArrayView theirs = heard_.view().part(0, values(turn));
      codec_.decode(neighbor.sender, *neighbor.body, theirs);
      const ConstArrayView own = edge.said.view().part(0, theirs.size);
      kernels::subtract(is_lower ? theirs : own, is_lower ? own : theirs, theirs);
      ArrayView differences = theirs;
      for (auto& [p, q] : edge.factors) {
        Array& product = is_even(turn) ? q : p;
        copy(take(differences, product.size()), product.view());
      }
      const float weight = gamma_ * neighbor.weight;
      if (is_last(turn)) meet(edge, is_lower ? weight : -weight, differences, out);
    }
  }

  void walk_state(StateWalker& walker) override {
    for (Edge& edge : edges_) {
      for (std::size_t k = 0; k < matrices_.size(); ++k) {
        const std::string name = std::to_string(edge.neighbor) + '.' + matrices_[k].name;
        walker.tensor("p." + name, edge.factors[k].p.view());
        walker.tensor("q." + name, edge.factors[k].q.view());
      }
    }
  }

 private:
  /// A tensor of the model.
  struct Piece {
    std::size_t offset;
    std::size_t size;
    kernels::Shape shape;
    std::string name;
  };

  /// Of one matrix. Zeros are drawn anew by who is to begin with them, the same at both ends.
  struct Factors {
    Array p, q;
  };

  struct Edge {
    Uid neighbor;
    std::vector<Factors> factors;  // in the order of matrices_
    Array said;                    // to this neighbor, in this exchange
  };

  /// X += step · D, where D is P Qᵀ, or `known` for the tensors that went in full, one behind the
  /// other.
  void meet(const Edge& edge, float step, ArrayView known, ArrayView out) const {
    for (std::size_t k = 0; k < matrices_.size(); ++k) {
      const auto& [offset, size, shape, name] = matrices_[k];
      const auto& [p, q] = edge.factors[k];
      kernels::add_outer(p.view(), q.view(), rank_, shape, step, out.part(offset, size));
    }
    for (const auto& [offset, size, shape, name] : others_) {
      const ArrayView to = out.part(offset, size);
      kernels::add_scaled(to, step, take(known, size), to);
    }
  }

  /// The first of `rest`, which is left with the others.
  static ArrayView take(ArrayView& rest, std::size_t size) {
    const ArrayView first = rest.part(0, size);
    rest = rest.part(size, rest.size - size);
    return first;
  }

  Edge& edge_to(Uid neighbor) {
    return *std::ranges::lower_bound(edges_, neighbor, {}, &Edge::neighbor);
  }

  bool is_even(const Turn& turn) const {
    return (turn.round * iterations_ + turn.exchange) % 2 == 0;
  }

  bool is_last(const Turn& turn) const { return turn.exchange + 1 == iterations_; }

  /// One for each edge and round.
  Stream stream_of(Uid neighbor, Round round) const {
    const auto [low, high] = std::minmax(uid_, neighbor);
    return {seed_ + (static_cast<std::uint64_t>(low) << 32), Purpose::kSharing,
            static_cast<std::uint32_t>(high), static_cast<std::uint32_t>(round)};
  }

  /// Numbers of a message.
  std::size_t values(const Turn& turn) const {
    return (is_even(turn) ? columns_ : rows_) + (is_last(turn) ? others_size_ : 0);
  }

  std::size_t rank_;
  float gamma_;
  int iterations_;
  Codec codec_;
  Uid uid_;
  std::uint64_t seed_;
  std::vector<Piece> matrices_, others_;
  std::vector<Edge> edges_;                               // ascending by neighbor
  std::size_t rows_ = 0, columns_ = 0, others_size_ = 0;  // numbers of all P, all Q, others_
  Array heard_;                                           // room for a message
};

const Register<Sharing, PowerGossip> registered{
    "powergossip", "PowerGossip: neighbors exchange low-rank differences"};

}  // namespace
}  // namespace kith
