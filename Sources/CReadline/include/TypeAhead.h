#pragma once
// The terminal while a cell runs. Keys that are typed meanwhile are kept for the next entry; Ctrl-D on an
// empty line asks to leave at once.

/// Takes the terminal: from now on keys arrive one by one, Ctrl-D among them. Undone at exit.
void typeahead_take_terminal(void);
/// Begins to listen, on a thread of its own; `on_leave` is called there when Ctrl-D is typed.
void typeahead_begin(void (*_Nonnull on_leave)(void));
/// Stops listening. Returns whether Ctrl-D was typed.
int typeahead_end(void);
/// Gives the terminal to another program, such as a pager, until `typeahead_resume`. May be called while
/// a cell runs, or not.
void typeahead_pause(void);
/// Takes the terminal back.
void typeahead_resume(void);

/// The next key that was typed ahead, or -1.
int typeahead_next_key(void);
/// Whether there is one.
int typeahead_has_key(void);
