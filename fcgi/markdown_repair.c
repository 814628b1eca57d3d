/* markdown_repair.c: discount's HTML of a prepared text -> the HTML we promise.
 *
 * Puts back what waits in slots, gives lists their start and drops the
 * paragraphs of tight ones, gives headings their ids and notes their markup;
 * and escapes and breaks lines as the other engine does, so that a text that
 * means the same to both gives the same bytes.
 * In: only tags that discount made, for markdown_prepare left no others.
 */
#include "markdown_repair.h"

#include "html.h"
#include "markdown.h"
#include "text.h"

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
	bool between;   /* a block has just begun or ended */
};

/* Text ---------------------------------------------------------------------- */

static void put_slot(struct repair *r, const struct markdown_slot *slot, bool in_text)
{
	if (slot->kind == SLOT_NO_ROWS) {
		/* Discount wanted a row: the whole body goes. */
		struct str rest = r->reader.rest;
		buf_truncate(r->out, r->rows_at);
		r->reader.rest = str_skip(rest, str_find(rest, "</tbody>") + strlen("</tbody>"));
		r->between = true;
	} else if (in_text && slot->kind == SLOT_SPAN) {
		buf_str(r->out, slot->html);
	} else {
		markdown_escape(slot->source, r->out);
	}
}

static void put_character(uint32_t scalar, struct buf *out)
{
	char c = (char)scalar;

	if (scalar < 0x80)
		markdown_escape((struct str){&c, 1}, out);
	else
		buf_utf8(out, scalar);
}

/* Placeholders become what they stand for, and character references, which may
 * be ours, characters. */
static void put_text(struct repair *r, struct str s, bool in_text)
{
	const struct markdown_slot *slot = NULL;
	size_t done = 0;
	uint32_t scalar;

	for (size_t i = 0, n; i < s.n; i += n ? n : 1) {
		char c = s.p[i];
		n = 0;
		if (c == 'Z')
			n = markdown_slot_read(r->slots, str_skip(s, i), &slot);
		else if (c == '&')
			n = text_reference(str_skip(s, i), &scalar);
		else if (c == '"' || c == '>' || (c == '\n' && !in_text))
			n = 1;
		if (!n)
			continue;
		buf_str(r->out, str_head(str_skip(s, done), i - done));
		done = i + n;
		if (c == 'Z')
			put_slot(r, slot, in_text);
		else if (c == '\n')
			buf_char(r->out, ' ');
		else
			put_character(c == '&' ? scalar : (uint32_t)c, r->out);
	}
	buf_str(r->out, str_skip(s, done));
}

/* Blocks ------------------------------------------------------------------------ */

static void new_line(struct repair *r)
{
	struct buf *out = r->out;

	while (out->n > 1 && out->p[out->n - 1] == '\n' && out->p[out->n - 2] == '\n')
		buf_truncate(out, out->n - 1);
	if (out->n && out->p[out->n - 1] != '\n')
		buf_char(out, '\n');
}

static void put_comment(struct repair *r, struct str comment)
{
	const struct markdown_slot *slot;
	size_t n = markdown_slot_read(r->slots, str_skip(comment, 4), &slot);

	r->between = true;
	if (!n)
		return;
	if (slot->kind == SLOT_LIST || slot->kind == SLOT_NOTES) {
		r->list = slot;
	} else if (slot->html.n) {
		new_line(r);
		buf_str(r->out, slot->html);
		buf_char(r->out, '\n');
	}
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
	new_line(r);
	if (list && list->kind == SLOT_NOTES) {
		push(r, OPEN_NOTES);
		buf_puts(r->out, MARKDOWN_NOTES_OPEN "\n");
		return;
	}
	push(r, list && list->tight ? OPEN_TIGHT_LIST : OPEN_LIST);
	if (list && html_is(tag, "ol") && list->number != 1)
		buf_printf(r->out, "<ol start=\"%lu\">\n", list->number);
	else
		buf_printf(r->out, "<%.*s>\n", STR_ARG(tag->name));
}

static void open_item(struct repair *r)
{
	enum open_element list = top(r);

	push(r, list == OPEN_TIGHT_LIST ? OPEN_TIGHT_ITEM : OPEN_OTHER);
	new_line(r);
	if (list == OPEN_NOTES)
		buf_printf(r->out, "<li id=\"fn:%zu\">", ++r->n_notes);
	else
		buf_puts(r->out, "<li>");
}

static void open_heading(struct repair *r, const struct html_token *tag)
{
	const struct markdown_slot *slot;
	size_t n = markdown_slot_read(r->slots, r->reader.rest, &slot);

	buf_printf(r->out, "<%.*s", STR_ARG(tag->name));
	if (n && slot->kind == SLOT_HEADING) {
		r->reader.rest = str_skip(r->reader.rest, n);
		buf_puts(r->out, " id=\"");
		markdown_escape(slot->html, r->out);
		buf_char(r->out, '"');
	}
	buf_char(r->out, '>');
}

/* Links and images have a target slot for their URL and title. */
static void put_link(struct repair *r, const struct html_token *tag)
{
	const struct markdown_slot *slot;
	struct str url, alt;
	bool image = html_is(tag, "img");

	if (!html_attribute_find(tag, image ? "src" : "href", &url) ||
	    !markdown_slot_read(r->slots, url, &slot))
		return;
	buf_puts(r->out, image ? "<img src=\"" : "<a href=\"");
	buf_str(r->out, slot->html);
	if (image && html_attribute_find(tag, "alt", &alt)) {
		buf_puts(r->out, "\" alt=\"");
		put_text(r, alt, false);
	}
	if (slot->source.n) {
		buf_puts(r->out, "\" title=\"");
		buf_str(r->out, slot->source);
	}
	buf_puts(r->out, image ? "\" />" : "\">");
}

static void open_cell(struct repair *r, const struct html_token *tag)
{
	static const char *const sides[] = {"left", "center", "right"};

	buf_printf(r->out, "<%.*s", STR_ARG(tag->name));
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		if (str_find(tag->attributes, sides[i]) < tag->attributes.n)
			buf_printf(r->out, " style=\"text-align: %s\"", sides[i]);
	buf_char(r->out, '>');
}

static bool is_container(struct str name)
{
	return str_is(name, "blockquote") || str_is(name, "dd");
}

static bool is_heading(struct str name)
{
	return name.n == 2 && name.p[0] == 'h' && ascii_digit(name.p[1]);
}

static bool is_link(const struct html_token *tag)
{
	return html_is(tag, "a") || html_is(tag, "img");
}

static void put_open(struct repair *r, const struct html_token *tag)
{
	struct str name = tag->name;

	r->between = !is_link(tag);
	if (is_link(tag)) {
		put_link(r, tag);
		return;
	}
	if (str_is(name, "p") && top(r) == OPEN_TIGHT_ITEM)
		return;
	if (str_is(name, "ul") || str_is(name, "ol")) {
		open_list(r, tag);
		return;
	}
	if (str_is(name, "li")) {
		open_item(r);
		return;
	}
	new_line(r);
	if (is_container(name))
		push(r, OPEN_OTHER);
	if (str_is(name, "tbody"))
		r->rows_at = r->out->n;
	if (is_heading(name))
		open_heading(r, tag);
	else if (str_is(name, "th") || str_is(name, "td"))
		open_cell(r, tag);
	else
		buf_str(r->out, tag->bytes);
	if (str_is(name, "blockquote") || str_is(name, "table") || str_is(name, "thead") ||
	    str_is(name, "tbody") || str_is(name, "tr") || str_is(name, "dl") || str_is(name, "hr"))
		buf_char(r->out, '\n');
}

static void put_close(struct repair *r, const struct html_token *tag)
{
	enum open_element element = top(r);
	struct str name = tag->name;

	r->between = !is_link(tag);
	if (is_link(tag)) {
		buf_puts(r->out, "</a>");
		return;
	}
	if (is_container(name) || str_is(name, "li") || str_is(name, "ul") || str_is(name, "ol"))
		r->depth -= r->depth > 0;
	if (str_is(name, "p") && element == OPEN_TIGHT_ITEM)
		return;
	if (str_is(name, "p") && str_ends(buf_view(r->out), "<p>")) {
		buf_truncate(r->out, r->out->n - strlen("<p>"));
		return;
	}
	if (str_is(name, "ol") && element == OPEN_NOTES)
		buf_puts(r->out, MARKDOWN_NOTES_CLOSE);
	else
		buf_str(r->out, tag->bytes);
	buf_char(r->out, '\n');
}

static bool is_blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\n' && s.p[i] != ' ')
			return false;
	return true;
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
			if (r.between && is_blank(token.bytes))
				break;
			r.between = false;
			put_text(&r, token.bytes, true);
		}
	}
	new_line(&r);
}
