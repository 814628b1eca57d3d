/* markdown_prepare.h: a text for CommonMark -> a text that discount shows alike. */
#ifndef CARTOLINA_MARKDOWN_PREPARE_H
#define CARTOLINA_MARKDOWN_PREPARE_H

#include "markdown.h"
#include "markdown_slot.h"

/* Appends to out.  Slots live in the arena, or borrow from body.
 * *definitions tells whether there is a definition list in it. */
void markdown_prepare(struct str body, const struct markdown_options *options, struct arena *arena,
		      struct markdown_slots *slots, struct buf *out, bool *definitions);

#endif
