/* assist.c: rendered HTML -> the same with names and tab stops.
 *
 * In:  tokens of html.h.  Out: html with attributes added in <input> and <pre>,
 * and an element around each outermost table.
 * It does not repair what is wrong, nor guess at what the author's own
 * widgets are.
 * Source: WCAG 2.1, 1.3.1 and 4.1.2 (names), 2.1.1 (keyboard); ARIA in HTML.
 */
#include "assist.h"

#include "escape.h"
#include "html.h"
#include "text.h"
#include "unicode.h"
#include "utf8.h"

enum { TAB = 4, CELL_SPACE = 4 /* letters that a cell's padding takes */ };

/* An outermost table, by the start of its tags. */
struct table {
	const char *open, *close;
	struct table *next;
};

struct assist {
	struct arena *arena;
	struct table *tables; /* those not yet written, in order */
	unsigned items;       /* depth of <li> */
	struct buf *out;
};

static struct str inside(const char *from, const char *to)
{
	return (struct str){from, (size_t)(to - from)};
}

static bool says(const struct html_token *token, const char *name)
{
	struct str ignored;

	return html_attribute_find(token, name, &ignored);
}

/* In one pass, so that a thousand tables without an end cost no more. */
static struct table *find_tables(struct arena *arena, struct str html)
{
	struct table *first = NULL, **last = &first;
	struct html_reader reader;
	struct html_token token;
	const char *open = NULL;
	size_t depth = 0;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (token.unfinished || !html_is(&token, "table"))
			continue;
		if (token.kind == HTML_OPEN && !depth++)
			open = token.bytes.p;
		if (token.kind != HTML_CLOSE || !depth || --depth)
			continue;
		*last = ARENA_NEW(arena, struct table);
		**last = (struct table){.open = open, .close = token.bytes.p};
		last = &(*last)->next;
	}
	return first;
}

/* The content of the element whose start tag was just read: up to its end tag
 * or, as in a list, to the next start tag of its name or of `other`. */
static struct str content_of(const struct html_reader *after_open, const char *name, const char *other)
{
	struct html_reader reader = *after_open;
	struct html_token token;
	const char *from = reader.rest.p;

	while (html_next(&reader, &token))
		if (html_is(&token, name) || html_is(&token, other))
			return inside(from, token.bytes.p);
	return inside(from, after_open->rest.p + after_open->rest.n);
}

static void add_words(struct str html, struct buf *words)
{
	struct buf text = BUF_EMPTY;

	text_from_html(html, &text);
	struct str trimmed = str_trim(buf_view(&text));
	if (words->n && trimmed.n)
		buf_puts(words, ", ");
	buf_str(words, trimmed);
	buf_release(&text);
}

/* ` aria-label="..."`, after `more` where there are words. */
static void write_label(struct buf *out, const char *more, struct str words)
{
	struct buf label = BUF_EMPTY;

	text_shorten(words, ASSIST_LABEL_LIMIT, &label);
	if (label.n) {
		buf_printf(out, "%s aria-label=\"", more);
		escape_html(out, buf_view(&label));
		buf_char(out, '"');
	}
	buf_release(&label);
}

static void write_with(struct assist *a, const struct html_token *token, struct str attributes)
{
	buf_printf(a->out, "<%.*s%.*s", STR_ARG(token->name), STR_ARG(attributes));
	buf_str(a->out, inside(token->name.p + token->name.n, token->bytes.p + token->bytes.n));
}

/* --- tasks -------------------------------------------------------------------------- */

static bool is_task(const struct assist *a, const struct html_token *token)
{
	struct str type;

	return a->items && html_is(token, "input") && html_attribute_find(token, "type", &type) &&
	       str_is_fold(type, "checkbox") && says(token, "disabled") && !says(token, "aria-label") &&
	       !says(token, "aria-labelledby") && !says(token, "title") && !says(token, "id");
}

/* The words on the box's line: up to the next block. */
static struct str task_line(const struct html_reader *after_box)
{
	struct html_reader reader = *after_box;
	struct html_token token;
	const char *from = reader.rest.p;

	while (html_next(&reader, &token))
		if ((token.kind == HTML_OPEN || token.kind == HTML_CLOSE) &&
		    (html_is_block(token.name) || html_is(&token, "br") || html_is(&token, "input")))
			return inside(from, token.bytes.p);
	return inside(from, after_box->rest.p + after_box->rest.n);
}

static void write_task(struct assist *a, const struct html_token *token, const struct html_reader *after)
{
	struct buf words = BUF_EMPTY, label = BUF_EMPTY;

	add_words(task_line(after), &words);
	write_label(&label, "", buf_view(&words));
	write_with(a, token, buf_view(&label));
	buf_release(&words);
	buf_release(&label);
}

/* --- code --------------------------------------------------------------------------- */

static bool has_long_line(struct str pre)
{
	struct html_reader reader;
	struct html_token token;
	struct buf text = BUF_EMPTY;
	size_t column = 0, n;

	html_start(&reader, pre);
	while (html_next(&reader, &token))
		if (token.kind == HTML_TEXT)
			text_unescape(token.bytes, &text);
	struct str rest = buf_view(&text);
	while (rest.n && column <= ASSIST_CODE_COLUMNS) {
		uint32_t c = utf8_decode(rest, &n);
		rest = str_skip(rest, n);
		column += c == '\t' ? TAB - column % TAB : unicode_in_unspaced_script(c) ? 2 : 1;
		if (c == '\n')
			column = 0;
	}
	buf_release(&text);
	return column > ASSIST_CODE_COLUMNS;
}

/* --- tables ------------------------------------------------------------------------- */

struct shape {
	size_t cells, most_cells; /* of a row */
	size_t longest;           /* bytes of a cell's text */
	size_t rows;
	struct buf caption, heads;
};

static void add_cell(struct shape *shape, const struct html_token *token, const struct html_reader *after)
{
	struct str html = content_of(after, "td", "th");
	struct buf words = BUF_EMPTY;

	add_words(html, &words);
	if (words.n > shape->longest)
		shape->longest = words.n;
	if (++shape->cells > shape->most_cells)
		shape->most_cells = shape->cells;
	if (html_is(token, "th") && shape->rows <= 1)
		add_words(html, &shape->heads);
	buf_release(&words);
}

static void look_at(struct str html, struct shape *shape)
{
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (token.kind != HTML_OPEN)
			continue;
		if (html_is(&token, "tr")) {
			shape->rows++;
			shape->cells = 0;
		} else if (html_is(&token, "caption") && !shape->caption.n) {
			add_words(content_of(&reader, "caption", "tr"), &shape->caption);
		} else if (html_is(&token, "td") || html_is(&token, "th")) {
			add_cell(shape, &token, &reader);
		}
	}
}

static void write_table_start(struct assist *a, const struct table *table)
{
	struct shape shape = {0};

	look_at(inside(table->open, table->close), &shape);
	buf_puts(a->out, "<div class=\"table-scroll\"");
	if (shape.most_cells * (shape.longest + CELL_SPACE) > ASSIST_TABLE_COLUMNS) {
		buf_puts(a->out, " tabindex=\"0\"");
		write_label(a->out, " role=\"group\"", buf_view(shape.caption.n ? &shape.caption : &shape.heads));
	}
	buf_char(a->out, '>');
	a->out->failed = a->out->failed || buf_failed(&shape.caption) || buf_failed(&shape.heads);
	buf_release(&shape.caption);
	buf_release(&shape.heads);
}

/* --- all of it ---------------------------------------------------------------------- */

static void write_token(struct assist *a, const struct html_token *token, const struct html_reader *after)
{
	if (html_is(token, "li") && token->kind == HTML_OPEN)
		a->items++;
	else if (html_is(token, "li") && a->items)
		a->items--;
	if (token->kind == HTML_OPEN && is_task(a, token))
		write_task(a, token, after);
	else if (token->kind == HTML_OPEN && html_is(token, "pre") && !says(token, "tabindex") &&
		 has_long_line(content_of(after, "pre", "pre")))
		write_with(a, token, STR_LIT(" tabindex=\"0\""));
	else
		buf_str(a->out, token->bytes);
}

void assist_apply(struct arena *arena, struct str html, struct buf *out)
{
	struct assist a = {.arena = arena, .tables = find_tables(arena, html), .out = out};
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (a.tables && token.bytes.p == a.tables->open)
			write_table_start(&a, a.tables);
		if (token.unfinished)
			buf_str(out, token.bytes);
		else
			write_token(&a, &token, &reader);
		if (a.tables && token.bytes.p == a.tables->close) {
			buf_puts(out, "</div>");
			a.tables = a.tables->next;
		}
	}
}
