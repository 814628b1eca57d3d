/* markdown_prepare.c: a text for CommonMark -> a text that discount shows alike.
 *
 * Follows each line through the block quotes, list items and notes it stands in
 * (CommonMark 0.31 §5 and appendix "A parsing strategy"), and hands every block
 * to markdown_blocks.  The text is walked twice where it defines anything:
 * links and notes may be used before they are defined.
 * What blocks look like as HTML is discount's business, not ours.
 */
#include "markdown_prepare.h"

#include "markdown_blocks.h"
#include "markdown_cursor.h"

enum { CODE_INDENT = 4 };

enum leaf { NO_LEAF, PARAGRAPH, FENCE, INDENTED, HTML };

struct walk {
	struct markdown_blocks blocks;
	enum leaf leaf;
	struct buf text; /* of the leaf */
	struct markdown_fence fence;
	size_t fence_indent;
	struct buf info; /* of the fence */
	int html;   /* the start condition of the HTML block */
	bool table; /* the paragraph holds one */
};

static void add_line(struct walk *w, const struct markdown_cursor *c)
{
	for (size_t i = 0; i < c->owed; i++)
		buf_char(&w->text, ' ');
	buf_str(&w->text, c->rest);
	buf_char(&w->text, '\n');
}

/* Leaves ------------------------------------------------------------------------ */

static void open_leaf(struct walk *w, enum leaf leaf)
{
	markdown_blocks_begin(&w->blocks, leaf == PARAGRAPH ? SIBLING_TEXT : SIBLING_OTHER);
	w->leaf = leaf;
	w->table = false;
	buf_reset(&w->text);
}

static void close_leaf(struct walk *w)
{
	struct str text = buf_view(&w->text);

	switch (w->leaf) {
	case NO_LEAF: break;
	case PARAGRAPH: markdown_blocks_paragraph(&w->blocks, text); break;
	case FENCE: markdown_blocks_code(&w->blocks, text, buf_view(&w->info)); break;
	case HTML: markdown_blocks_html(&w->blocks, text); break;
	case INDENTED:
		while (str_ends(text, "\n\n"))
			text.n--;
		markdown_blocks_code(&w->blocks, text, STR_LIT(""));
	}
	w->leaf = NO_LEAF;
}

static void close_to(struct walk *w, size_t depth)
{
	close_leaf(w);
	while (w->blocks.depth > depth)
		markdown_blocks_close(&w->blocks);
}

/* What a line goes on with -------------------------------------------------------- */

static bool continues(const struct markdown_container *container, struct markdown_cursor *c)
{
	size_t columns = markdown_cursor_indent(c);
	struct markdown_cursor after = *c;

	if (container->kind == CONTAINER_QUOTE) {
		markdown_cursor_skip_columns(&after, columns);
		if (columns >= CODE_INDENT || !str_starts(after.rest, ">"))
			return false;
		markdown_cursor_skip(&after, 1);
		markdown_cursor_skip_columns(&after, 1);
		*c = after;
		return true;
	}
	if (columns >= container->width) {
		markdown_cursor_skip_columns(c, container->width);
		return true;
	}
	return markdown_line_blank(c->rest) && !container->empty;
}

/* False when the line is not the leaf's: it ended before. */
static bool leaf_takes(struct walk *w, struct markdown_cursor *c)
{
	size_t columns = markdown_cursor_indent(c);
	struct markdown_cursor after = *c;

	markdown_cursor_skip_columns(&after, columns);
	if (w->leaf == FENCE) {
		if (columns < CODE_INDENT && markdown_line_closes(after.rest, &w->fence)) {
			close_leaf(w);
			return true;
		}
		markdown_cursor_skip_columns(c, columns < w->fence_indent ? columns : w->fence_indent);
		add_line(w, c);
		return true;
	}
	if (w->leaf == HTML) {
		if (w->html > 5 && !after.rest.n)
			return false;
		add_line(w, c);
		if (markdown_line_ends_html(c->rest, w->html))
			close_leaf(w);
		return true;
	}
	if (w->leaf == INDENTED && (columns >= CODE_INDENT || !after.rest.n)) {
		markdown_cursor_skip_columns(c, CODE_INDENT);
		add_line(w, c);
		w->blocks.blank |= !after.rest.n;
		return true;
	}
	return false;
}

/* What a line starts ------------------------------------------------------------------ */

/* A line from its first non-blank character on, and what is open around it. */
struct opening {
	struct markdown_cursor at;
	struct markdown_cursor before; /* its indentation */
	size_t columns;       /* of that */
	size_t matched;       /* containers that go on */
	bool interrupts;      /* a paragraph in the innermost of them is open */
};

/* Each start looks whether the line starts its block; if so it closes what is
 * open, opens the block and moves o->at on.  A container leaves the rest of the
 * line to be looked at again. */
enum start { NOT_STARTED, STARTED_LEAF, STARTED_CONTAINER };

static enum start start_quote(struct walk *w, struct opening *o)
{
	if (o->at.rest.p[0] != '>' || o->matched == MARKDOWN_MAX_DEPTH)
		return NOT_STARTED;
	close_to(w, o->matched);
	markdown_cursor_skip(&o->at, 1);
	markdown_cursor_skip_columns(&o->at, 1);
	markdown_blocks_quote(&w->blocks);
	return STARTED_CONTAINER;
}

static enum start start_heading(struct walk *w, struct opening *o)
{
	struct str text;
	unsigned level = markdown_line_heading(o->at.rest, &text);

	if (!level)
		return NOT_STARTED;
	close_to(w, o->matched);
	markdown_blocks_begin(&w->blocks, SIBLING_OTHER);
	markdown_blocks_heading(&w->blocks, level, text);
	return STARTED_LEAF;
}

static enum start start_fence(struct walk *w, struct opening *o)
{
	struct markdown_fence fence;

	if (!markdown_line_fence(o->at.rest, &fence))
		return NOT_STARTED;
	close_to(w, o->matched);
	open_leaf(w, FENCE);
	w->fence = fence;
	w->fence_indent = o->columns;
	buf_reset(&w->info);
	buf_str(&w->info, fence.info);
	return STARTED_LEAF;
}

static enum start start_html(struct walk *w, struct opening *o)
{
	int condition = markdown_line_html(o->at.rest);

	if (!condition || (condition == 7 && o->interrupts))
		return NOT_STARTED;
	close_to(w, o->matched);
	open_leaf(w, HTML);
	w->html = condition;
	add_line(w, &o->before);
	if (markdown_line_ends_html(o->at.rest, condition))
		close_leaf(w);
	return STARTED_LEAF;
}

static enum start start_underline(struct walk *w, struct opening *o)
{
	unsigned level = o->interrupts ? markdown_line_underline(o->at.rest) : 0;
	struct str text = buf_view(&w->text);

	if (level)
		w->table = w->table || markdown_blocks_has_table(text);
	if (!level || w->table)
		return NOT_STARTED;
	text = str_trim(markdown_blocks_definitions(&w->blocks, text));
	if (!text.n)
		return NOT_STARTED;
	w->leaf = NO_LEAF;
	markdown_blocks_heading(&w->blocks, level, text);
	return STARTED_LEAF;
}

static enum start start_rule(struct walk *w, struct opening *o)
{
	if (!markdown_line_rule(o->at.rest))
		return NOT_STARTED;
	close_to(w, o->matched);
	markdown_blocks_begin(&w->blocks, SIBLING_OTHER);
	markdown_blocks_rule(&w->blocks);
	return STARTED_LEAF;
}

/* ": text" under a text is Hugo's definition list. */
static enum start start_definition(struct walk *w, struct opening *o)
{
	struct markdown_blocks *b = &w->blocks;
	struct str s = o->at.rest;
	bool glue = !b->blank;

	if (b->options->strict || s.n < 2 || s.p[0] != ':' || !ascii_space(s.p[1]))
		return NOT_STARTED;
	if (o->matched == MARKDOWN_MAX_DEPTH || b->last[o->matched].kind != SIBLING_TEXT)
		return NOT_STARTED;
	close_to(w, o->matched);
	markdown_cursor_skip(&o->at, 1);
	size_t columns = markdown_cursor_indent(&o->at);
	columns = columns > CODE_INDENT ? 1 : columns;
	markdown_cursor_skip_columns(&o->at, columns);
	markdown_blocks_begin(b, SIBLING_TEXT);
	markdown_blocks_open(b, (struct markdown_container){.kind = CONTAINER_DEFINITION,
							    .width = 1 + columns});
	b->definitions = true;
	b->glue = glue;
	return STARTED_CONTAINER;
}

/* Where a note's text is written: of two definitions the first counts. */
static void open_note(struct markdown_blocks *b, struct str label)
{
	struct markdown_container note = {
		.kind = CONTAINER_NOTE, .marker = '.', .width = CODE_INDENT, .outside = b->out};
	const struct markdown_reference *reference;

	if (b->collecting) {
		markdown_references_add(&b->notes, label, (struct markdown_target){.url = {"", 0}});
	} else {
		reference = markdown_references_find(&b->notes, label);
		note.number = reference ? (size_t)(reference - b->notes.v) : b->notes.n;
		if (b->note_texts[note.number].text.n)
			note.number = b->notes.n;
		b->out = &b->note_texts[note.number].text;
	}
	markdown_blocks_begin(b, SIBLING_OTHER);
	markdown_blocks_open(b, note);
}

static enum start start_note(struct walk *w, struct opening *o)
{
	struct str label;
	size_t n = markdown_link_label(o->at.rest, &label);

	if (!n || !str_starts(label, "^") || label.n < 2 || n == o->at.rest.n ||
	    o->at.rest.p[n] != ':' || o->matched == MARKDOWN_MAX_DEPTH)
		return NOT_STARTED;
	for (size_t i = 0; i < label.n; i++)
		if (ascii_space(label.p[i]))
			return NOT_STARTED;
	close_to(w, o->matched);
	markdown_cursor_skip(&o->at, n + 1);
	markdown_cursor_skip_columns(&o->at, markdown_cursor_indent(&o->at));
	open_note(&w->blocks, label);
	return STARTED_CONTAINER;
}

/* "[ ] " and "[x] " first in an item (GFM §5.3): what follows is text. */
static bool start_task(struct walk *w, struct markdown_cursor *c)
{
	bool done = str_starts(c->rest, "[x]") || str_starts(c->rest, "[X]");

	if (c->rest.n < 4 || !ascii_space(c->rest.p[3]) || (!done && !str_starts(c->rest, "[ ]")))
		return false;
	markdown_cursor_skip(c, 3);
	markdown_cursor_skip_columns(c, markdown_cursor_indent(c));
	open_leaf(w, PARAGRAPH);
	markdown_slot_span(w->blocks.slots,
			   done ? STR_LIT("<input type=\"checkbox\" checked disabled>")
				: STR_LIT("<input type=\"checkbox\" disabled>"),
			   STR_LIT(""), &w->text);
	buf_char(&w->text, ' ');
	add_line(w, c);
	return true;
}

static enum start start_item(struct walk *w, struct opening *o)
{
	struct markdown_marker marker;
	struct markdown_cursor *c = &o->at;

	if (!markdown_line_marker(c->rest, &marker) || o->matched == MARKDOWN_MAX_DEPTH)
		return NOT_STARTED;
	bool blank = markdown_line_blank(str_skip(c->rest, marker.length));
	bool numbered = marker.kind == '.' || marker.kind == ')';
	if (o->interrupts && (blank || (numbered && marker.number != 1)))
		return NOT_STARTED;
	close_to(w, o->matched);
	markdown_cursor_skip(c, marker.length);
	size_t columns = markdown_cursor_indent(c);
	if (columns > CODE_INDENT || blank)
		columns = 1;
	markdown_cursor_skip_columns(c, columns);
	markdown_blocks_item(&w->blocks, &marker, o->columns + marker.length + columns);
	return markdown_cursor_indent(c) == 0 && start_task(w, c) ? STARTED_LEAF : STARTED_CONTAINER;
}

static enum start start_block(struct walk *w, struct opening *o)
{
	static enum start (*const starts[])(struct walk *, struct opening *) = {
		start_quote, start_heading, start_fence,      start_html, start_underline,
		start_rule,  start_note,    start_definition, start_item};
	unsigned char c = (unsigned char)o->at.rest.p[0];
	enum start started = NOT_STARTED;

	/* Most lines are prose: no block starts with a letter. */
	if (ascii_alpha((char)c) || c >= 0x80)
		return NOT_STARTED;
	for (size_t i = 0; !started && i < sizeof(starts) / sizeof(starts[0]); i++)
		started = starts[i](w, o);
	return started;
}

/* Lines ---------------------------------------------------------------------------------- */

static void add_text(struct walk *w, struct markdown_cursor *c)
{
	markdown_cursor_skip_columns(c, markdown_cursor_indent(c));
	if (w->leaf != PARAGRAPH)
		open_leaf(w, PARAGRAPH);
	add_line(w, c);
}

static void start_line(struct walk *w, struct markdown_cursor *c, size_t matched)
{
	struct opening o = {.at = *c, .matched = matched};
	enum start started;

	do {
		if (markdown_line_blank(o.at.rest))
			return; /* an item or quote that begins with nothing */
		o.before = o.at;
		o.columns = markdown_cursor_indent(&o.at);
		o.interrupts = w->leaf == PARAGRAPH && o.matched == w->blocks.depth;
		if (o.columns >= CODE_INDENT)
			break;
		markdown_cursor_skip_columns(&o.at, o.columns);
		started = start_block(w, &o);
		if (started == STARTED_LEAF)
			return;
		o.matched = w->leaf == PARAGRAPH ? o.matched : w->blocks.depth;
	} while (started);
	if (o.columns >= CODE_INDENT && w->leaf != PARAGRAPH) {
		open_leaf(w, INDENTED);
		markdown_cursor_skip_columns(&o.at, CODE_INDENT);
		add_line(w, &o.at);
		return;
	}
	add_text(w, &o.at);
}

static void take_line(struct walk *w, struct str line)
{
	struct markdown_blocks *b = &w->blocks;
	struct markdown_cursor c = {.rest = line};
	size_t matched = 0;

	while (matched < b->depth && continues(&b->stack[matched], &c))
		matched++;
	bool blank = markdown_line_blank(c.rest);
	/* A paragraph may go on without the markers of its containers. */
	if (matched < b->depth && (w->leaf != PARAGRAPH || blank))
		close_to(w, matched);
	if (w->leaf != NO_LEAF && w->leaf != PARAGRAPH) {
		if (leaf_takes(w, &c))
			return;
		close_leaf(w);
	}
	if (blank) {
		close_leaf(w);
		b->blank = true;
		return;
	}
	start_line(w, &c, matched);
}

static void walk(struct walk *w, struct str body)
{
	struct str line;

	while (str_line(&body, &line))
		take_line(w, line);
	close_to(w, 0);
	w->blocks.last[0] = (struct markdown_sibling){.kind = SIBLING_NONE};
	w->blocks.blank = false;
}

static void collect(struct walk *w, struct str body)
{
	struct markdown_blocks *b = &w->blocks;
	struct arena *arena = b->slots->arena;

	b->collecting = true;
	walk(w, body);
	b->collecting = false;
	markdown_references_sort(&b->references);
	markdown_references_sort(&b->notes);
	b->spans.uses = ARENA_ARRAY(arena, b->notes.n + 1, struct markdown_note_use);
	b->note_texts = ARENA_ARRAY(arena, b->notes.n + 1, struct markdown_note);
}

void markdown_prepare(struct str body, const struct markdown_options *options, struct arena *arena,
		      struct markdown_slots *slots, struct buf *out, bool *definitions)
{
	struct walk w = {.leaf = NO_LEAF};

	markdown_slots_init(slots, arena, body);
	markdown_blocks_init(&w.blocks, options, slots);
	w.blocks.out = out;
	if (str_find(body, "]:") < body.n)
		collect(&w, body);
	walk(&w, body);
	markdown_blocks_notes(&w.blocks);
	*definitions = w.blocks.definitions;
	markdown_blocks_release(&w.blocks);
	buf_release(&w.text);
	buf_release(&w.info);
}
