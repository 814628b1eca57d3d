/* limit.h: how far a process may grow from where it is. */
#ifndef CARTOLINA_LIMIT_H
#define CARTOLINA_LIMIT_H

#include <stddef.h>

/* Sets the soft limit of RLIMIT_AS (address space) or RLIMIT_DATA (private
 * memory) to what the process has and `bytes` more; one that is lower already
 * stays.  Nothing under AddressSanitizer, whose allocator takes terabytes of
 * address space. */
void limit_growth(int resource, size_t bytes);

#endif
