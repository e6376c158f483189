#pragma once

// Nothing to call: see Stubs.S. Linking this target is enough for the libraries named there to be opened when the
// first of their functions is called, not at every start.
