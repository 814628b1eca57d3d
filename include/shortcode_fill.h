/* shortcode_fill.h: what the words in a text with shortcodes stand for. */
#ifndef CARTOLINA_SHORTCODE_FILL_H
#define CARTOLINA_SHORTCODE_FILL_H

#include "buf.h"
#include "markdown_slot.h"

struct shortcodes {
	struct str markdown; /* to be rendered */
	struct markdown_slots slots; /* SLOT_SPAN and SLOT_BLOCK; without an arena: none */
	bool safe; /* no links to scripts, as in markdown_options */
};

/* Appends html, rendered from made->markdown, with the shortcodes in their
 * places. */
void shortcode_fill(const struct shortcodes *made, struct str html, struct buf *out);

#endif
