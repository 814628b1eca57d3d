/* follow.h: the indexer process: keeps the index as the content folder is. */
#ifndef CARTOLINA_FOLLOW_H
#define CARTOLINA_FOLLOW_H

#include "config.h"
#include "metrics.h"

/* Follows every change until a signal ends the process; at any moment will do.
 * Returns only when it is of no use.  Counts its runs in `metrics`, or NULL. */
void follow_content(const struct config *config, struct metrics *metrics);

#endif
