/* markdown_slot.h: what is taken out of a text before discount sees it.
 *
 * What waits in a slot is shown by a placeholder: a nonce, the slot's number
 * and a letter, or that inside an HTML comment for a whole block.  Discount
 * carries both through untouched.  The nonce is made from the text and does not
 * occur in it: nothing an author writes can be taken for a placeholder, and one
 * text gives one output on every machine.
 */
#ifndef CARTOLINA_MARKDOWN_SLOT_H
#define CARTOLINA_MARKDOWN_SLOT_H

#include "arena.h"
#include "buf.h"

enum { MARKDOWN_NONCE_SIZE = 8 };

enum markdown_slot_kind {
	SLOT_SPAN,     /* inline: html in text, source in an attribute */
	SLOT_BLOCK,    /* html, a whole block */
	SLOT_TARGET,   /* html is the inside of href="" or src="", source of title="" */
	SLOT_LIST,     /* stands before a list: number, tight */
	SLOT_NOTES,    /* stands before the list of footnotes */
	SLOT_HEADING,  /* first in a heading: html is its id */
	SLOT_NO_ROWS,  /* in the only row of a table that has none */
};

struct markdown_slot {
	enum markdown_slot_kind kind;
	struct str html;
	struct str source; /* plain text */
	unsigned long number;
	bool tight;
	bool address; /* an e-mail link, which is text within another link */
};

/* The slots that every text has. */
enum markdown_fixed_slot {
	FIXED_EM_OPEN,
	FIXED_EM_CLOSE,
	FIXED_STRONG_OPEN,
	FIXED_STRONG_CLOSE,
	FIXED_DEL_OPEN,
	FIXED_DEL_CLOSE,
	FIXED_BREAK,
	FIXED_NOTHING, /* keeps two blocks apart, or fills an empty one */
	N_FIXED_SLOTS,
};

struct markdown_slots {
	struct arena *arena; /* slots and their texts live here */
	struct markdown_slot *v;
	size_t n, capacity;
	char nonce[MARKDOWN_NONCE_SIZE]; /* NUL-terminated */
};

void markdown_slots_init(struct markdown_slots *slots, struct arena *arena, struct str body);
/* Its number.  Pointers into slots->v do not survive this. */
size_t markdown_slot_add(struct markdown_slots *slots, struct markdown_slot slot);

/* Appends the placeholder of a slot. */
void markdown_slot_put(const struct markdown_slots *slots, size_t number, struct buf *out);
/* A new SLOT_SPAN, of copies, and its placeholder. */
void markdown_slot_span(struct markdown_slots *slots, struct str html, struct str source,
			struct buf *out);

/* When s starts with a placeholder: its length, and the slot.  Else 0. */
size_t markdown_slot_read(const struct markdown_slots *slots, struct str s,
			  const struct markdown_slot **slot);

#endif
