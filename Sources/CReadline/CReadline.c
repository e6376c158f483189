#include "CReadline.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <readline/history.h>
#include <readline/readline.h>

static creadline_callbacks callbacks;
static const char *initial_text;
static char *accepted_line;
static int has_ended;
static int was_history_walk;

const char *creadline_version(void) { return rl_library_version; }

// Each key has a function of its own, because readline tells a function only the last byte.
#define KEY_FUNCTION(name, key)                      \
  static int name(int count, int character) {        \
    (void)count;                                     \
    callbacks.on_key(callbacks.context, key, character); \
    return 0;                                        \
  }

KEY_FUNCTION(on_enter, CREADLINE_KEY_ENTER)
KEY_FUNCTION(on_new_line, CREADLINE_KEY_NEW_LINE)
KEY_FUNCTION(on_tab, CREADLINE_KEY_TAB)
KEY_FUNCTION(on_backspace, CREADLINE_KEY_BACKSPACE)
KEY_FUNCTION(on_quote, CREADLINE_KEY_QUOTE)
KEY_FUNCTION(on_closing_bracket, CREADLINE_KEY_CLOSING_BRACKET)
KEY_FUNCTION(on_clear_screen, CREADLINE_KEY_CLEAR_SCREEN)
KEY_FUNCTION(on_home, CREADLINE_KEY_HOME)
KEY_FUNCTION(on_end, CREADLINE_KEY_END)
KEY_FUNCTION(on_kill_line, CREADLINE_KEY_KILL_LINE)
KEY_FUNCTION(on_discard_line, CREADLINE_KEY_DISCARD_LINE)
KEY_FUNCTION(on_rub_out_word, CREADLINE_KEY_RUB_OUT_WORD)

static int walk(creadline_key key, int character);
static int on_up(int count, int character) { (void)count; return walk(CREADLINE_KEY_UP, character); }
static int on_down(int count, int character) { (void)count; return walk(CREADLINE_KEY_DOWN, character); }

static int walk(creadline_key key, int character) {
  was_history_walk = rl_last_func == on_up || rl_last_func == on_down;
  callbacks.on_key(callbacks.context, key, character);
  return 0;
}

int creadline_continues_history_walk(void) { return was_history_walk; }

int creadline_follows_tab(void) { return rl_last_func == on_tab; }

int creadline_ends_search(void) {
  return rl_last_func == rl_reverse_search_history || rl_last_func == rl_forward_search_history;
}

// Line ends of every kind become "\n". Some programs turn both characters of a CRLF into a carriage return
// of its own: where every line end of a text is double, one of the two is dropped.
static void unify_line_ends(char *text) {
  char *to = text;
  for (const char *from = text; *from != 0; from++) {
    if (from[0] == '\r' && from[1] == '\n') continue;
    *to++ = *from == '\r' ? '\n' : *from;
  }
  *to = 0;
  size_t runs = 0;
  for (const char *at = strchr(text, '\n'); at != NULL; at = strchr(at, '\n')) {
    size_t length = strspn(at, "\n");
    if (length % 2 != 0) return;
    runs++;
    at += length;
  }
  if (runs < 2) return;
  to = text;
  for (const char *from = text; *from != 0; from++) {
    *to++ = *from;
    if (from[0] == '\n') from++;
  }
  *to = 0;
}

// What a terminal sends between ESC [200~ and ESC [201~ is text, whatever keys it looks like.
static int on_paste(int count, int character) {
  static const char end[] = "\033[201~";
  const size_t end_length = sizeof end - 1;
  (void)count;
  (void)character;
  size_t length = 0, capacity = 4096;
  char *text = malloc(capacity);
  while (text != NULL) {
    int key = rl_read_key();
    if (key < 0) break;
    // A NUL would end the buffer early.
    if (key == 0) continue;
    if (length + 1 == capacity) {
      char *larger = realloc(text, capacity *= 2);
      if (larger == NULL) break;
      text = larger;
    }
    text[length++] = (char)key;
    if (length >= end_length && memcmp(text + length - end_length, end, end_length) == 0) {
      length -= end_length;
      break;
    }
  }
  if (text == NULL) return 0;
  text[length] = 0;
  unify_line_ends(text);
  rl_insert_text(text);
  free(text);
  return 0;
}

static void bind(Keymap map) {
  rl_bind_keyseq_in_map("\\C-m", on_enter, map);
  rl_bind_keyseq_in_map("\\C-j", on_enter, map);
  rl_bind_keyseq_in_map("\\e[A", on_up, map);
  rl_bind_keyseq_in_map("\\eOA", on_up, map);
  rl_bind_keyseq_in_map("\\e[B", on_down, map);
  rl_bind_keyseq_in_map("\\eOB", on_down, map);
  rl_bind_keyseq_in_map("\\C-l", on_clear_screen, map);
}

static void bind_inserting(Keymap map) {
  bind(map);
  rl_bind_keyseq_in_map("\\C-i", on_tab, map);
  rl_bind_keyseq_in_map("\\C-p", on_up, map);
  rl_bind_keyseq_in_map("\\C-n", on_down, map);
  rl_bind_keyseq_in_map("\\C-?", on_backspace, map);
  rl_bind_keyseq_in_map("\\C-h", on_backspace, map);
  rl_bind_keyseq_in_map("\\C-k", on_kill_line, map);
  rl_bind_keyseq_in_map("\\C-u", on_discard_line, map);
  rl_bind_keyseq_in_map("\\C-w", on_rub_out_word, map);
  rl_bind_keyseq_in_map("\\e[200~", on_paste, map);
  rl_bind_keyseq_in_map("\"", on_quote, map);
  rl_bind_keyseq_in_map("'", on_quote, map);
  rl_bind_keyseq_in_map("}", on_closing_bracket, map);
  rl_bind_keyseq_in_map("]", on_closing_bracket, map);
  rl_bind_keyseq_in_map(")", on_closing_bracket, map);
}

static void draw(void) { callbacks.redraw(callbacks.context); }

static int begin_with_initial_text(void) {
  if (initial_text != NULL && *initial_text != 0) {
    rl_insert_text(initial_text);
    rl_point = rl_end;
  }
  return 0;
}

// Text is UTF-8 here, also in the C locale of a bare container. readline asks the environment for the
// locale before every line, so that is where it has to stand.
static void require_utf8(void) {
  setlocale(LC_CTYPE, "");
  if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return;
  const char *all = getenv("LC_ALL");
  setenv(all != NULL && *all != 0 ? "LC_ALL" : "LC_CTYPE", "C.UTF-8", 1);
}

// Keys that were typed while a cell ran come first.
static int next_key(FILE *stream) {
  int key = typeahead_next_key();
  return key >= 0 ? key : rl_getc(stream);
}

void creadline_start(const char *program_name, creadline_callbacks chosen) {
  callbacks = chosen;
  require_utf8();
  rl_readline_name = strdup(program_name);
  rl_catch_signals = 0;
  rl_catch_sigwinch = 0;
  rl_startup_hook = begin_with_initial_text;
  rl_getc_function = next_key;
  typeahead_take_terminal();
  using_history();
  rl_initialize();
  // Else every line would begin by giving the terminal's own keys (Ctrl-U, Ctrl-W, Backspace) their usual
  // functions back.
  rl_variable_bind("bind-tty-special-chars", "off");
  bind_inserting(emacs_standard_keymap);
  bind_inserting(vi_insertion_keymap);
  bind(vi_movement_keymap);
  rl_bind_keyseq_in_map("\\e\\C-m", on_new_line, emacs_standard_keymap);
  rl_bind_keyseq_in_map("\\e\\C-j", on_new_line, emacs_standard_keymap);
  const char *home[] = {"\\C-a", "\\e[H", "\\eOH", "\\e[1~"};
  const char *end[] = {"\\C-e", "\\e[F", "\\eOF", "\\e[4~"};
  for (int index = 0; index < 4; index++) {
    rl_bind_keyseq_in_map(home[index], on_home, emacs_standard_keymap);
    rl_bind_keyseq_in_map(end[index], on_end, emacs_standard_keymap);
  }
  if (callbacks.redraw != NULL) rl_redisplay_function = draw;
}

static void on_line(char *line) {
  has_ended = 1;
  accepted_line = line;
  // Called before the terminal is given back, or the next prompt would be drawn at once.
  rl_callback_handler_remove();
}

// Gives the terminal back, sleeps until SIGCONT, takes it again.
static void suspend(const char *prompt) {
  char *text = strdup(rl_line_buffer);
  int point = rl_point;
  callbacks.on_leave(callbacks.context);
  rl_callback_handler_remove();
  csignals_end_editing();
  typeahead_pause();
  raise(SIGTSTP);
  typeahead_resume();
  csignals_begin_editing();
  initial_text = text;
  rl_callback_handler_install(prompt, on_line);
  creadline_set_point(point);
  rl_redisplay_function();
  initial_text = NULL;
  free(text);
}

creadline_outcome creadline_read(const char *prompt, const char *initial, char **line) {
  int signals = csignals_begin_editing();
  *line = NULL;
  has_ended = 0;
  accepted_line = NULL;
  initial_text = initial;
  rl_reset_screen_size();
  rl_callback_handler_install(prompt, on_line);
  initial_text = NULL;
  creadline_outcome outcome = CREADLINE_LINE;
  while (!has_ended) {
    if (typeahead_has_key()) {
      rl_callback_read_char();
      continue;
    }
    struct pollfd descriptors[2] = {
        {.fd = fileno(rl_instream), .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    if (poll(descriptors, signals < 0 ? 1 : 2, -1) < 0) {
      if (errno == EINTR) continue;
      outcome = CREADLINE_END_OF_INPUT;
      break;
    }
    if (signals >= 0 && descriptors[1].revents != 0) {
      int signal_number = csignals_take();
      if (signal_number == SIGWINCH) {
        rl_reset_screen_size();
        callbacks.on_resize(callbacks.context);
      } else if (signal_number == SIGTSTP) {
        suspend(prompt);
      } else if (signal_number == SIGINT) {
        outcome = CREADLINE_INTERRUPTED;
        break;
      } else if (signal_number != 0) {
        outcome = CREADLINE_TERMINATED;
        break;
      }
      continue;
    }
    if (descriptors[0].revents != 0) rl_callback_read_char();
  }
  if (!has_ended) {
    callbacks.on_leave(callbacks.context);
    rl_free_line_state();
    rl_callback_sigcleanup();
    rl_replace_line("", 1);
    rl_callback_handler_remove();
  } else if (accepted_line == NULL) {
    callbacks.on_leave(callbacks.context);
    outcome = CREADLINE_END_OF_INPUT;
  }
  csignals_end_editing();
  *line = accepted_line;
  return outcome;
}

const char *creadline_text(void) { return rl_line_buffer != NULL ? rl_line_buffer : ""; }

int creadline_point(void) { return rl_point; }

void creadline_set_point(int point) {
  rl_point = point < 0 ? 0 : point > rl_end ? rl_end : point;
}

void creadline_insert(const char *text) { rl_insert_text(text); }

void creadline_delete(int from, int to) {
  rl_delete_text(from, to);
  if (rl_point > to) {
    rl_point -= to - from;
  } else if (rl_point > from) {
    rl_point = from;
  }
}

void creadline_kill(int from, int to) {
  rl_kill_text(from, to);
  rl_point = from;
}

void creadline_replace(const char *text) {
  rl_begin_undo_group();
  rl_delete_text(0, rl_end);
  rl_point = 0;
  rl_insert_text(text);
  rl_end_undo_group();
}

void creadline_accept(void) {
  rl_point = rl_end;
  if (callbacks.redraw != NULL) {
    callbacks.on_leave(callbacks.context);
    // The newline has been written: readline's own must not follow.
    rl_erase_empty_line = 0;
    rl_done = 1;
  } else {
    rl_newline(1, '\n');
  }
}

void creadline_ding(void) { rl_ding(); }

const char *creadline_message(void) {
  return rl_display_prompt != NULL && rl_display_prompt != rl_prompt ? rl_display_prompt : NULL;
}

int creadline_has_pending_input(void) {
  if (typeahead_has_key()) return 1;
  struct pollfd descriptor = {.fd = fileno(rl_instream), .events = POLLIN};
  return poll(&descriptor, 1, 0) > 0;
}

int creadline_columns(void) {
  int rows = 0, columns = 0;
  rl_get_screen_size(&rows, &columns);
  return columns;
}

int creadline_rows(void) {
  int rows = 0, columns = 0;
  rl_get_screen_size(&rows, &columns);
  return rows;
}

void creadline_forced_redraw(void) {
  rl_on_new_line();
  rl_redisplay_function();
}

void creadline_history_add(const char *entry) { add_history(entry); }
