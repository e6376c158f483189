#pragma once
#include <fftw3.h>

// The version is an array of unknown length, which Swift does not see.
static inline const char *_Nonnull cfftw_version(void) { return fftwf_version; }
