#include "TypeAhead.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios original, ours;
static int has_terminal;

// Written by the listener, read by the line editor once the listener has been joined.
static unsigned char keys[65536];
static size_t first_key, key_count;

static pthread_t listener;
static int listens;
static int stop[2] = {-1, -1};
static int has_left;
static void (*leave_callback)(void);

static void restore_terminal(void) {
  if (has_terminal) tcsetattr(STDIN_FILENO, TCSADRAIN, &original);
}

void typeahead_take_terminal(void) {
  if (has_terminal || !isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &original) != 0) return;
  ours = original;
  // In the usual mode a Ctrl-D that nobody waits for turns into a NUL once readline takes over.
  ours.c_lflag &= ~(tcflag_t)ICANON;
  // Else a second Ctrl-C, right behind the first, takes away what the cell and the first one have just said: the system
  // throws away output that the terminal has not read yet.
  ours.c_lflag |= NOFLSH;
  ours.c_cc[VMIN] = 1;
  ours.c_cc[VTIME] = 0;
  if (tcsetattr(STDIN_FILENO, TCSADRAIN, &ours) != 0) return;
  has_terminal = 1;
  atexit(restore_terminal);
}

static void *listen_for_keys(void *nothing) {
  (void)nothing;
  while (!has_left && first_key + key_count < sizeof keys) {
    struct pollfd descriptors[2] = {
        {.fd = STDIN_FILENO, .events = POLLIN}, {.fd = stop[0], .events = POLLIN}};
    if (poll(descriptors, 2, -1) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    if (descriptors[1].revents != 0) break;
    if (descriptors[0].revents == 0) continue;
    unsigned char key;
    // One at a time: a pager that starts now finds what was not read.
    if (read(STDIN_FILENO, &key, 1) != 1) break;
    if (key == original.c_cc[VEOF] && key_count == 0) {
      has_left = 1;
      leave_callback();
    } else {
      keys[first_key + key_count++] = key;
    }
  }
  return NULL;
}

static void start_listener(void) {
  if (!has_terminal || listens || has_left) return;
  if (stop[0] < 0) {
    if (pipe(stop) != 0) return;
    fcntl(stop[0], F_SETFD, FD_CLOEXEC);
    fcntl(stop[1], F_SETFD, FD_CLOEXEC);
  }
  if (key_count == 0) first_key = 0;
  // Signals are for the other threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  listens = pthread_create(&listener, NULL, listen_for_keys, NULL) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void stop_listener(void) {
  if (!listens) return;
  char byte = 0;
  while (write(stop[1], &byte, 1) < 0 && errno == EINTR) {
  }
  pthread_join(listener, NULL);
  while (read(stop[0], &byte, 1) < 0 && errno == EINTR) {
  }
  listens = 0;
}

static int was_listening;

void typeahead_begin(void (*on_leave)(void)) {
  leave_callback = on_leave;
  has_left = 0;
  start_listener();
}

int typeahead_end(void) {
  stop_listener();
  return has_left;
}

void typeahead_pause(void) {
  was_listening = listens;
  stop_listener();
  restore_terminal();
}

void typeahead_resume(void) {
  if (has_terminal) tcsetattr(STDIN_FILENO, TCSADRAIN, &ours);
  if (was_listening) start_listener();
}

int typeahead_has_key(void) { return key_count > 0; }

int typeahead_next_key(void) {
  if (key_count == 0) return -1;
  key_count--;
  return keys[first_key++];
}
