/* purge.h: telling caches what an edit touched, without waiting for them. */
#ifndef CARTOLINA_PURGE_H
#define CARTOLINA_PURGE_H

#include "config.h"

/* Has every cache of config->purges take the pages with one of the tags
 * (separated by spaces) out.  Returns at once: processes of their own, which
 * nobody has to wait for, do it and log when a cache cannot be reached, once
 * until it can be again.  Call without locks that they might inherit. */
void purge_send(const struct config *config, struct str tags);

#endif
