/* shortcode_fill.c: HTML with words in it -> HTML with what they stand for.
 *
 * In:  what an engine made of a text by shortcode_expand().
 * A block that stands in a paragraph's text ends the paragraph and opens it
 * again behind itself (Hugo nests what HTML does not allow); a paragraph with
 * nothing else in it goes.  Only paragraphs are followed: blocks are welcome
 * in the other elements that Markdown makes.
 */
#include "shortcode_fill.h"

#include "escape.h"
#include "htmlrewrite.h"
#include "htmlstack.h"
#include "markdown.h"
#include "text.h"

enum {
	MAX_SPLIT = 16,   /* elements around a block that are closed and opened for it */
	MAX_TAGS = 16384, /* bytes of their start tags */
};

struct filling {
	const struct shortcodes *made;
	struct buf *out;
	struct htmlstack open; /* from a <p> on; empty outside of one */
	size_t start;          /* of that in out */
	size_t paragraph;      /* bytes of the <p> */
	size_t tags;           /* bytes of it and the start tags since it alone was open */
	bool closed;  /* for a block, and not yet opened again */
	bool visible; /* there is something in it */
	bool emptied; /* there was a shortcode that shows nothing */
};

/* Where the next word is, or s.n. */
static size_t next_word(const struct shortcodes *made, struct str s,
			const struct markdown_slot **slot, size_t *length)
{
	size_t at = 0;

	for (;; at++) {
		at += str_find(str_skip(s, at), made->slots.nonce);
		if (at >= s.n)
			return s.n;
		*length = markdown_slot_read(&made->slots, str_skip(s, at), slot);
		if (*length)
			return at;
	}
}

/* In tags, comments and raw text a shortcode is its plain text. */
static void fill_verbatim(const struct filling *f, struct str bytes, struct buf *out)
{
	const struct markdown_slot *slot;
	size_t length = 0;

	while (bytes.n) {
		size_t at = next_word(f->made, bytes, &slot, &length);
		buf_str(out, str_head(bytes, at));
		if (at < bytes.n)
			escape_html(out, slot->source);
		bytes = str_skip(bytes, at < bytes.n ? at + length : bytes.n);
	}
}

/* What the engine allowed may be a script with the words filled in. */
static bool is_safe_tag(struct str bytes)
{
	struct html_reader reader;
	struct html_token token;
	struct html_attribute a;
	struct buf value = BUF_EMPTY;
	bool safe = true;

	html_start(&reader, bytes);
	if (!html_next(&reader, &token))
		return true;
	struct str rest = token.attributes;
	while (token.kind == HTML_OPEN && safe && html_attribute_next(&rest, &a)) {
		buf_reset(&value);
		text_unescape(a.value, &value);
		safe = !htmlrewrite_is_address(a.name) ||
		       markdown_is_safe_url(buf_view(&value), html_is(&token, "img"));
	}
	buf_release(&value);
	return safe;
}

static void put_token(struct filling *f, const struct html_token *token)
{
	size_t start = f->out->n;

	if (str_find(token->bytes, f->made->slots.nonce) == token->bytes.n) {
		buf_str(f->out, token->bytes);
		return;
	}
	fill_verbatim(f, token->bytes, f->out);
	if (f->made->safe && !is_safe_tag(str_skip(buf_view(f->out), start))) {
		buf_truncate(f->out, start);
		buf_printf(f->out, "<%.*s>", STR_ARG(token->name));
	}
}

static void put_tags(struct filling *f, struct str tags)
{
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, tags);
	while (html_next(&reader, &token))
		put_token(f, &token);
}

static void open_again(struct filling *f)
{
	if (!f->closed)
		return;
	f->start = f->out->n;
	put_tags(f, htmlstack_start_tags(&f->open, f->open.arena));
	f->closed = false;
}

static void fill_plain(struct filling *f, struct str text)
{
	size_t blank = 0;

	while (blank < text.n && ascii_space(text.p[blank]))
		blank++;
	if (f->closed) {
		buf_str(f->out, str_head(text, blank));
		text = str_skip(text, blank);
		blank = 0;
	}
	if (blank < text.n) {
		open_again(f);
		f->visible = true;
	}
	buf_str(f->out, text);
}

/* The start tag of the link that is open, or "". */
static struct str open_link(const struct filling *f)
{
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, htmlstack_start_tags(&f->open, f->open.arena));
	while (html_next(&reader, &token))
		if (html_is(&token, "a"))
			return token.bytes;
	return STR_LIT("");
}

/* A link may hold a figure, but nothing that one can click on itself. */
static bool fits_link(struct str html)
{
	return str_find(html, "<a") == html.n && str_find(html, "<iframe") == html.n &&
	       str_find(html, "<details") == html.n;
}

/* A block, with the link that was closed for it. */
static void put_block(struct filling *f, struct str html)
{
	struct str link = f->closed && html.n && fits_link(html) ? open_link(f) : STR_LIT("");

	put_tags(f, link);
	buf_str(f->out, html);
	if (link.n)
		buf_puts(f->out, "</a>");
}

static void fill_slot(struct filling *f, const struct markdown_slot *slot)
{
	bool splits = f->open.depth && f->open.depth <= MAX_SPLIT && f->tags <= MAX_TAGS;

	if (slot->kind != SLOT_BLOCK) {
		f->emptied |= !slot->html.n;
		if (slot->html.n)
			open_again(f);
		f->visible |= slot->html.n > 0;
	} else if (splits && !f->closed) {
		if (f->visible)
			buf_str(f->out, htmlstack_end_tags(&f->open, f->open.arena));
		else
			buf_truncate(f->out, f->start);
		f->closed = true;
	}
	if (slot->kind == SLOT_BLOCK)
		put_block(f, slot->html);
	else
		buf_str(f->out, slot->html);
}

static void fill_text(struct filling *f, struct str text)
{
	const struct markdown_slot *slot;
	size_t length = 0;

	while (text.n) {
		size_t at = next_word(f->made, text, &slot, &length);
		fill_plain(f, str_head(text, at));
		if (at < text.n)
			fill_slot(f, slot);
		text = str_skip(text, at < text.n ? at + length : text.n);
	}
}

/* Elements that show nothing themselves. */
static bool is_bare(const struct html_token *token)
{
	static const char *const names[] = {"a", "b", "del", "em", "i", "span", "strong"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (html_is(token, names[i]))
			return true;
	return false;
}

static void start_paragraph(struct filling *f, const struct html_token *token)
{
	htmlstack_start(&f->open, f->open.arena);
	htmlstack_feed(&f->open, token);
	f->start = f->out->n;
	f->closed = f->visible = f->emptied = false;
	put_token(f, token);
	f->tags = f->paragraph = f->out->n - f->start;
}

/* A start tag in a paragraph, which it may end. */
static void fill_open(struct filling *f, const struct html_token *token)
{
	size_t depth = f->open.depth;
	struct str again = f->closed ? htmlstack_start_tags(&f->open, f->open.arena) : STR_LIT("");

	htmlstack_feed(&f->open, token);
	if (f->open.depth < depth + !html_is_void(token->name)) {
		htmlstack_start(&f->open, f->open.arena);
		f->closed = false;
	} else if (f->closed) {
		f->start = f->out->n;
		put_tags(f, again);
		f->closed = false;
	}
	f->visible |= !is_bare(token);
	size_t before = f->out->n;
	put_token(f, token);
	f->tags = (depth > 1 ? f->tags : f->paragraph) + f->out->n - before;
}

static void fill_close(struct filling *f, const struct html_token *token)
{
	size_t depth = f->open.depth;

	htmlstack_feed(&f->open, token);
	if (f->open.depth == depth || !f->closed)
		put_token(f, token);
	if (f->open.depth)
		return;
	if (!f->closed && !f->visible && f->emptied)
		buf_truncate(f->out, f->start);
	f->closed = false;
}

/* "<" before a word makes no tag. */
static bool is_no_tag(const struct filling *f, const struct html_token *token)
{
	bool is_tag = token->kind == HTML_OPEN || token->kind == HTML_CLOSE;

	return is_tag && str_find(token->name, f->made->slots.nonce) < token->name.n;
}

static void fill_no_tag(struct filling *f, const struct html_token *token)
{
	struct buf text = BUF_EMPTY;

	escape_html(&text, token->bytes);
	fill_text(f, buf_view(&text));
	buf_release(&text);
}

void shortcode_fill(const struct shortcodes *made, struct str html, struct buf *out)
{
	struct filling f = {.made = made, .out = out};
	struct html_reader reader;
	struct html_token token;

	if (!made->slots.arena) {
		buf_str(out, html);
		return;
	}
	htmlstack_start(&f.open, made->slots.arena);
	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (token.kind == HTML_TEXT) {
			fill_text(&f, token.bytes);
		} else if (is_no_tag(&f, &token)) {
			fill_no_tag(&f, &token);
		} else if (token.kind == HTML_OPEN && html_is(&token, "p")) {
			start_paragraph(&f, &token);
		} else if (f.open.depth && token.kind == HTML_OPEN) {
			fill_open(&f, &token);
		} else if (f.open.depth && token.kind == HTML_CLOSE) {
			fill_close(&f, &token);
		} else {
			f.visible = true;
			put_token(&f, &token);
		}
	}
}
