#include <algorithm>
#include <cmath>

#include "compression/compressor.h"
#include "kernels/matrix.h"
#include "kernels/norms.h"
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
      const std::size_t rows =
          tensor.shape.size() < 2 ? 0 : static_cast<std::size_t>(tensor.shape.front());
      const kernels::Shape shape{rows, rows > 0 ? tensor.size / rows : 0};
      Piece piece{tensor.offset, tensor.size, shape, {}, "q." + tensor.name};
      // Divided, because rank times rows may be more than a number holds.
      const bool shorter = shape.columns > 0 && rank_ <= (tensor.size - 1) / (rows + shape.columns);
      if (shorter) {
        piece.q = Array(rank_ * shape.columns);
        values_ += rank_ * (rows + shape.columns);
        error_ = std::max(error_, 1 - double(rank_) / double(std::min(rows, shape.columns)));
      } else {
        values_ += tensor.size;
      }
      pieces_.push_back(std::move(piece));
    }
  }

  Compressed compress(ConstArrayView x, const Stream& stream) override {
    require_finite(x);
    Compressed message;
    message.values.resize(values_);
    ArrayView rest{message.values.data(), values_, {}};
    const auto take = [&](std::size_t size) {
      const ArrayView part = rest.part(0, size);
      rest = rest.part(size, rest.size - size);
      return part;
    };
    Random random(stream);
    for (Piece& piece : pieces_) {
      const ConstArrayView m = x.part(piece.offset, piece.size);
      if (piece.q.size() == 0) {
        std::ranges::copy(m, take(m.size).data);
        continue;
      }
      const ArrayView p = take(rank_ * piece.shape.rows), q = take(rank_ * piece.shape.columns);
      start(piece, random);
      iterate(m, piece, p, q);
    }
    require_finite(message.value_view());  // a product may overflow
    return message;
  }

  void add(const Compressed& message, float scale, ArrayView out) const override {
    ConstArrayView rest = message.value_view();
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

  void start(Piece& piece, Random& random) const {
    for (std::size_t k = 0; k < rank_; ++k) {
      const ArrayView column = piece.q.view().part(k * piece.shape.columns, piece.shape.columns);
      if (warm_start_ && kernels::max_abs(column) > 0) continue;
      for (float& element : column) element = static_cast<float>(random.normal());
      normalize(column);
    }
  }

  void iterate(ConstArrayView m, Piece& piece, ArrayView p, ArrayView q) const {
    const auto [rows, columns] = piece.shape;
    const auto p_column = [&, rows = rows](std::size_t k) { return p.part(k * rows, rows); };
    const auto q_column = [&, columns = columns](ArrayView of, std::size_t k) {
      return of.part(k * columns, columns);
    };
    for (std::size_t k = 0; k < rank_; ++k) {
      kernels::times(m, piece.shape, q_column(piece.q.view(), k), p_column(k));
    }
    make_orthonormal(p, rows);
    for (std::size_t k = 0; k < rank_; ++k) {
      kernels::transposed_times(m, piece.shape, p_column(k), q_column(q, k));
      std::ranges::copy(q_column(q, k), q_column(piece.q.view(), k).data);
      normalize(q_column(piece.q.view(), k));
    }
  }

  /// Gram–Schmidt, twice, in float64 sums. A column that depends on those before becomes zero.
  void make_orthonormal(ArrayView p, std::size_t rows) const {
    constexpr double kDependent = 1e-5;
    for (std::size_t k = 0; k < rank_; ++k) {
      const ArrayView column = p.part(k * rows, rows);
      normalize(column);
      for (int pass = 0; pass < 2; ++pass) {
        for (std::size_t j = 0; j < k; ++j) {
          const ConstArrayView before = p.part(j * rows, rows);
          const auto along = static_cast<float>(kernels::dot(before, column));
          kernels::add_scaled(column, -along, before, column);
        }
      }
      if (kernels::dot(column, column) < kDependent * kDependent) std::ranges::fill(column, 0.0f);
      normalize(column);
    }
  }

  /// To length 1; zeros stay.
  static void normalize(ArrayView v) {
    const double length = std::sqrt(kernels::dot(v, v));
    if (length == 0) return;
    for (float& element : v) element = static_cast<float>(element / length);
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
