#pragma once

#include <version>

#include "core/build.h"

/// What a program and its plug-ins must have in common, because they call each other's functions and
/// read each other's objects: Kith's headers, the compiler, and the flags that change how an object
/// lies in memory or what arithmetic gives. Text, so that a message can show it.

#define KITH_TEXT_OF(value) #value
#define KITH_VALUE_OF(macro) KITH_TEXT_OF(macro)

#if defined(__clang__)
#define KITH_COMPILER "clang++ " __clang_version__
#else
#define KITH_COMPILER "g++ " __VERSION__
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KITH_CHECKED_FOR ", AddressSanitizer"
#elif __has_feature(thread_sanitizer)
#define KITH_CHECKED_FOR ", ThreadSanitizer"
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define KITH_CHECKED_FOR ", AddressSanitizer"
#elif defined(__SANITIZE_THREAD__)
#define KITH_CHECKED_FOR ", ThreadSanitizer"
#endif
#ifndef KITH_CHECKED_FOR
#define KITH_CHECKED_FOR ""
#endif

#ifdef _GLIBCXX_DEBUG
#define KITH_CONTAINERS ", _GLIBCXX_DEBUG"
#else
#define KITH_CONTAINERS ""
#endif

#ifdef __FAST_MATH__
#define KITH_ARITHMETIC ", -ffast-math"
#else
#define KITH_ARITHMETIC ""
#endif

#define KITH_ABI                                                                            \
  KITH_BUILD ", " KITH_COMPILER ", libstdc++ " KITH_VALUE_OF(_GLIBCXX_RELEASE) " of ABI " \
  KITH_VALUE_OF(_GLIBCXX_USE_CXX11_ABI) KITH_CHECKED_FOR KITH_CONTAINERS KITH_ARITHMETIC

/// How a plug-in's file says it: this, and then KITH_ABI.
#define KITH_PLUGIN_MARK "kith plug-in for "
#define KITH_PLUGIN_ABI KITH_PLUGIN_MARK KITH_ABI
