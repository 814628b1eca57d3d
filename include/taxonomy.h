/* taxonomy.h: the key of a tag, category, series or author: what tells two of
 * them apart, and the last part of the term's address.
 *
 * "Open Source" and "open  source" are one: small letters, "-" for white space
 * and for slashes.  All else stays, C++ and C# and emoji too; the address
 * percent-encodes what needs it.
 */
#ifndef CARTOLINA_TAXONOMY_H
#define CARTOLINA_TAXONOMY_H

#include "arena.h"

/* "" for a term without anything in it.  term: UTF-8. */
struct str taxonomy_key(struct arena *arena, struct str term);

#endif
