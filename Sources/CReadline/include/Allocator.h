#pragma once

/// Gives freed blocks of 16 MB or more back to the system at once.
void callocator_return_large_blocks(void);
