/* markdown_repair.c: discount's HTML of a prepared text -> the HTML we promise.
 *
 * Puts back what waits in slots, gives lists their start and drops the
 * paragraphs of tight ones, gives headings their ids and notes their markup.
 * In: only tags that discount made, for markdown_prepare left no others.
 */
#include "markdown_repair.h"

#include "escape.h"
#include "html.h"
#include "markdown.h"

enum { MAX_OPEN = 256 };

enum open_element { OPEN_OTHER, OPEN_TIGHT_ITEM, OPEN_LIST, OPEN_TIGHT_LIST, OPEN_NOTES };

struct repair {
	const struct markdown_slots *slots;
	struct buf *out;
	struct html_reader reader;
	const struct markdown_slot *list; /* of the list that comes next, or NULL */
	unsigned char open[MAX_OPEN];     /* enum open_element of lists, items, quotes */
	size_t depth;
	size_t n_notes;
	size_t rows_at; /* where the last table's body begins in out */
};

/* Text ---------------------------------------------------------------------- */

/* "&#42;" protected a character from discount; readers of the source need it no
 * more.  Its length, or 0. */
static size_t read_character(struct str s, char *c)
{
	size_t n = 2;
	unsigned code = 0;

	if (!str_starts(s, "&#"))
		return 0;
	for (; n < s.n && n < 5 && ascii_digit(s.p[n]); n++)
		code = code * 10 + (unsigned)(s.p[n] - '0');
	if (n == s.n || s.p[n] != ';' || code > 126 || !ascii_punct((char)code))
		return 0;
	*c = (char)code;
	return n + 1;
}

static void put_character(char c, bool in_text, struct buf *out)
{
	if (strchr("<>&", c) || (c == '"' && !in_text))
		escape_html(out, (struct str){&c, 1});
	else
		buf_char(out, c);
}

static void put_slot(struct repair *r, const struct markdown_slot *slot, bool in_text)
{
	if (slot->kind == SLOT_NO_ROWS) {
		/* Discount wanted a row: the whole body goes. */
		struct str rest = r->reader.rest;
		buf_truncate(r->out, r->rows_at);
		r->reader.rest = str_skip(rest, str_find(rest, "</tbody>") + strlen("</tbody>\n"));
	} else if (slot->kind == (in_text ? SLOT_SPAN : SLOT_TARGET)) {
		buf_str(r->out, slot->html);
	} else {
		escape_html(r->out, slot->source);
	}
}

static void put_text(struct repair *r, struct str s, bool in_text)
{
	const struct markdown_slot *slot = NULL;
	size_t done = 0;
	char c = 0;

	for (size_t i = 0, n; i < s.n; i += n) {
		struct str rest = str_skip(s, i);
		n = 0;
		if (s.p[i] == 'Z')
			n = markdown_slot_read(r->slots, rest, &slot);
		else if (s.p[i] == '&')
			n = read_character(rest, &c);
		if (!n) {
			n = 1;
			continue;
		}
		buf_str(r->out, str_head(str_skip(s, done), i - done));
		if (s.p[i] == 'Z')
			put_slot(r, slot, in_text);
		else
			put_character(c, in_text, r->out);
		done = i + n;
	}
	buf_str(r->out, str_skip(s, done));
}

/* Blocks ------------------------------------------------------------------------ */

static void put_comment(struct repair *r, struct str comment)
{
	const struct markdown_slot *slot;
	size_t n = markdown_slot_read(r->slots, str_skip(comment, 4), &slot);

	if (!n)
		return;
	if (slot->kind == SLOT_LIST || slot->kind == SLOT_NOTES)
		r->list = slot;
	else
		buf_str(r->out, slot->html);
}

static void push(struct repair *r, enum open_element element)
{
	if (r->depth < MAX_OPEN)
		r->open[r->depth] = (unsigned char)element;
	r->depth++;
}

static enum open_element top(const struct repair *r)
{
	return r->depth && r->depth <= MAX_OPEN ? r->open[r->depth - 1] : OPEN_OTHER;
}

static void open_list(struct repair *r, const struct html_token *tag)
{
	const struct markdown_slot *list = r->list;

	r->list = NULL;
	if (list && list->kind == SLOT_NOTES) {
		push(r, OPEN_NOTES);
		buf_puts(r->out, MARKDOWN_NOTES_OPEN);
		return;
	}
	push(r, list && list->tight ? OPEN_TIGHT_LIST : OPEN_LIST);
	if (list && html_is(tag, "ol") && list->number != 1)
		buf_printf(r->out, "<ol start=\"%lu\">", list->number);
	else
		buf_str(r->out, tag->bytes);
}

static void open_item(struct repair *r)
{
	enum open_element list = top(r);

	push(r, list == OPEN_TIGHT_LIST ? OPEN_TIGHT_ITEM : OPEN_OTHER);
	if (list == OPEN_NOTES)
		buf_printf(r->out, "<li id=\"fn:%zu\">", ++r->n_notes);
	else
		buf_puts(r->out, "<li>");
}

static void open_heading(struct repair *r, const struct html_token *tag)
{
	const struct markdown_slot *slot;
	size_t n = markdown_slot_read(r->slots, r->reader.rest, &slot);

	if (!n || slot->kind != SLOT_HEADING) {
		buf_str(r->out, tag->bytes);
		return;
	}
	r->reader.rest = str_skip(r->reader.rest, n);
	buf_printf(r->out, "<%.*s id=\"", STR_ARG(tag->name));
	escape_html(r->out, slot->html);
	buf_puts(r->out, "\">");
}

static bool is_heading(struct str name)
{
	return name.n == 2 && name.p[0] == 'h' && ascii_digit(name.p[1]);
}

static void put_open(struct repair *r, const struct html_token *tag)
{
	if (html_is(tag, "p") && top(r) == OPEN_TIGHT_ITEM)
		return;
	if (html_is(tag, "ul") || html_is(tag, "ol")) {
		open_list(r, tag);
	} else if (html_is(tag, "li")) {
		open_item(r);
	} else if (is_heading(tag->name)) {
		open_heading(r, tag);
	} else {
		if (html_is(tag, "blockquote") || html_is(tag, "dd"))
			push(r, OPEN_OTHER);
		else if (html_is(tag, "tbody"))
			r->rows_at = r->out->n;
		put_text(r, tag->bytes, false);
	}
}

static void put_close(struct repair *r, const struct html_token *tag)
{
	static const char *const nesting[] = {"ul", "ol", "li", "blockquote", "dd"};
	enum open_element element = top(r);

	for (size_t i = 0; i < sizeof(nesting) / sizeof(nesting[0]); i++)
		if (html_is(tag, nesting[i]) && r->depth)
			r->depth--;
	if (html_is(tag, "p") && element == OPEN_TIGHT_ITEM)
		return;
	if (html_is(tag, "p") && str_ends(buf_view(r->out), "<p>"))
		buf_truncate(r->out, r->out->n - strlen("<p>"));
	else if (html_is(tag, "ol") && element == OPEN_NOTES)
		buf_puts(r->out, MARKDOWN_NOTES_CLOSE);
	else
		buf_str(r->out, tag->bytes);
}

/* One line end where discount leaves blank lines. */
static void put_space(struct repair *r)
{
	if (r->out->n && r->out->p[r->out->n - 1] != '\n')
		buf_char(r->out, '\n');
}

void markdown_repair(struct str html, const struct markdown_slots *slots, struct buf *out)
{
	struct repair r = {.slots = slots, .out = out};
	struct html_token token;

	html_start(&r.reader, html);
	while (html_next(&r.reader, &token)) {
		switch (token.kind) {
		case HTML_OPEN: put_open(&r, &token); break;
		case HTML_CLOSE: put_close(&r, &token); break;
		case HTML_COMMENT: put_comment(&r, token.bytes); break;
		default:
			if (!str_trim(token.bytes).n && token.bytes.p[0] == '\n')
				put_space(&r);
			else
				put_text(&r, token.bytes, true);
		}
	}
	put_space(&r);
}
