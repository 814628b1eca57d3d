/* markdown_spans.c: code spans, HTML, links, emphasis and escapes of one text.
 *
 * A table of rules by character; what no rule takes is copied.  Delimiter runs
 * and opening brackets are marked in the output and decided when their partners
 * come (CommonMark 0.31, appendix "A parsing strategy"), emphasis itself in
 * markdown_emphasis.c.  Every rule looks ahead only as far as it consumes, or
 * remembers that there is nothing to be found: the whole is linear.
 */
#include "markdown_spans.h"

#include "markdown_emphasis.h"
#include "markdown_line.h"
#include "markdown_url.h"

enum { MAX_TICKS = 80 };

static void put_reference(struct markdown_spans *x, char c)
{
	buf_printf(&x->text, "&#%d;", c);
}

/* Discount knows 12 of the 32 characters and prints the other backslashes. */
static size_t escape(struct markdown_spans *x, struct str s)
{
	if (s.n > 1 && s.p[1] == '\n') {
		markdown_slot_put(x->slots, FIXED_BREAK, &x->text);
		return 1;
	}
	if (s.n > 1 && ascii_punct(s.p[1])) {
		put_reference(x, s.p[1]);
		return 2;
	}
	put_reference(x, '\\');
	return 1;
}

/* Takes the spaces off the end of the text; tells how many. */
static size_t trim_end(struct markdown_spans *x)
{
	size_t floor = x->n_marks ? x->marks[x->n_marks - 1].at : 0, n = x->text.n;

	while (n > floor && x->text.p[n - 1] == ' ')
		n--;
	size_t spaces = x->text.n - n;
	buf_truncate(&x->text, n);
	return spaces;
}

/* Discount breaks a line only before a line that follows in the same block,
 * and keeps one space at its end. */
static size_t line_end(struct markdown_spans *x, struct str s)
{
	if (trim_end(x) >= 2 && s.n > 1)
		markdown_slot_put(x->slots, FIXED_BREAK, &x->text);
	buf_char(&x->text, '\n');
	return 1;
}

/* Code spans ------------------------------------------------------------- */

static size_t ticks_at(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == '`')
		n++;
	return n;
}

/* The offset in the source of the run that closes one of this length, or 0. */
static size_t closing_ticks(struct markdown_spans *x, size_t from, size_t length)
{
	struct str s = x->source;

	if (length > MAX_TICKS || (x->ticks_known && x->ticks[length] < from))
		return 0;
	for (size_t i = from, n; i < s.n; i += n) {
		i += str_find_char(str_skip(s, i), '`');
		n = ticks_at(str_skip(s, i));
		if (n && n <= MAX_TICKS)
			x->ticks[n] = i;
		if (n == length)
			return i;
	}
	x->ticks_known = true;
	return 0;
}

static void put_code(struct markdown_spans *x, struct str code)
{
	struct buf plain = BUF_EMPTY, html = BUF_EMPTY;
	bool padded = code.n > 1 && strchr(" \n", code.p[0]) && strchr(" \n", code.p[code.n - 1]);

	if (padded && !markdown_line_blank(code))
		code = str_head(str_skip(code, 1), code.n - 2);
	buf_str(&plain, code);
	for (size_t i = 0; i < plain.n; i++)
		if (plain.p[i] == '\n')
			plain.p[i] = ' ';
	buf_puts(&html, "<code>");
	markdown_escape(buf_view(&plain), &html);
	buf_puts(&html, "</code>");
	markdown_slot_span(x->slots, buf_view(&html), buf_view(&plain), &x->text);
	buf_release(&plain);
	buf_release(&html);
}

/* Discount also matches runs of unlike length, and lets escapes into code. */
static size_t code_span(struct markdown_spans *x, struct str s)
{
	size_t n = ticks_at(s);
	size_t start = (size_t)(s.p - x->source.p) + n;
	size_t end = closing_ticks(x, start, n);

	if (!end) {
		for (size_t i = 0; i < n; i++)
			put_reference(x, '`');
		return n;
	}
	put_code(x, str_head(str_skip(x->source, start), end - start));
	return end + n - (start - n);
}

/* HTML and links in angle brackets ---------------------------------------- */

static void put_link(struct markdown_spans *x, const char *scheme, struct str url, struct str text)
{
	struct buf html = BUF_EMPTY, href = BUF_EMPTY;

	buf_puts(&href, scheme);
	buf_str(&href, url);
	buf_puts(&html, "<a href=\"");
	if (markdown_is_safe_url(buf_view(&href), false))
		markdown_link_url(buf_view(&href), &html);
	buf_puts(&html, "\">");
	markdown_escape(text, &html);
	buf_puts(&html, "</a>");
	markdown_slot_span(x->slots, buf_view(&html), text, &x->text);
	buf_release(&html);
	buf_release(&href);
}

/* Where it is remembered that constructs of the kind at s end no more; NULL for
 * those that need no search. */
static bool *end_memory(struct markdown_spans *x, struct str s)
{
	static const char *const starts[] = {"<!--", "<?", "<![CDATA["};
	enum { N = sizeof(starts) / sizeof(starts[0]) };

	for (size_t i = 0; i < N; i++)
		if (str_starts(s, starts[i]))
			return &x->no_end[i];
	return s.n > 2 && s.p[1] == '!' && ascii_alpha(s.p[2]) ? &x->no_end[N] : NULL;
}

/* Discount takes any <word …> for a tag, and a comment only without ">" in it. */
static size_t angle(struct markdown_spans *x, struct str s)
{
	struct str url;
	bool *no_end = end_memory(x, s);
	size_t n = markdown_url_angle(s, &url);

	if (n) {
		bool mail = str_find_char(url, ':') == url.n;
		put_link(x, mail ? "mailto:" : "", url, url);
		return n;
	}
	n = no_end && *no_end ? 0 : markdown_html_length(s);
	if (!n) {
		if (no_end)
			*no_end = true;
		buf_puts(&x->text, "&lt;");
		return 1;
	}
	struct str html = str_head(s, n);
	if (x->options->safe && !markdown_is_divider(html))
		html = STR_LIT("");
	markdown_slot_span(x->slots, html, STR_LIT(""), &x->text);
	return n;
}

/* Bare URLs ----------------------------------------------------------------- */

/* Discount's own autolinks cost a search for each word and end elsewhere.  In
 * brackets, which may be a link, an address alone is one (as GitHub has it). */
static size_t bare_link(struct markdown_spans *x, struct str s)
{
	struct markdown_bare_url found;
	size_t at = (size_t)(s.p - x->source.p);

	if (x->last_bracket >= 0 && s.p[0] != '@')
		return 0;
	if (!markdown_url_bare(x->source, x->plain_from, at, &found))
		return 0;
	buf_truncate(&x->text, x->text.n - found.before);
	put_link(x, found.scheme, found.text, found.text);
	x->slots->v[x->slots->n - 1].address = s.p[0] == '@';
	return found.text.n - found.before;
}

/* Brackets -------------------------------------------------------------------- */

static size_t bracket_open(struct markdown_spans *x, struct str s)
{
	bool image = s.p[0] == '!';

	if (image && (s.n < 2 || s.p[1] != '['))
		return 0;
	int mark = markdown_emphasis_mark(x, s.p[0], image ? 2 : 1);
	x->marks[mark].source = (size_t)(s.p - x->source.p) + (image ? 2 : 1);
	x->marks[mark].previous = x->last_bracket;
	x->marks[mark].floor = x->last_run;
	x->marks[mark].first_slot = x->slots->n;
	x->marks[mark].active = true;
	x->last_bracket = mark;
	return image ? 2 : 1;
}

/* [^name]: discount shows a second reference to a note as text. */
static bool note_reference(struct markdown_spans *x, int opener, struct str inside)
{
	const struct markdown_reference *note = NULL;
	struct buf html = BUF_EMPTY;

	if (inside.n > 1 && inside.p[0] == '^')
		note = markdown_references_find(x->notes, inside);
	if (!note)
		return false;
	struct markdown_note_use *use = &x->uses[note - x->notes->v];
	if (!use->number)
		use->number = ++x->n_used;
	markdown_footnote_reference(use->number, use->times++, &html);
	bool image = x->marks[opener].character == '!';
	markdown_emphasis_cut(x, opener);
	if (image)
		put_reference(x, '!');
	markdown_slot_span(x->slots, buf_view(&html), STR_LIT(""), &x->text);
	buf_release(&html);
	return true;
}

/* What the brackets link to.  Returns the bytes after "]" that say it; *found
 * tells whether they are a link at all. */
static size_t link_target(struct markdown_spans *x, struct str after, struct str inside,
			  bool has_brackets, struct markdown_target *target, bool *found)
{
	const struct markdown_reference *reference;
	struct str label = inside;
	size_t n = markdown_link_inline(after, target);

	*found = n > 0;
	if (n)
		return n;
	n = markdown_link_label(after, &label);
	if (!label.n || (!n && has_brackets))
		label = inside;
	if (n <= 2 && has_brackets)
		return 0;
	reference = markdown_references_find(x->references, label);
	*found = reference != NULL;
	if (reference)
		*target = reference->target;
	return reference ? n : 0;
}

/* No link within a link: brackets around this one are text, and so are
 * addresses in it. */
static void close_around(struct markdown_spans *x, const struct markdown_mark *link)
{
	for (int i = link->previous; i >= 0 && x->marks[i].active; i = x->marks[i].previous)
		if (x->marks[i].character == '[')
			x->marks[i].active = false;
	for (size_t i = link->first_slot; i < x->slots->n; i++)
		if (x->slots->v[i].address)
			x->slots->v[i].html = x->slots->v[i].source;
}

static void put_target(struct markdown_spans *x, const struct markdown_target *target, bool image)
{
	struct markdown_slot slot = {.kind = SLOT_TARGET};
	struct buf value = BUF_EMPTY;

	markdown_link_write(target, image, &value);
	slot.html = arena_str(x->slots->arena, buf_view(&value));
	buf_reset(&value);
	markdown_link_title(target->title, &value);
	slot.source = arena_str(x->slots->arena, buf_view(&value));
	buf_release(&value);
	buf_puts(&x->text, "](");
	markdown_slot_put(x->slots, markdown_slot_add(x->slots, slot), &x->text);
	buf_char(&x->text, ')');
}

/* Discount ends a target at the first ")" or at a quote, and reads
 * definitions only at the left margin. */
static size_t bracket_close(struct markdown_spans *x, struct str s)
{
	size_t at = (size_t)(s.p - x->source.p);
	struct markdown_target target;
	int opener = x->last_bracket;
	bool found = false;

	if (opener < 0) {
		put_reference(x, ']');
		return 1;
	}
	struct markdown_mark *mark = &x->marks[opener];
	struct str inside = str_head(str_skip(x->source, mark->source), at - mark->source);
	bool image = mark->character == '!';
	size_t n = 0;
	x->last_bracket = mark->previous;
	if (mark->active || image)
		n = link_target(x, str_skip(s, 1), inside, mark->has_brackets, &target, &found);
	if (mark->previous >= 0)
		x->marks[mark->previous].has_brackets = true;
	if (!found) {
		if (!note_reference(x, opener, inside))
			put_reference(x, ']');
		return 1;
	}
	mark->link = true;
	markdown_emphasis_match(x, mark->floor);
	if (!image)
		close_around(x, mark);
	put_target(x, &target, image);
	return 1 + n;
}

/* The table ------------------------------------------------------------------- */

typedef size_t rule(struct markdown_spans *x, struct str s);

static rule *const RULES[256] = {
	['\\'] = escape,
	['\n'] = line_end,
	['`'] = code_span,
	['<'] = angle,
	['['] = bracket_open,
	['!'] = bracket_open,
	[']'] = bracket_close,
	['*'] = markdown_emphasis_run,
	['_'] = markdown_emphasis_run,
	['~'] = markdown_emphasis_run,
	[':'] = bare_link,
	['w'] = bare_link,
	['@'] = bare_link,
};

void markdown_spans_write(struct markdown_spans *x, struct str source, struct buf *out)
{
	x->source = source;
	x->plain_from = 0;
	buf_reset(&x->text);
	x->n_marks = x->n_tags = 0;
	x->last_run = x->last_bracket = -1;
	memset(x->no_end, 0, sizeof(x->no_end));
	memset(x->ticks, 0, sizeof(x->ticks));
	x->ticks_known = false;
	for (size_t i = 0, plain = 0; i < source.n;) {
		rule *take = RULES[(unsigned char)source.p[i]];
		/* Copied before the rule looks: some take back what stands before. */
		if (take) {
			buf_str(&x->text, str_head(str_skip(source, plain), i - plain));
			plain = i;
		}
		size_t n = take ? take(x, str_skip(source, i)) : 0;
		i += n ? n : 1;
		if (n)
			plain = x->plain_from = i;
		if (i == source.n)
			buf_str(&x->text, str_skip(source, plain));
	}
	trim_end(x);
	markdown_emphasis_match(x, -1);
	markdown_emphasis_write(x, out);
}

void markdown_spans_release(struct markdown_spans *x)
{
	buf_release(&x->text);
}
