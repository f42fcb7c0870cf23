#include <algorithm>
#include <cstring>

#include "compression/compressor.h"
#include "compression/thin_matrix.h"
#include "core/text.h"
#include "kernels/vector_ops.h"
#include "sharing/sharing.h"

namespace kith {
namespace {

/// PowerGossip: neighbors exchange low-rank approximations of their differences (Vogels, Karimireddy
/// & Jaggi, NeurIPS 2020, arXiv:2008.01425). For each edge i < j and each matrix X of the model, let
/// D = X_j − X_i. Power iterations take turns, and both ends compute the same from what both said:
///
///     even  P made orthonormal, Q = Dᵀ P = X_jᵀ P − X_iᵀ P
///     odd   Q made orthonormal, P = D Q = X_j Q − X_i Q
///     X_i += γ W_ij P Qᵀ;  X_j −= γ W_ij P Qᵀ
///
/// P Qᵀ is a projection of D on r dimensions, and the next iteration begins with the factor that the
/// last one found: over rounds it follows what neighbors differ in most. Nothing is kept of x, so
/// there is no error to feed back, and what an edge gives one end it takes from the other: the
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

    void fields(Fields& f) {
      f.required("rank", rank, "r, columns of P and of Q", Range{.at_least = 1});
      f.required("gamma", gamma, "γ, how far a round moves neighbors together; the paper's is 1",
                 Range{.above = 0, .at_most = 1});
      f.optional("power_iterations", power_iterations,
                 "exchanges a round: more of them see a difference better",
                 Range{.at_least = 1, .at_most = 64});
    }
  };

  PowerGossip(const Params& params, const Context& context)
      : rank_(static_cast<std::size_t>(params.rank)),
        gamma_(params.gamma),
        iterations_(static_cast<int>(params.power_iterations)),
        uid_(context.uid),
        seed_(context.seed) {
    for (const auto& tensor : context.layout.tensors) {
      const kernels::Shape shape = matrix_of(tensor);
      auto& kind = rank_ < std::min(shape.rows, shape.columns) ? matrices_ : others_;
      kind.push_back({tensor.offset, tensor.size, shape, tensor.name});
    }
    for (const Uid neighbor : context.neighbors) {
      Edge edge{neighbor, {}};
      for (const Piece& piece : matrices_) {
        edge.factors.push_back({Array(rank_ * piece.shape.rows), Array(rank_ * piece.shape.columns)});
      }
      edges_.push_back(std::move(edge));
    }
  }

  Needs needs() const override {
    return {.symmetric = true,
            .static_graph = true,
            .because = "two neighbors move by the same, and remember each other's differences"};
  }

  int exchanges() const override { return iterations_; }

  void say(const Turn& turn, const Slot& x, Outbox& outbox) override {
    const bool even = is_even(turn);
    for (const Uid receiver : turn.receivers) {
      Edge& edge = edge_to(receiver);
      Random random(stream_of(receiver, turn.round));
      std::vector<std::byte> message;
      for (std::size_t k = 0; k < matrices_.size(); ++k) {
        const auto& [offset, size, shape, name] = matrices_[k];
        const ConstArrayView m = x->view().part(offset, size);
        auto& [p, q] = edge.factors[k];
        if (even) {
          replace_zeros(p.view(), shape.rows, random);
          make_orthonormal(p.view(), shape.rows);
          multiply_transposed(m, shape, p.view(), q.view());
        } else {
          replace_zeros(q.view(), shape.columns, random);
          make_orthonormal(q.view(), shape.columns);
          multiply(m, shape, q.view(), p.view());
        }
        require_finite((even ? q : p).view());  // a product may overflow
        append(message, (even ? q : p).view());
      }
      if (is_last(turn)) {
        for (const Piece& piece : others_) append(message, x->view().part(piece.offset, piece.size));
      }
      outbox.to(receiver, Body(std::move(message)));
    }
  }

  void hear(const Turn& turn, const Slot& x, std::span<const Heard> heard,
            ArrayView out) override {
    const bool even = is_even(turn);
    std::ranges::copy(x->view(), out.data);
    for (const Heard& neighbor : heard) {
      Edge& edge = edge_to(neighbor.sender);
      ArrayView theirs = read(neighbor, turn);
      const auto take = [&theirs](std::size_t size) {
        const ArrayView part = theirs.part(0, size);
        theirs = theirs.part(size, theirs.size - size);
        return part;
      };
      const bool lower = uid_ < neighbor.sender;  // i of i < j
      const auto difference = [lower](ConstArrayView own, ConstArrayView other, ArrayView to) {
        lower ? kernels::subtract(other, own, to) : kernels::subtract(own, other, to);
      };
      const float step = lower ? gamma_ * neighbor.weight : -gamma_ * neighbor.weight;
      for (std::size_t k = 0; k < matrices_.size(); ++k) {
        auto& [p, q] = edge.factors[k];
        const ArrayView product = (even ? q : p).view();
        difference(product, take(product.size), product);
        if (!is_last(turn)) continue;
        const Piece& piece = matrices_[k];
        kernels::add_outer(p.view(), q.view(), rank_, piece.shape, step,
                           out.part(piece.offset, piece.size));
      }
      if (!is_last(turn)) continue;
      for (const Piece& piece : others_) {
        const ArrayView d = take(piece.size), to = out.part(piece.offset, piece.size);
        difference(x->view().part(piece.offset, piece.size), d, d);
        kernels::add_scaled(to, step, d, to);
      }
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
  };

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

  static void append(std::vector<std::byte>& message, ConstArrayView values) {
    const auto bytes = std::as_bytes(std::span(values.data, values.size));
    message.insert(message.end(), bytes.begin(), bytes.end());
  }

  /// The numbers that a neighbor sent.
  ArrayView read(const Heard& neighbor, const Turn& turn) {
    std::size_t expected = 0;
    for (const Piece& piece : matrices_) {
      expected += rank_ * (is_even(turn) ? piece.shape.columns : piece.shape.rows);
    }
    for (const Piece& piece : others_) expected += is_last(turn) ? piece.size : 0;
    const ByteView bytes = neighbor.body->coded();
    const auto fail = [&](const std::string& what) {
      throw PeerError("node " + std::to_string(neighbor.sender) + " sent " + what);
    };
    if (bytes.size() != sizeof(float) * expected) {
      fail(count_of(bytes.size(), "byte") + ", not " + std::to_string(sizeof(float) * expected));
    }
    if (heard_.size() < expected) heard_ = Array(expected);
    const ArrayView values = heard_.view().part(0, expected);
    if (!bytes.empty()) std::memcpy(values.data, bytes.data(), bytes.size());
    if (!kernels::all_finite(values)) fail("a number that is not finite");
    return values;
  }

  std::size_t rank_;
  float gamma_;
  int iterations_;
  Uid uid_;
  std::uint64_t seed_;
  std::vector<Piece> matrices_, others_;
  std::vector<Edge> edges_;  // ascending by neighbor
  Array heard_;              // room for a message
};

const Register<Sharing, PowerGossip> registered{
    "powergossip", "PowerGossip: neighbors exchange low-rank differences"};

}  // namespace
}  // namespace kith
