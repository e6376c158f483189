#pragma once
// The one door to GNU readline: its C globals are read and written in CReadline.c only.

/// The version of the readline library, as "8.2".
const char *_Nonnull creadline_version(void);
