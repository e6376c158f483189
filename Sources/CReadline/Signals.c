#include "Signals.h"
#include "TypeAhead.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

static void (*interrupt_callback)(void);
static _Atomic int termination;
static _Atomic int editing;
static int wake[2] = {-1, -1};

// While a line is edited, signals travel through a pipe, so that the editor's poll sees them without
// a race; at all other times Ctrl-C stops the running cell.
static void note(int signal_number) {
  int saved = errno;
  unsigned char byte = (unsigned char)signal_number;
  while (write(wake[1], &byte, 1) < 0 && errno == EINTR) {
  }
  errno = saved;
}

static void on_interrupt(int signal_number) {
  if (atomic_load(&editing)) {
    note(signal_number);
  } else if (interrupt_callback != NULL) {
    interrupt_callback();
  }
}

static void on_termination(int signal_number) {
  atomic_store(&termination, signal_number);
  if (atomic_load(&editing)) {
    note(signal_number);
  } else if (interrupt_callback != NULL) {
    interrupt_callback();
  }
}

static void on_editor_signal(int signal_number) {
  if (atomic_load(&editing)) note(signal_number);
}

static void handle(int signal_number, void (*handler)(int), int flags) {
  struct sigaction action = {0};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal_number, &action, NULL);
}

// A signal that the parent chose to ignore (nohup) stays ignored.
static int is_ignored(int signal_number) {
  struct sigaction action;
  return sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void csignals_install(void (*callback)(void)) {
  interrupt_callback = callback;
  // No SA_RESTART: a read that waits for ever has to come back and look.
  if (!is_ignored(SIGINT)) handle(SIGINT, on_interrupt, 0);
  handle(SIGPIPE, SIG_IGN, 0);
  // A parent thread that blocks signals hands its mask down.
  sigset_t ours;
  sigemptyset(&ours);
  const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP};
  for (size_t index = 0; index < sizeof signals / sizeof *signals; index++) sigaddset(&ours, signals[index]);
  sigprocmask(SIG_UNBLOCK, &ours, NULL);
}

void csignals_defer_termination(void) {
  if (!is_ignored(SIGTERM)) handle(SIGTERM, on_termination, 0);
  if (!is_ignored(SIGHUP)) handle(SIGHUP, on_termination, 0);
}

int csignals_termination(void) { return atomic_load(&termination); }

void csignals_die_of(int signal_number) {
  typeahead_pause();
  handle(signal_number, SIG_DFL, 0);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal_number);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  raise(signal_number);
}

int csignals_begin_editing(void) {
  if (wake[0] < 0) {
    if (pipe(wake) != 0) return -1;
    for (int end = 0; end < 2; end++) {
      fcntl(wake[end], F_SETFD, FD_CLOEXEC);
      fcntl(wake[end], F_SETFL, O_NONBLOCK);
    }
  }
  handle(SIGWINCH, on_editor_signal, 0);
  if (!is_ignored(SIGTSTP)) handle(SIGTSTP, on_editor_signal, 0);
  atomic_store(&editing, 1);
  return wake[0];
}

void csignals_end_editing(void) {
  atomic_store(&editing, 0);
  handle(SIGWINCH, SIG_DFL, 0);
  if (!is_ignored(SIGTSTP)) handle(SIGTSTP, SIG_DFL, 0);
}

int csignals_take(void) {
  unsigned char byte = 0;
  ssize_t count;
  do {
    count = read(wake[0], &byte, 1);
  } while (count < 0 && errno == EINTR);
  return count == 1 ? byte : 0;
}
