#pragma once

#include <cstdint>

/// Functions whose result is the same bits on every machine: additions, multiplications, divisions
/// and roots only, each rounded once. A C library picks its log and exp by processor, so data
/// partitions and initial parameters drawn through them would differ between machines.
namespace kith::portable {

/// Natural logarithm of a positive, finite x; relative error below 1e-14.
double log(double x);

/// e^x; 0 below -745; relative error below 1e-13.
double exp(double x);

/// cos x for 0 <= x <= π; absolute error below 1e-15.
double cos(double x);

/// xⁿ for n >= 0.
double power(double x, std::int64_t n);

}  // namespace kith::portable
