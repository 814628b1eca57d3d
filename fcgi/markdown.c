/* markdown.c: which engine renders a text, and what both engines say the same
 * way: dividers, heading ids, footnotes (as Hugo's renderer writes them). */
#include "markdown.h"

#include "escape.h"
#include "html.h"
#include "markdown_commonmark.h"
#include "markdown_discount.h"

int markdown_render(struct str body, const struct markdown_options *options, struct buf *html,
		    struct buf *err)
{
	switch (options->engine) {
	case MARKDOWN_DISCOUNT: return markdown_discount(body, options, html, err);
	case MARKDOWN_COMMONMARK: return markdown_commonmark(body, options, html, err);
	}
	buf_puts(err, "no such Markdown engine");
	return -1;
}

void markdown_escape(struct str text, struct buf *out)
{
	while (text.n) {
		size_t n = str_find_char(text, '\'');
		escape_html(out, str_head(text, n));
		if (n < text.n)
			buf_char(out, '\'');
		text = str_skip(text, n + 1);
	}
}

bool markdown_is_divider(struct str comment)
{
	if (!str_starts(comment, "<!--") || !str_ends(comment, "-->") || comment.n < 11)
		return false;
	struct str inside = str_trim((struct str){comment.p + 4, comment.n - 7});
	if (!str_is_fold(str_head(inside, 4), "more"))
		return false;
	return inside.n == 4 || ascii_space(inside.p[4]);
}

void markdown_keep_dividers(struct str html, struct buf *out)
{
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, html);
	while (html_next(&reader, &token))
		if (token.kind == HTML_COMMENT && markdown_is_divider(token.bytes))
			buf_str(out, token.bytes);
}

/* A browser drops control bytes and leading spaces before it reads the scheme
 * (WHATWG URL §4.4). */
bool markdown_is_safe_url(struct str url, bool image)
{
	static const char *const images[] = {"image/png", "image/gif", "image/jpeg", "image/webp"};
	char start[24];
	size_t n = 0;

	for (size_t i = 0; i < url.n && n < sizeof(start); i++)
		if ((unsigned char)url.p[i] > ' ')
			start[n++] = ascii_lower(url.p[i]);
	struct str s = {start, n};
	if (str_starts(s, "javascript:") || str_starts(s, "vbscript:"))
		return false;
	if (!str_starts(s, "data:"))
		return true;
	for (size_t i = 0; image && i < sizeof(images) / sizeof(images[0]); i++)
		if (str_starts(str_skip(s, 5), images[i]))
			return true;
	return false;
}

bool markdown_heading_id(struct str *text, struct str *id)
{
	struct str s = *text; /* what stands before it may follow a code span: its space counts */
	while (s.n && ascii_space(s.p[s.n - 1]))
		s.n--;
	size_t start = s.n;

	if (!str_ends(s, "}"))
		return false;
	while (start > 0 && s.p[start - 1] != '{')
		start--;
	struct str inside = str_head(str_skip(s, start), s.n - start - 1);
	if (start == 0 || inside.n < 2 || inside.p[0] != '#')
		return false;
	inside = str_skip(inside, 1);
	for (size_t i = 0; i < inside.n; i++)
		if (ascii_space(inside.p[i]) || strchr("\"'<>&`=\\", inside.p[i]))
			return false;
	*id = inside;
	*text = (struct str){s.p, start - 1};
	while (text->n && ascii_space(text->p[text->n - 1]))
		text->n--;
	return true;
}

/* goldmark: "fnref:2" for the first reference to note 2, then "fnref1:2". */
static void reference_id(size_t number, unsigned nth, struct buf *out)
{
	if (nth)
		buf_printf(out, "fnref%u:%zu", nth, number);
	else
		buf_printf(out, "fnref:%zu", number);
}

void markdown_footnote_reference(size_t number, unsigned nth, struct buf *out)
{
	buf_puts(out, "<sup id=\"");
	reference_id(number, nth, out);
	buf_printf(out, "\"><a href=\"#fn:%zu\" class=\"footnote-ref\"", number);
	buf_printf(out, " role=\"doc-noteref\">%zu</a></sup>", number);
}

void markdown_footnote_backlink(size_t number, unsigned nth, struct buf *out)
{
	buf_puts(out, "&#160;<a href=\"#");
	reference_id(number, nth, out);
	buf_puts(out, "\" class=\"footnote-backref\" role=\"doc-backlink\">&#x21a9;&#xfe0e;</a>");
}
