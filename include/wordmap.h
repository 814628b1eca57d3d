/* wordmap.h: from a word that a reader sees back to where its author wrote it. */
#ifndef CARTOLINA_WORDMAP_H
#define CARTOLINA_WORDMAP_H

#include "str.h"

/* Takes the next word off *rest; empty at the end.  A word is letters and
 * digits of any script; marks that a typographer may have put in are not.  Of
 * scripts without spaces each character is one: emphasis may begin anywhere. */
struct str wordmap_next(struct str *rest);

/* How far into the source the words of `text` reach: the offset behind the
 * last of them.  A reader's words stand in the source in the same order, among
 * those of addresses and markup; one that does not come soon (it was written
 * t**he**) is passed over. */
size_t wordmap_reach(struct str source, struct str text);

#endif
