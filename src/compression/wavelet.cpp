#include "compression/wavelet.h"

#include <algorithm>
#include <cassert>

#include "core/scratch.h"

namespace kith {
namespace {

struct NamedFilter {
  const char* name;
  std::size_t taps;
  double lowpass[kernels::kMostTaps];
};

// The decomposition low-pass filters, by spectral factorization of Daubechies' polynomial
// Σ_{k<N} C(N − 1 + k, k) yᵏ in 60 digits. Of each pair of roots, db takes the one inside the unit
// circle, and sym the one of the choice whose phase is nearest to linear, in PyWavelets' direction.
constexpr NamedFilter kFilters[] = {
    {"haar", 2, {0.70710678118654752, 0.70710678118654752}},
    {"db2",
     4,
     {-0.12940952255126038, 0.22414386804201338, 0.83651630373780791, 0.48296291314453414}},
    {"db3",
     6,
     {0.035226291885709537, -0.085441273882026662, -0.13501102001025459, 0.45987750211849157,
      0.80689150931109258, 0.33267055295008262}},
    {"db4",
     8,
     {-0.010597401785069032, 0.0328830116668852, 0.030841381835560764, -0.18703481171909308,
      -0.027983769416859854, 0.63088076792985891, 0.71484657055291565, 0.2303778133088965}},
    {"db5",
     10,
     {0.0033357252854737713, -0.012580751999081999, -0.0062414902127982743, 0.077571493840045714,
      -0.032244869584638375, -0.24229488706638203, 0.13842814590132073, 0.72430852843777293,
      0.60382926979718967, 0.16010239797419291}},
    {"db6",
     12,
     {-0.0010773010853084796, 0.0047772575109455106, 0.00055384220116149614, -0.03158203931748603,
      0.027522865530305729, 0.097501605587323049, -0.12976686756726194, -0.22626469396543982,
      0.31525035170919763, 0.75113390802109535, 0.49462389039845309, 0.11154074335010946}},
    {"db7",
     14,
     {0.00035371379997452025, -0.0018016407040474909, 0.00042957797292136652, 0.012550998556099841,
      -0.016574541630666881, -0.038029936935014414, 0.080612609151083072, 0.071309219266830265,
      -0.22403618499387498, -0.14390600392856498, 0.46978228740519312, 0.72913209084623512,
      0.39653931948191731, 0.077852054085009179}},
    {"db8",
     16,
     {-0.00011747678412476953, 0.00067544940645056937, -0.00039174037337694705,
      -0.0048703529934515743, 0.0087460940474057767, 0.013981027917398282, -0.044088253930794752,
      -0.017369301001807546, 0.12874742662047846, 0.00047248457391328277, -0.28401554296154693,
      -0.015829105256349306, 0.58535468365420671, 0.67563073629728981, 0.31287159091429997,
      0.05441584224310401}},
    {"sym2",
     4,
     {-0.12940952255126038, 0.22414386804201338, 0.83651630373780791, 0.48296291314453414}},
    {"sym3",
     6,
     {0.035226291885709537, -0.085441273882026662, -0.13501102001025459, 0.45987750211849157,
      0.80689150931109258, 0.33267055295008262}},
    {"sym4",
     8,
     {-0.075765714789502213, -0.029635527646002492, 0.49761866763277499, 0.80373875180513208,
      0.29785779560530605, -0.099219543576633533, -0.012603967262031304, 0.032223100604051468}},
    {"sym5",
     10,
     {0.027333068344998769, 0.029519490925706261, -0.039134249302313844, 0.1993975339768556,
      0.72340769040404079, 0.63397896345679206, 0.016602105764510848, -0.17532808990805622,
      -0.021101834024689041, 0.019538882735249827}},
    {"sym6",
     12,
     {0.015404109327044824, 0.0034907120842221625, -0.11799011114852003, -0.048311742585698055,
      0.49105594192797373, 0.787641141028651, 0.33792942172816583, -0.072637522786376583,
      -0.021060292512370848, 0.044724901770781385, 0.0017677118642540077, -0.0078007083250323804}},
    {"sym7",
     14,
     {0.002681814568260147, -0.0010473848886797381, -0.012636303403240567, 0.030515513165877886,
      0.067892693501220565, -0.049552834937042832, 0.017441255086835707, 0.53610191709056923,
      0.76776431700488293, 0.28862963175064787, -0.14004724044293365, -0.10780823770328971,
      0.0040102448715223952, 0.010268176708464816}},
    {"sym8",
     16,
     {-0.0033824159510050026, -0.00054213233180001069, 0.031695087811525991, 0.0076074873249766082,
      -0.14329423835127266, -0.061273359067811078, 0.48135965125905339, 0.77718575169962803,
      0.36444189483617894, -0.051945838107881801, -0.027219029917103486, 0.049137179673730287,
      0.0038087520138944895, -0.014952258337062199, -0.00030292051472413308,
      0.0018899503327676892}},
};

const NamedFilter& filter_named(const std::string& name) {
  const auto* const found = std::ranges::find(kFilters, name, &NamedFilter::name);
  assert(found != std::end(kFilters));
  return *found;
}

struct Ping;
struct Pong;

/// Two buffers of a thread's own, by turns.
template <class Real>
class PingPong {
 public:
  explicit PingPong(const Device& device) : device_(device) {}

  BasicArrayView<Real> next(std::size_t size) {
    const bool ping = turn_++ % 2 == 0;
    return {(ping ? scratch_numbers<Ping, Real>(size, device_)
                  : scratch_numbers<Pong, Real>(size, device_))
                .data(),
            size, device_};
  }

 private:
  Device device_;
  int turn_ = 0;
};

/// Where there are no levels.
void copy_as_it_is(ConstArrayView from, ArrayView to) { copy(from, to); }
void copy_as_it_is(BasicArrayView<const double> from, BasicArrayView<double> to) {
  std::ranges::copy(from, to.begin());
}

}  // namespace

template <class Real>
Wavelet<Real>::Wavelet(const std::string& name, int levels, std::size_t size) : lengths_{size} {
  const NamedFilter& named = filter_named(name);
  filter_.taps = named.taps;
  for (std::size_t k = 0; k < named.taps; ++k) {
    filter_.lowpass[k] = static_cast<Real>(named.lowpass[k]);
  }
  for (int level = 0; level < levels && size > 0; ++level) {
    lengths_.push_back(kernels::dwt_size(lengths_.back(), named.taps));
    coefficients_ += lengths_.back();
  }
  coefficients_ += lengths_.back();
}

template <class Real>
std::size_t Wavelet<Real>::details_begin(int level) const {
  std::size_t begin = lengths_.back();
  for (int coarser = levels(); coarser > level; --coarser) {
    begin += lengths_[static_cast<std::size_t>(coarser)];
  }
  return begin;
}

template <class Real>
void Wavelet<Real>::forward(ConstView x, View out) const {
  assert(x.size == size() && out.size == coefficients());
  if (levels() == 0) copy_as_it_is(x, out);
  PingPong<Real> buffers(x.device);
  ConstView signal = x;
  for (int level = 1; level <= levels(); ++level) {
    const std::size_t length = lengths_[static_cast<std::size_t>(level)];
    const View approximation = level == levels() ? out.part(0, length) : buffers.next(length);
    kernels::dwt_of(filter_, signal, approximation, out.part(details_begin(level), length));
    signal = approximation;
  }
}

template <class Real>
void Wavelet<Real>::inverse(ConstView in, View x) const {
  assert(x.size == size() && in.size == coefficients());
  if (levels() == 0) copy_as_it_is(in, x);
  PingPong<Real> buffers(x.device);
  ConstView approximation = in.part(0, lengths_.back());
  for (int level = levels(); level >= 1; --level) {
    const std::size_t length = lengths_[static_cast<std::size_t>(level)];
    const std::size_t finer = lengths_[static_cast<std::size_t>(level) - 1];
    const View signal = level == 1 ? x : buffers.next(finer);
    kernels::inverse_dwt_of(filter_, approximation, in.part(details_begin(level), length), signal);
    approximation = signal;
  }
}

template class Wavelet<float>;
template class Wavelet<double>;

std::vector<std::string> wavelet_names() {
  std::vector<std::string> names;
  for (const NamedFilter& filter : kFilters) names.emplace_back(filter.name);
  return names;
}

}  // namespace kith
