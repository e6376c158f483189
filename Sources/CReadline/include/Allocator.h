#pragma once

/// Gives freed blocks of a megabyte or more back to the system at once.
void callocator_return_large_blocks(void);
