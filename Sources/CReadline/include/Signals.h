#pragma once
// Signal handlers must be plain C functions that touch only async-signal-safe things.

/// Ctrl-C calls `on_interrupt` from the handler; a closed pipe becomes an error of `write`.
void csignals_install(void (*_Nonnull on_interrupt)(void));

/// SIGTERM and SIGHUP no longer end the process at once: they are noted, and count as an interrupt,
/// so that the program can leave in order.
void csignals_defer_termination(void);

/// The signal that asked the process to end, or 0.
int csignals_termination(void);

/// Ends the process the way that `signal` ends one that does not handle it.
void csignals_die_of(int signal);

// For CReadline.c: what has come in while a line is edited.

/// Starts to note signals for the line editor; -1 if the system has no pipe to give. Returns a
/// descriptor that becomes readable when something has been noted.
int csignals_begin_editing(void);
/// Stops that.
void csignals_end_editing(void);
/// Takes one noted signal, or 0.
int csignals_take(void);
