/* wordmap.h: from a word that a reader sees back to where its author wrote it. */
#ifndef CARTOLINA_WORDMAP_H
#define CARTOLINA_WORDMAP_H

#include "str.h"

/* How far into the source the words of `text` reach: the offset behind the
 * last of them.  A reader's words stand in the source in the same order, among
 * those of addresses and markup; one that does not come soon (it was written
 * t**he**) is passed over. */
size_t wordmap_reach(struct str source, struct str text);

#endif
