#include <algorithm>

#include "compression/compressor.h"
#include "compression/thin_matrix.h"
#include "kernels/vector_ops.h"

namespace kith {
namespace {

/// PowerSGD's low-rank approximation (Vogels, Karimireddy & Jaggi, NeurIPS 2019, arXiv:1905.13727).
/// A tensor of two dimensions or more is a matrix M, its first dimension by the rest, and becomes
/// P Qᵀ of rank r by one step of power iteration:
///
///     P = M Q,  P made orthonormal,  Q = Mᵀ P.
///
/// The step starts from the last Q (`warm_start`), so that over similar vectors it comes to the
/// best approximation, or from a random one. P Pᵀ M is a projection of M, hence never farther from
/// M than 0 is; from a random start its expected error is at most (1 − r / min(rows, columns))
/// ‖M‖². What r vectors of each kind would not shorten, vectors and scalars among it, is sent in
/// full.
///
/// On the wire: for each tensor P then Q, column by column, or the tensor.
class LowRank final : public Compressor {
 public:
  struct Params {
    std::int64_t rank = 0;
    bool warm_start = true;

    void fields(Fields& f) {
      f.required("rank", rank, "r, columns of P and of Q", Range{.at_least = 1});
      f.optional("warm_start", warm_start, "begin with the last Q instead of a random one");
    }
  };

  LowRank(const Params& params, const Context& context)
      : rank_(static_cast<std::size_t>(params.rank)), warm_start_(params.warm_start) {
    for (const auto& tensor : context.layout.tensors) {
      const kernels::Shape shape = matrix_of(tensor);
      Piece piece{tensor.offset, tensor.size, shape, {}, "q." + tensor.name};
      // Divided, because rank times rows may be more than a number holds.
      const bool shorter =
          shape.columns > 0 && rank_ <= (tensor.size - 1) / (shape.rows + shape.columns);
      if (shorter) {
        piece.q = Array(rank_ * shape.columns, context.device);
        values_ += rank_ * (shape.rows + shape.columns);
        error_ = std::max(error_, 1 - double(rank_) / double(std::min(shape.rows, shape.columns)));
      } else {
        values_ += tensor.size;
      }
      pieces_.push_back(std::move(piece));
    }
  }

  bool on_device() const override { return true; }

  void compress(ConstArrayView x, const Stream& stream, Compressed& out) override {
    require_finite(x);
    out.values.resize(values_);
    ArrayView rest = out.values.view();
    const auto take = [&](std::size_t size) {
      const ArrayView part = rest.part(0, size);
      rest = rest.part(size, rest.size - size);
      return part;
    };
    Random random(stream);
    for (Piece& piece : pieces_) {
      const ConstArrayView m = x.part(piece.offset, piece.size);
      if (piece.q.size() == 0) {
        copy(m, take(m.size));
        continue;
      }
      const ArrayView p = take(rank_ * piece.shape.rows), q = take(rank_ * piece.shape.columns);
      iterate(m, piece, random, p, q);
    }
    require_finite(out.values.view());  // a product may overflow
  }

  void add(const Compressed& message, float scale, ArrayView out) const override {
    ConstArrayView rest = message.values.view();
    const auto take = [&](std::size_t size) {
      const ConstArrayView part = rest.part(0, size);
      rest = rest.part(size, rest.size - size);
      return part;
    };
    for (const Piece& piece : pieces_) {
      const ArrayView to = out.part(piece.offset, piece.size);
      if (piece.q.size() == 0) {
        kernels::add_scaled(to, scale, take(piece.size), to);
        continue;
      }
      const ConstArrayView p = take(rank_ * piece.shape.rows);
      const ConstArrayView q = take(rank_ * piece.shape.columns);
      kernels::add_outer(p, q, rank_, piece.shape, scale, to);
    }
  }

  Form form() const override { return {.values = values_}; }
  ErrorLaw law() const override { return {.error = error_}; }

  void walk_state(StateWalker& walker) override {
    if (!warm_start_) return;
    for (Piece& piece : pieces_) {
      if (piece.q.size() > 0) walker.tensor(piece.name, piece.q.view());
    }
  }

 private:
  /// A tensor; `q` is empty where it is sent in full.
  struct Piece {
    std::size_t offset;
    std::size_t size;
    kernels::Shape shape;
    Array q;  // where the next iteration starts, unit columns; a column of zeros is drawn anew
    std::string name;
  };

  void iterate(ConstArrayView m, Piece& piece, Random& random, ArrayView p, ArrayView q) const {
    const ArrayView start = piece.q.view();
    if (!warm_start_) kernels::fill(start, 0);
    replace_zeros(start, piece.shape.columns, random);
    multiply(m, piece.shape, start, p);
    make_orthonormal(p, piece.shape.rows);
    multiply_transposed(m, piece.shape, p, q);
    copy(q, start);
    for (std::size_t k = 0; k < rank_; ++k) normalize(column(start, piece.shape.columns, k));
  }

  std::size_t rank_;
  bool warm_start_;
  std::vector<Piece> pieces_;
  std::size_t values_ = 0;  // of a message
  double error_ = 0;
};

const Register<Compressor, LowRank> registered{
    "low_rank", "each matrix as the product of two thin ones (PowerSGD); vectors in full"};

}  // namespace
}  // namespace kith
