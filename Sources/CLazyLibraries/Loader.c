#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__x86_64__) || defined(__aarch64__)

// What Stubs.S lays out for each function.
struct lazy_function {
  void *address;  // first the way to clazy_resolve, then the function itself
  const char *name;
  const char *library;
};

// Called by the first call of a function: finds it, and lets further calls go there directly. Two threads may both
// get here, and store the same.
__attribute__((visibility("hidden"))) void *clazy_resolve(struct lazy_function *function) {
  void *library = dlopen(function->library, RTLD_NOW | RTLD_GLOBAL);
  void *address = library ? dlsym(library, function->name) : NULL;
  if (!address) {
    // As the system's loader does where a linked library is missing or too old, only later.
    fprintf(stderr, "capuchin-repl: cannot use %s: %s\n", function->library, dlerror());
    exit(127);
  }
  __atomic_store_n(&function->address, address, __ATOMIC_RELEASE);
  return address;
}

#endif
