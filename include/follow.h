/* follow.h: the indexer process: keeps the index as the content folder is. */
#ifndef CARTOLINA_FOLLOW_H
#define CARTOLINA_FOLLOW_H

#include "config.h"

/* Follows every change until a signal ends the process; at any moment will do.
 * Returns only when it is of no use. */
void follow_content(const struct config *config);

#endif
