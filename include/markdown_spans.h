/* markdown_spans.h: the rules for the text of one paragraph, heading or cell.
 *
 * Output is text that discount reads in one way only: what is code, HTML, a
 * link target, emphasis or a line break waits in slots; what only looks like
 * one of them is written as a character reference.
 */
#ifndef CARTOLINA_MARKDOWN_SPANS_H
#define CARTOLINA_MARKDOWN_SPANS_H

#include "markdown.h"
#include "markdown_link.h"
#include "markdown_slot.h"

/* A footnote's use so far; by its place in the table of notes. */
struct markdown_note_use {
	size_t number; /* from 1, by first reference; 0: none yet */
	unsigned times;
};

struct markdown_spans {
	const struct markdown_options *options;
	struct markdown_slots *slots;
	struct markdown_references *references;
	struct markdown_references *notes;
	struct markdown_note_use *uses; /* notes->n of them */
	size_t n_used;

	/* The text at hand. */
	struct str source;
	size_t plain_from; /* since here it was copied as it is */
	struct buf text;
	struct markdown_mark *marks;
	size_t n_marks, marks_capacity;
	struct markdown_tag *tags;
	size_t n_tags, tags_capacity;
	int last_run, last_bracket; /* tops of the two stacks, in marks; -1: empty */
	bool no_end[4];             /* kinds of HTML whose end a search did not find */
	size_t ticks[81];           /* last known place of a backtick run by its length */
	bool ticks_known;
};

void markdown_spans_release(struct markdown_spans *spans);
/* Appends to out.  Lines are without indentation; only the last has no "\n". */
void markdown_spans_write(struct markdown_spans *spans, struct str source, struct buf *out);

#endif
