/* htmlstack.h: which elements are open at a point of an HTML text.
 *
 * Follows the HTML standard where end tags may be left out (§13.1.2.4): a
 * second <li>, <p>, <td> ends the first, a block ends a paragraph.  A stray
 * end tag is passed over; so is one that would reach out of a table's cell.
 *
 * <b>, <a> and their like that end with what they stand in are lost: browsers
 * open them again behind it (§13.2.4.3), so that they too need an end tag.
 */
#ifndef CARTOLINA_HTMLSTACK_H
#define CARTOLINA_HTMLSTACK_H

#include "arena.h"
#include "html.h"

struct htmlstack_element;

enum { HTMLSTACK_LOST = 32 /* browsers keep three alike */ };

struct htmlstack {
	struct arena *arena;
	struct htmlstack_element *open; /* outermost first */
	size_t depth;
	size_t room;
	size_t foreign; /* open <svg> and <math> */
	struct htmlstack_element *lost; /* room for HTMLSTACK_LOST; in the order of their loss */
	size_t lost_count;
};

void htmlstack_start(struct htmlstack *stack, struct arena *arena);
/* Takes the next token of the text into account. */
void htmlstack_feed(struct htmlstack *stack, const struct html_token *token);
/* Starts, and takes a whole text into account. */
void htmlstack_read(struct htmlstack *stack, struct arena *arena, struct str html);

/* The end tags that close everything, innermost first, what was lost last. */
struct str htmlstack_end_tags(const struct htmlstack *stack, struct arena *arena);
/* The start tags that open everything again, without ids: what was
 * lost, then what is open, outermost first. */
struct str htmlstack_start_tags(const struct htmlstack *stack, struct arena *arena);

#endif
