/* markdown_emphasis.h: marks in a text whose meaning is decided later: runs of
 * * _ ~ and opening brackets.  A part of markdown_spans. */
#ifndef CARTOLINA_MARKDOWN_EMPHASIS_H
#define CARTOLINA_MARKDOWN_EMPHASIS_H

#include "markdown_spans.h"

struct markdown_mark {
	size_t at;     /* in the output, which has nothing of it yet */
	char character;
	size_t length; /* as written */
	int previous, next; /* on its stack; -1 */

	/* Of runs. */
	size_t left;   /* characters that are no delimiters yet */
	bool opens, closes;
	int close_first, close_last, open_first; /* tags; -1 */

	/* Of brackets. */
	size_t source; /* what follows it */
	size_t first_slot;
	int floor;     /* the top run when it came */
	bool active, has_brackets, link;
};

struct markdown_tag {
	size_t slot;
	int next;
};

int markdown_emphasis_mark(struct markdown_spans *spans, char character, size_t length);
/* Forgets a mark, everything after it and the text since. */
void markdown_emphasis_cut(struct markdown_spans *spans, int mark);
/* Appends the text with every mark as what it turned out to be. */
void markdown_emphasis_write(struct markdown_spans *spans, struct buf *out);

/* A rule of markdown_spans: the run of * _ or ~ at s. */
size_t markdown_emphasis_run(struct markdown_spans *spans, struct str s);
/* Pairs the runs above `floor` on the stack, and takes them off. */
void markdown_emphasis_match(struct markdown_spans *spans, int floor);

#endif
