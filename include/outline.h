/* outline.h: ids for headings, and the table of contents. */
#ifndef CARTOLINA_OUTLINE_H
#define CARTOLINA_OUTLINE_H

#include "arena.h"
#include "buf.h"

struct outline_entry {
	unsigned level;  /* 1 to 6 */
	struct str id;   /* as written or made; references resolved; never empty */
	struct str text; /* plain text on one line; "" for a heading without any */
};

struct outline {
	struct outline_entry *entries; /* in document order */
	size_t count;
};

/* Appends html to out with an id on every <h1> to <h6>, and lists them all,
 * but for those in a <figure>, which stay as they are.
 *
 * Ids are made as Hugo's autoHeadingIDType "github" and GitHub make them:
 * letters, marks and digits of every script in lower case, '_' and '-' kept,
 * a space becomes '-', the rest is dropped; "heading" where nothing is left.
 * No made id equals any other id of the document: -1, -2, … is added.  An id
 * that the author wrote stays, also where two headings have the same.
 *
 * Call it before typographer_apply(): GitHub keeps the hyphens of "a -- b".
 * The outline lives in the arena and owes nothing to html.  Where out fails,
 * the outline is whole all the same. */
void outline_apply(struct arena *arena, struct str html, struct buf *out, struct outline *outline);

#endif
