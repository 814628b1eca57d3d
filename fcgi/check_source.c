/* check_source.c: Markdown -> its leaves (paragraphs, headings, HTML), each as a
 * stretch of the source in which everything else is blank.
 *
 * Containers are not cut out but written over with spaces, so that an offset
 * of a leaf is one of the source; CommonMark does not mind the spaces.  Follows
 * markdown_prepare.c rule by rule, which follows CommonMark 0.31 (appendix "A
 * parsing strategy"); what stands inside the leaves is check_spans.c's.
 */
#include "check_source.h"

#include "check_spans.h"
#include "markdown_blocks.h"
#include "markdown_cursor.h"

enum { CODE_INDENT = 4 };

enum leaf { NO_LEAF, PARAGRAPH, FENCE, INDENTED, HTML };
enum container_kind { QUOTE, ITEM, DEFINITION, NOTE };

struct container {
	enum container_kind kind;
	size_t width;
	bool empty;
};

struct walk {
	struct check_source *out;
	bool definitions;
	struct markdown_cursor at; /* in out->text */

	struct container stack[MARKDOWN_MAX_DEPTH];
	bool after_text[MARKDOWN_MAX_DEPTH + 1]; /* what came last in each was a paragraph */
	size_t depth;

	enum leaf leaf;
	size_t from, to;
	struct markdown_fence fence;
	int html; /* the start condition of the HTML block */
};

static size_t offset_of(const struct walk *w, const char *p)
{
	return (size_t)(p - w->out->text);
}

static void blank(const struct walk *w, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (w->out->text[i] != '\n')
			w->out->text[i] = ' ';
}

/* --- columns ----------------------------------------------------------------- */

static struct str after_spaces(struct str s)
{
	size_t n = 0;

	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return str_skip(s, n);
}

/* Takes a container's mark off, and out of the text. */
static void skip_mark(struct walk *w, size_t n)
{
	size_t at = offset_of(w, w->at.rest.p);

	blank(w, at, at + n);
	markdown_cursor_skip(&w->at, n);
}

/* --- leaves ------------------------------------------------------------------ */

static void add_leaf(struct walk *w, size_t from, size_t to, bool html)
{
	*CHECK_ADD(w->out->arena, w->out->leaves) = (struct check_leaf){from, to, html};
}

static struct str stretch(const struct walk *w)
{
	return (struct str){w->out->text + w->from, w->to - w->from};
}

/* Link definitions stand before the text of a paragraph. */
static void add_paragraph(struct walk *w)
{
	struct str text = stretch(w), label, line;
	struct markdown_target target;

	for (size_t n; (n = markdown_link_definition(text, &label, &target));) {
		markdown_references_add(&w->out->references, label, target);
		*CHECK_ADD(w->out->arena, w->out->targets) = offset_of(w, target.url.p);
		text = after_spaces(str_skip(text, n));
	}
	if (!markdown_blocks_has_table(text)) {
		add_leaf(w, offset_of(w, text.p), w->to, false);
		return;
	}
	while (str_line(&text, &line)) {
		size_t from = offset_of(w, line.p);
		add_leaf(w, from, from + line.n, false);
	}
}

static void close_leaf(struct walk *w)
{
	if (w->leaf == PARAGRAPH)
		add_paragraph(w);
	else if (w->leaf == HTML)
		add_leaf(w, w->from, w->to, true);
	else if (w->leaf != NO_LEAF)
		check_spans_code(w->out, w->from, w->to);
	w->leaf = NO_LEAF;
}

static void open_leaf(struct walk *w, enum leaf leaf)
{
	close_leaf(w);
	w->leaf = leaf;
	w->from = w->to = offset_of(w, w->at.rest.p);
	w->after_text[w->depth] = leaf == PARAGRAPH;
	if (w->depth)
		w->stack[w->depth - 1].empty = false;
}

/* The line is the leaf's, with its end. */
static void add_line(struct walk *w)
{
	w->to = offset_of(w, w->at.rest.p) + w->at.rest.n;
	if (w->to < w->out->n)
		w->to++;
}

static void close_to(struct walk *w, size_t depth)
{
	if (depth < w->depth)
		close_leaf(w);
	w->depth = depth;
}

static void open_container(struct walk *w, enum container_kind kind, size_t width)
{
	if (w->depth)
		w->stack[w->depth - 1].empty = false;
	w->after_text[w->depth] = kind == DEFINITION;
	w->stack[w->depth++] = (struct container){kind, width, true};
	w->after_text[w->depth] = false;
}

/* --- what a line goes on with ------------------------------------------------ */

static bool continues(struct walk *w, const struct container *container)
{
	size_t columns = markdown_cursor_indent(&w->at);

	if (container->kind == QUOTE) {
		if (columns >= CODE_INDENT || !str_starts(after_spaces(w->at.rest), ">"))
			return false;
		markdown_cursor_skip_columns(&w->at, columns);
		skip_mark(w, 1);
		markdown_cursor_skip_columns(&w->at, 1);
		return true;
	}
	if (columns >= container->width) {
		markdown_cursor_skip_columns(&w->at, container->width);
		return true;
	}
	return markdown_line_blank(w->at.rest) && !container->empty;
}

/* False when the line is not the leaf's: it ended before. */
static bool leaf_takes(struct walk *w)
{
	size_t columns = markdown_cursor_indent(&w->at);
	struct str text = after_spaces(w->at.rest);

	if (w->leaf == FENCE) {
		add_line(w);
		if (columns < CODE_INDENT && markdown_line_closes(text, &w->fence))
			close_leaf(w);
		return true;
	}
	if (w->leaf == HTML) {
		if (w->html > 5 && !text.n)
			return false;
		add_line(w);
		if (markdown_line_ends_html(w->at.rest, w->html))
			close_leaf(w);
		return true;
	}
	if (w->leaf == INDENTED && (columns >= CODE_INDENT || !text.n)) {
		add_line(w);
		return true;
	}
	return false;
}

/* --- what a line starts ------------------------------------------------------ */

struct opening {
	size_t columns;  /* of indentation before it */
	size_t matched;  /* containers that go on */
	bool interrupts; /* a paragraph in the innermost of them is open */
};

enum start { NOT_STARTED, STARTED_LEAF, STARTED_CONTAINER };

static enum start start_quote(struct walk *w, struct opening *o)
{
	if (w->at.rest.p[0] != '>' || o->matched == MARKDOWN_MAX_DEPTH)
		return NOT_STARTED;
	close_leaf(w);
	close_to(w, o->matched);
	skip_mark(w, 1);
	markdown_cursor_skip_columns(&w->at, 1);
	open_container(w, QUOTE, 0);
	return STARTED_CONTAINER;
}

/* Headings, rules and underlines end at once; their marks are not in the way. */
static enum start start_line_block(struct walk *w, struct opening *o)
{
	struct str text;

	if (markdown_line_heading(w->at.rest, &text)) {
		close_leaf(w);
		close_to(w, o->matched);
		open_leaf(w, PARAGRAPH);
		w->after_text[w->depth] = false;
		add_line(w);
		close_leaf(w);
		return STARTED_LEAF;
	}
	if (!markdown_line_rule(w->at.rest) && !(o->interrupts && markdown_line_underline(w->at.rest)))
		return NOT_STARTED;
	close_leaf(w);
	close_to(w, o->matched);
	w->after_text[w->depth] = false;
	return STARTED_LEAF;
}

static enum start start_fence(struct walk *w, struct opening *o)
{
	struct markdown_fence fence;

	if (!markdown_line_fence(w->at.rest, &fence))
		return NOT_STARTED;
	close_leaf(w);
	close_to(w, o->matched);
	open_leaf(w, FENCE);
	w->fence = fence;
	add_line(w);
	return STARTED_LEAF;
}

static enum start start_html(struct walk *w, struct opening *o)
{
	int condition = markdown_line_html(w->at.rest);

	if (!condition || (condition == 7 && o->interrupts))
		return NOT_STARTED;
	close_leaf(w);
	close_to(w, o->matched);
	open_leaf(w, HTML);
	w->html = condition;
	add_line(w);
	if (markdown_line_ends_html(w->at.rest, condition))
		close_leaf(w);
	return STARTED_LEAF;
}

static enum start start_note(struct walk *w, struct opening *o)
{
	struct str label;
	size_t n = markdown_link_label(w->at.rest, &label);

	if (!n || !str_starts(label, "^") || label.n < 2 || n == w->at.rest.n || w->at.rest.p[n] != ':' ||
	    o->matched == MARKDOWN_MAX_DEPTH)
		return NOT_STARTED;
	for (size_t i = 0; i < label.n; i++)
		if (ascii_space(label.p[i]))
			return NOT_STARTED;
	close_leaf(w);
	close_to(w, o->matched);
	markdown_references_add(&w->out->notes, label,
				(struct markdown_target){.url = {"", 0}, .title = {"", 0}});
	skip_mark(w, n + 1);
	markdown_cursor_skip_columns(&w->at, markdown_cursor_indent(&w->at));
	open_container(w, NOTE, CODE_INDENT);
	return STARTED_CONTAINER;
}

static enum start start_definition(struct walk *w, struct opening *o)
{
	struct str s = w->at.rest;

	if (!w->definitions || s.n < 2 || s.p[0] != ':' || !ascii_space(s.p[1]) ||
	    o->matched == MARKDOWN_MAX_DEPTH || !w->after_text[o->matched])
		return NOT_STARTED;
	close_leaf(w);
	close_to(w, o->matched);
	skip_mark(w, 1);
	size_t columns = markdown_cursor_indent(&w->at);
	columns = columns > CODE_INDENT ? 1 : columns;
	markdown_cursor_skip_columns(&w->at, columns);
	open_container(w, DEFINITION, 1 + columns);
	w->out->definitions = true;
	return STARTED_CONTAINER;
}

static enum start start_item(struct walk *w, struct opening *o)
{
	struct markdown_marker marker;

	if (!markdown_line_marker(w->at.rest, &marker) || o->matched == MARKDOWN_MAX_DEPTH)
		return NOT_STARTED;
	bool bare = markdown_line_blank(str_skip(w->at.rest, marker.length));
	bool numbered = marker.kind == '.' || marker.kind == ')';
	if (o->interrupts && (bare || (numbered && marker.number != 1)))
		return NOT_STARTED;
	close_leaf(w);
	close_to(w, o->matched);
	skip_mark(w, marker.length);
	size_t columns = markdown_cursor_indent(&w->at);
	if (columns > CODE_INDENT || bare)
		columns = 1;
	markdown_cursor_skip_columns(&w->at, columns);
	open_container(w, ITEM, o->columns + marker.length + columns);
	return STARTED_CONTAINER;
}

static enum start start_block(struct walk *w, struct opening *o)
{
	static enum start (*const starts[])(struct walk *, struct opening *) = {
		start_quote, start_fence,      start_html, start_line_block,
		start_note,  start_definition, start_item};
	enum start started = NOT_STARTED;
	char c = w->at.rest.p[0];

	/* Most lines are prose: no block starts with a letter. */
	if (ascii_alpha(c) || (unsigned char)c >= 0x80)
		return NOT_STARTED;
	for (size_t i = 0; !started && i < sizeof(starts) / sizeof(starts[0]); i++)
		started = starts[i](w, o);
	return started;
}

/* --- lines ------------------------------------------------------------------- */

static void start_line(struct walk *w, size_t matched)
{
	struct opening o = {.matched = matched};
	enum start started;

	do {
		if (markdown_line_blank(w->at.rest))
			return; /* an item or quote that begins with nothing */
		o.columns = markdown_cursor_indent(&w->at);
		o.interrupts = w->leaf == PARAGRAPH && o.matched == w->depth;
		if (o.columns >= CODE_INDENT)
			break;
		markdown_cursor_skip_columns(&w->at, o.columns);
		started = start_block(w, &o);
		if (started == STARTED_LEAF)
			return;
		o.matched = started ? w->depth : o.matched;
	} while (started);
	if (w->leaf != PARAGRAPH)
		open_leaf(w, o.columns >= CODE_INDENT ? INDENTED : PARAGRAPH);
	add_line(w);
}

static void take_line(struct walk *w, struct str line)
{
	size_t matched = 0;

	w->at = (struct markdown_cursor){.rest = line};
	while (matched < w->depth && continues(w, &w->stack[matched]))
		matched++;
	bool empty = markdown_line_blank(w->at.rest);
	/* A paragraph may go on without the marks of its containers. */
	if (matched < w->depth && (w->leaf != PARAGRAPH || empty))
		close_to(w, matched);
	if (w->leaf != NO_LEAF && w->leaf != PARAGRAPH) {
		if (leaf_takes(w))
			return;
		close_leaf(w);
	}
	if (empty)
		close_leaf(w);
	else
		start_line(w, matched);
}

void check_source_read(struct arena *arena, struct str source, bool definitions,
		       struct check_source *out)
{
	struct walk w = {.out = out, .definitions = definitions};
	struct str line;

	*out = (struct check_source){.arena = arena, .text = arena_z(arena, source), .n = source.n};
	markdown_references_init(&out->references, arena);
	markdown_references_init(&out->notes, arena);
	struct str rest = {out->text, out->n};
	while (str_line(&rest, &line))
		take_line(&w, line);
	close_to(&w, 0);
	close_leaf(&w);
	markdown_references_sort(&out->references);
	markdown_references_sort(&out->notes);
	for (size_t i = 0; i < out->leaves.count; i++)
		check_spans_read(out, &out->leaves.at[i]);
}

void check_source_release(struct check_source *source)
{
	markdown_references_release(&source->references);
	markdown_references_release(&source->notes);
}
