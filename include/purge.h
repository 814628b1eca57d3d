/* purge.h: telling caches what an edit touched, without waiting for them. */
#ifndef CARTOLINA_PURGE_H
#define CARTOLINA_PURGE_H

#include "buf.h"
#include "config.h"

/* Has every cache of config->purges take the pages with one of the tags
 * (separated by spaces) out.  Returns at once: processes of their own, which
 * nobody has to wait for, do it and log when a cache cannot be reached, once
 * until it can be again.  `quiet`: they log nothing and hold no descriptor of the
 * caller's open, for who waits for standard error to end. */
void purge_send(const struct config *config, struct str tags, bool quiet);

/* Notes beside the index that these tags are to be sent, for should the caller die
 * before it does; none: takes the note away.  For who has the index's lock. */
void purge_promise(const struct config *config, struct str tags);
/* Adds what was promised by one that died, behind a space if need be. */
void purge_owed(const struct config *config, struct buf *tags);

#endif
