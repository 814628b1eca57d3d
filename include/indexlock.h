/* indexlock.h: one writer of an index at a time, by flock() on a file beside it.
 *
 * Whoever dies lets go.  Somebody who is only stopped does not: so nobody waits
 * without saying for whom.
 */
#ifndef CARTOLINA_INDEXLOCK_H
#define CARTOLINA_INDEXLOCK_H

#include "arena.h"
#include "buf.h"

#include <limits.h>

#define INDEXLOCK_FOR_EVER UINT_MAX
enum { INDEXLOCK_BUSY = -1, INDEXLOCK_IMPOSSIBLE = -2 };

/* The lock of the index file of that name, whose folder is made if need be.  Waits
 * for at most so many seconds.  Or INDEXLOCK_BUSY, with who has it in err unless there was
 * nothing to wait for; or INDEXLOCK_IMPOSSIBLE with the reason in err. */
int indexlock_take(struct arena *arena, const char *index, unsigned seconds, struct buf *err)
	__attribute__((warn_unused_result));
void indexlock_release(int lock);

#endif
