/* markdown_blocks.h: writes blocks so that discount reads them in one way only.
 *
 * markdown_prepare finds the blocks and tells, here, where they begin and what
 * they hold.  Every block is written with a blank line before it, in containers
 * of one shape: "> ", "-   ", "1.  ", ": ".  Code and HTML go to slots, text
 * goes through markdown_spans.
 */
#ifndef CARTOLINA_MARKDOWN_BLOCKS_H
#define CARTOLINA_MARKDOWN_BLOCKS_H

#include "markdown_line.h"
#include "markdown_spans.h"

/* Deeper containers are text: every line is written with a marker for each, and
 * discount's stack ends at some thousand levels. */
enum { MARKDOWN_MAX_DEPTH = 20 };

enum markdown_container_kind {
	CONTAINER_QUOTE,
	CONTAINER_ITEM,
	CONTAINER_DEFINITION,
	CONTAINER_NOTE,
};

struct markdown_container {
	enum markdown_container_kind kind;
	char marker;         /* of an item: - + * . ) */
	size_t width;        /* columns that its further lines are indented by */
	bool written;        /* its marker */
	bool empty;          /* has no block yet */
	size_t number;       /* of an item: its list's slot; of a note: its place */
	struct buf *outside; /* of a note: where the text around it is written */
};

/* What came last among the blocks of one parent. */
enum markdown_sibling_kind { SIBLING_NONE, SIBLING_TEXT, SIBLING_LIST, SIBLING_OTHER };

struct markdown_sibling {
	enum markdown_sibling_kind kind;
	char marker;
	size_t list;
};

struct markdown_note {
	struct buf text;
	bool in_text; /* ends in a paragraph */
};

struct markdown_blocks {
	const struct markdown_options *options;
	struct markdown_slots *slots;
	struct markdown_references references, notes;
	struct markdown_spans spans;
	struct markdown_note *note_texts; /* notes.n, and one that nobody reads */
	struct buf *out;
	bool collecting;  /* link and note definitions only; writes nothing */
	bool definitions; /* there was a definition list */

	struct markdown_container stack[MARKDOWN_MAX_DEPTH];
	size_t depth;
	struct markdown_sibling last[MARKDOWN_MAX_DEPTH + 1];
	bool blank; /* the line before was */
	bool glue;  /* the next block follows without a blank line */
};

void markdown_blocks_init(struct markdown_blocks *blocks, const struct markdown_options *options,
			  struct markdown_slots *slots);
void markdown_blocks_release(struct markdown_blocks *blocks);

/* A leaf or container begins in the innermost container.  To be called before
 * it is opened or written. */
void markdown_blocks_begin(struct markdown_blocks *blocks, enum markdown_sibling_kind kind);
void markdown_blocks_open(struct markdown_blocks *blocks, struct markdown_container container);
void markdown_blocks_close(struct markdown_blocks *blocks);
/* An item begins: opens its container, and its list where it is the first. */
void markdown_blocks_item(struct markdown_blocks *blocks, const struct markdown_marker *marker,
			  size_t width);
void markdown_blocks_quote(struct markdown_blocks *blocks);

void markdown_blocks_paragraph(struct markdown_blocks *blocks, struct str text);
void markdown_blocks_heading(struct markdown_blocks *blocks, unsigned level, struct str text);
void markdown_blocks_code(struct markdown_blocks *blocks, struct str code, struct str info);
void markdown_blocks_html(struct markdown_blocks *blocks, struct str html);
void markdown_blocks_rule(struct markdown_blocks *blocks);
/* Takes link definitions off the start of a paragraph. */
struct str markdown_blocks_definitions(struct markdown_blocks *blocks, struct str text);
bool markdown_blocks_has_table(struct str text);

/* After the last block: the footnotes that were referred to. */
void markdown_blocks_notes(struct markdown_blocks *blocks);

#endif
