/* assist.h: what keyboards and screen readers need of an article. */
#ifndef CARTOLINA_ASSIST_H
#define CARTOLINA_ASSIST_H

#include "arena.h"
#include "buf.h"

enum {
	ASSIST_LABEL_LIMIT = 120, /* characters of a label made from the author's words */
	ASSIST_CODE_COLUMNS = 60, /* a longer line of code has to be scrolled to */
	ASSIST_TABLE_COLUMNS = 36, /* so many letters fit beside each other on a telephone */
};

/* Appends html to out, byte for byte save for these:
 *   - a task's check box, <input type="checkbox" disabled> in a list item, is
 *     labelled with the item's words;
 *   - a <pre> with a long line can be focused, and so scrolled without a mouse;
 *   - a table is wrapped in <div class="table-scroll">, so that it and not the page
 *     scrolls; a wide one's can be focused and has the caption, else the
 *     column heads, as its name.
 * What the author has already said (aria-label, tabindex, ...) stays. Tables
 * that are never closed stay unwrapped.  No words of ours: no language. */
void assist_apply(struct arena *arena, struct str html, struct buf *out);

#endif
