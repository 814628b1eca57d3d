/* spell.h: which known word a mistyped one was probably meant to be. */
#ifndef CARTOLINA_SPELL_H
#define CARTOLINA_SPELL_H

#include "str.h"

/* The nearest of the NULL-terminated list by edit distance (a swap of two
 * neighbours counts once), or NULL when none is within a third of the word's
 * length.  Case is ignored. */
const char *spell_nearest(struct str word, const char *const *known);

#endif
