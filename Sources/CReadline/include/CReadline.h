#pragma once
// The one door to GNU readline: its C globals are read and written in CReadline.c only.
//
// readline reads keys, knows key bindings, the buffer, undo, the kill ring and incremental search.
// What a key of ours does and how the buffer looks on the screen is decided by the callbacks.

#include <stddef.h>

#include "Allocator.h"
#include "Signals.h"
#include "TypeAhead.h"

/// The version of the readline library, as "8.2".
const char *_Nonnull creadline_version(void);

/// The keys that the program gives a meaning of its own.
typedef enum {
  CREADLINE_KEY_ENTER,
  CREADLINE_KEY_NEW_LINE,
  CREADLINE_KEY_TAB,
  CREADLINE_KEY_UP,
  CREADLINE_KEY_DOWN,
  CREADLINE_KEY_BACKSPACE,
  CREADLINE_KEY_CLOSING_BRACKET,
  CREADLINE_KEY_QUOTE,
  CREADLINE_KEY_CLEAR_SCREEN,
  CREADLINE_KEY_HOME,
  CREADLINE_KEY_END,
  CREADLINE_KEY_KILL_LINE,
  CREADLINE_KEY_DISCARD_LINE,
  CREADLINE_KEY_RUB_OUT_WORD,
} creadline_key;

/// What the program does for readline; `context` is handed back as it came.
typedef struct {
  void *_Nullable context;
  /// Draws the buffer; NULL leaves that to readline (terminals that cannot move the cursor).
  void (*_Nullable redraw)(void *_Nullable context);
  /// Acts on one of the program's keys; `character` is what was typed.
  void (*_Nonnull on_key)(void *_Nullable context, creadline_key key, int character);
  /// The terminal has a new size, and `creadline_columns` knows it.
  void (*_Nonnull on_resize)(void *_Nullable context);
  /// The line is left (accepted, given up or ended): the cursor belongs behind the drawn text.
  void (*_Nonnull on_leave)(void *_Nullable context);
} creadline_callbacks;

/// Sets readline up: the program's name for inputrc conditions, keys, callbacks.
void creadline_start(const char *_Nonnull program_name, creadline_callbacks callbacks);

/// How a read ended.
typedef enum {
  CREADLINE_LINE,
  CREADLINE_END_OF_INPUT,
  CREADLINE_INTERRUPTED,
  CREADLINE_TERMINATED,
} creadline_outcome;

/// Lets the user edit one entry that starts as `initial`. With CREADLINE_LINE, `*line` is the entry,
/// to be freed by the caller.
creadline_outcome creadline_read(
  const char *_Nonnull prompt, const char *_Nonnull initial, char *_Nullable *_Nonnull line);

/// The buffer, NUL-terminated; valid until it changes.
const char *_Nonnull creadline_text(void);
/// The cursor, in bytes from the start of the buffer.
int creadline_point(void);
/// Moves the cursor to a byte position, which is clamped to the buffer.
void creadline_set_point(int point);
/// Inserts at the cursor.
void creadline_insert(const char *_Nonnull text);
/// Deletes the bytes from ..< to.
void creadline_delete(int from, int to);
/// Deletes the bytes from ..< to, to be yanked later.
void creadline_kill(int from, int to);
/// Replaces the whole buffer, and puts the cursor at its end.
void creadline_replace(const char *_Nonnull text);
/// Accepts the buffer as it is.
void creadline_accept(void);
/// Beeps, as the user's settings have it.
void creadline_ding(void);
/// What stands before the buffer right now where it differs from the prompt (incremental search,
/// numeric arguments), else NULL.
const char *_Nullable creadline_message(void);
/// Whether the function that ran before this one moved through the history, too.
int creadline_continues_history_walk(void);
/// Whether Tab was the key before this one.
int creadline_follows_tab(void);
/// Whether the function that ran before this one searched the history (Ctrl-R).
int creadline_ends_search(void);
/// Whether more keys are waiting already, as in a paste without brackets.
int creadline_has_pending_input(void);
/// The width of the terminal in cells.
int creadline_columns(void);
/// The height of the terminal in cells.
int creadline_rows(void);

/// Lets readline draw prompt and buffer anew on a fresh line.
void creadline_forced_redraw(void);

/// Appends to the history that incremental search looks through.
void creadline_history_add(const char *_Nonnull entry);
