/* check_text.c: what an author wrote and a reader will not see as it was meant.
 *
 * The source says where, the HTML whether: brackets that look like a reference
 * may as well be a regular expression in a code block that check_source.c took
 * for text.  No rule is about taste or style.
 */
#include "check_text.h"

#include "markdown.h"
#include "shortcode_scan.h"
#include "text.h"

/* The source's own bytes: check_source.c writes over its copy. */
static struct str original(const struct check_report *r, const struct check_source *source,
			   struct str s)
{
	return str_head(str_skip(r->source, (size_t)(s.p - source->text)), s.n);
}

/* --- what a reader sees ------------------------------------------------------ */

struct seen {
	struct buf text; /* outside code, with start tags; references resolved */
	size_t dividers;
	bool before_divider; /* something stands before the first */
	bool cut_off;        /* a tag or comment goes on to the end */
};

static bool is_visible(const struct html_token *token)
{
	static const char *const shown[] = {"img", "video", "audio", "iframe", "object", "embed",
					    "svg", "hr",    "input", "canvas", "math",   NULL};

	if (token->kind == HTML_TEXT)
		return str_trim(token->bytes).n > 0;
	for (size_t i = 0; token->kind == HTML_OPEN && shown[i]; i++)
		if (html_is(token, shown[i]))
			return true;
	return false;
}

static void see(struct str html, struct seen *seen)
{
	struct html_reader reader;
	struct html_token token;
	size_t verbatim = 0;

	*seen = (struct seen){.text = BUF_EMPTY};
	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		bool code = html_is_verbatim(token.name);
		seen->cut_off = token.unfinished;
		if (token.kind == HTML_OPEN && code && !token.self_closing)
			verbatim++;
		else if (token.kind == HTML_CLOSE && code && verbatim)
			verbatim--;
		else if (token.kind == HTML_TEXT && !verbatim)
			text_unescape(token.bytes, &seen->text);
		else if (token.kind == HTML_OPEN)
			text_unescape(token.bytes, &seen->text);
		if (token.kind == HTML_COMMENT && markdown_is_divider(token.bytes))
			seen->dividers++;
		else if (!seen->dividers)
			seen->before_divider |= is_visible(&token);
	}
}

/* --- divider/… --------------------------------------------------------------- */

static void check_dividers(struct check_report *r, const struct check_source *source,
			   const struct seen *seen)
{
	const struct check_divider *in_code = NULL;
	size_t outside = 0;

	for (size_t i = 0; i < source->dividers.count; i++) {
		const struct check_divider *divider = &source->dividers.at[i];
		if (divider->in_code && divider->alone && !in_code)
			in_code = divider;
		outside += !divider->in_code;
	}
	if (in_code && !outside && !seen->dividers)
		check_report_at(r, in_code->at, "divider/in-code",
				"the divider is inside code, where it divides nothing");
	if (outside != seen->dividers)
		return;
	outside = 0;
	for (size_t i = 0; i < source->dividers.count; i++) {
		const struct check_divider *divider = &source->dividers.at[i];
		if (divider->in_code)
			continue;
		if (outside++)
			check_report_at(r, divider->at, "divider/second",
					"only the first divider counts");
		else if (!seen->before_divider)
			check_report_at(r, divider->at, "divider/first",
					"nothing stands before the divider: the excerpt is empty");
	}
}

/* --- reference/undefined, footnote/undefined --------------------------------- */

static bool in_word(char c)
{
	return ascii_alnum(c) || (c && strchr("_$)]", c));
}

static bool only_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return true;
}

/* "a-z", "A-Za-z0-9_": a class of characters in a regular expression. */
static bool is_class(struct str s)
{
	size_t i = 0;

	while (i + 2 < s.n && s.p[i + 1] == '-' && ascii_alnum(s.p[i]) && ascii_alnum(s.p[i + 2]))
		i += 3;
	return i > 0 && str_find_char(str_skip(s, i), ' ') == s.n - i && s.n - i < 3;
}

/* "matrix[i][j]" is no reference, and neither are "[1][2]", "[a-z][0-9]" and
 * the empty brackets of a type. */
static bool is_reference(const struct check_report *r, const struct check_dangling *d,
			 struct str text)
{
	if (!str_trim(text).n || (d->at && in_word(r->source.p[d->at - 1])))
		return false;
	if (is_class(text) || is_class(d->label) || (text.n == 1 && d->label.n <= 1))
		return false;
	return !only_digits(text) || !only_digits(d->label);
}

static void tell_dangling(struct check_report *r, const struct check_dangling *d, struct str label)
{
	const char *line = arena_printf(r->arena, "\n[%.*s]:", STR_ARG(label)).p;
	bool there = str_find(r->source, line) < r->source.n;

	check_report_at(r, d->at, "reference/undefined",
			there ? "the line \"[%s]:\" has no address, or one with spaces"
			      : "no line \"[%s]: address\" says where this leads",
			check_report_shown(r->arena, label));
}

static void check_references(struct check_report *r, const struct check_source *source,
			     const struct seen *seen)
{
	bool shown = str_find(buf_view(&seen->text), "][") < seen->text.n;

	for (size_t i = 0; shown && i < source->links_dangling.count; i++) {
		const struct check_dangling *d = &source->links_dangling.at[i];
		if (is_reference(r, d, original(r, source, d->text)))
			tell_dangling(r, d, str_trim(original(r, source, d->label)));
	}
}

/* "[^a-z]" and "[^,]+" are classes of a regular expression. */
static bool is_note(const struct check_report *r, const struct check_dangling *d)
{
	struct str name = str_skip(d->label, 1),
		   after = str_skip(r->source, d->at + d->label.n + 2);

	if (!name.n || is_class(name) || (after.n && strchr("*+?{[", after.p[0])))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_alnum(name.p[i]) && !strchr("-_.:", name.p[i]) &&
		    (unsigned char)name.p[i] < 0x80)
			return false;
	return true;
}

static void check_notes(struct check_report *r, const struct check_source *source,
			const struct seen *seen)
{
	for (size_t i = 0; i < source->notes_dangling.count; i++) {
		const struct check_dangling *d = &source->notes_dangling.at[i];
		const char *written = arena_printf(r->arena, "[%.*s]", STR_ARG(d->label)).p;
		if (is_note(r, d) && str_find(buf_view(&seen->text), written) < seen->text.n)
			check_report_at(r, d->at, "footnote/undefined", "the note %s has no text",
					check_report_shown(r->arena, str_from(written)));
	}
}

/* --- html/unbalanced --------------------------------------------------------- */

enum { NEAR = 512 /* open elements among which the start of an end tag is looked for */ };

struct open_tag {
	const struct check_tag *tag;
	bool foreign; /* one of SVG or MathML */
	size_t known; /* how many are open up to the last that a browser knows */
};

struct balance {
	struct check_report *r;
	struct open_tag *open; /* room for all tags */
	size_t depth;
	const struct check_tag **crossed; /* reported as left open: their end tags are not stray */
	size_t crossed_count;
};

/* HTML standard §13.1.2.4: elements whose end tag may be left out. */
static bool may_stay_open(struct str name)
{
	static const char *const list[] = {"p",      "li",       "dt",       "dd",      "td",
					   "th",     "tr",       "tbody",    "thead",   "tfoot",
					   "option", "optgroup", "colgroup", "caption", "rt",
					   "rp",     "html",     "head",     "body",    NULL};

	return str_among(name, list);
}

static bool was_crossed(const struct balance *b, struct str name)
{
	for (size_t i = b->crossed_count; i-- > 0 && b->crossed_count - i <= NEAR;)
		if (str_eq_fold(b->crossed[i]->token.name, name))
			return true;
	return false;
}

static void left_open(struct balance *b, const struct open_tag *open)
{
	const struct check_tag *tag = open->tag;
	struct str name = tag->token.name;

	if (may_stay_open(name))
		return;
	bool again = was_crossed(b, name);
	if (!again)
		b->crossed[b->crossed_count++] = tag;
	if (open->foreign || html_is_known(name))
		check_report_at(b->r, tag->at, "html/unbalanced", "<%.*s%s> has no end tag",
				STR_ARG(name), tag->token.self_closing ? "/" : "");
	else if (!again) /* in a chat log every line begins with one */
		check_report_at(b->r, tag->at, "html/unbalanced",
				"<%.*s> is taken for HTML and not shown; "
				"&lt;%.*s> or `<%.*s>` would be",
				STR_ARG(name), STR_ARG(name), STR_ARG(name));
}

static bool in_foreign(const struct balance *b)
{
	return b->depth && b->open[b->depth - 1].foreign;
}

static void open_one(struct balance *b, const struct check_tag *tag)
{
	struct str name = tag->token.name;
	bool foreign = in_foreign(b) || html_is(&tag->token, "svg") || html_is(&tag->token, "math");
	size_t known = b->depth ? b->open[b->depth - 1].known : 0;

	/* "/>" ends an element only in SVG and MathML. */
	if (html_is_void(name) || (foreign && tag->token.self_closing))
		return;
	if (foreign || html_is_known(name))
		known = b->depth + 1;
	b->open[b->depth++] = (struct open_tag){tag, foreign, known};
}

/* How many are open up to the one that an end tag ends, or 0.  Between a <div>
 * and its end there may be a thousand names in angle brackets. */
static size_t find_open(const struct balance *b, struct str name)
{
	bool known = in_foreign(b) || html_is_known(name);
	size_t i = b->depth;

	for (size_t n = 0; i && n < NEAR; n++, i--) {
		if (known)
			i = b->open[i - 1].known;
		if (!i || str_eq_fold(b->open[i - 1].tag->token.name, name))
			return i;
	}
	return 0;
}

static void close_one(struct balance *b, const struct check_tag *tag)
{
	size_t found = find_open(b, tag->token.name);

	if (found) {
		for (size_t k = found; k < b->depth; k++)
			left_open(b, &b->open[k]);
		b->depth = found - 1;
	} else if (!html_is_void(tag->token.name) && !was_crossed(b, tag->token.name)) {
		check_report_at(b->r, tag->at, "html/unbalanced", "</%.*s> ends nothing",
				STR_ARG(tag->token.name));
	}
}

/* Tags inside a shortcode's own are its affair, and so is what one shows as it
 * is.  *i: the first that does not end before. */
static bool in_shortcode(const struct shortcode_list *list, size_t at, size_t *i)
{
	for (; *i < list->n; ++*i) {
		const struct shortcode_found *found = &list->v[*i];
		bool raw = found->partner != SHORTCODE_ALONE && shortcode_is_raw(found->tag.name);
		const struct shortcode_found *last = raw ? &list->v[found->partner] : found;
		if (at < last->end)
			return at >= found->start;
	}
	return false;
}

static void check_balance(struct check_report *r, const struct check_source *source)
{
	size_t count = source->tags.count, next = 0;
	struct shortcode_list shortcodes;
	struct balance b = {
		.r = r,
		.open = ARENA_ARRAY(r->arena, count + 1, struct open_tag),
		.crossed = ARENA_ARRAY(r->arena, count + 1, const struct check_tag *),
	};

	shortcode_scan(r->arena, r->source, &shortcodes);
	for (size_t i = 0; i < count; i++) {
		const struct check_tag *tag = &source->tags.at[i];
		if (in_shortcode(&shortcodes, tag->at, &next))
			continue;
		if (tag->token.kind == HTML_OPEN)
			open_one(&b, tag);
		else
			close_one(&b, tag);
	}
	for (size_t i = 0; i < b.depth; i++)
		left_open(&b, &b.open[i]);
}

/* Of comments the first that nothing ends, of tags the last. */
static void check_end(struct check_report *r, const struct check_source *source,
		      const struct seen *seen)
{
	size_t count = seen->cut_off ? source->unended.count : 0;

	for (size_t i = 0; i < count; i++) {
		struct str rest = str_skip(r->source, source->unended.at[i]);
		bool comment = str_starts(rest, "<!");
		if (comment ? str_find(rest, "-->") < rest.n : i + 1 < count)
			continue;
		check_report_at(r, source->unended.at[i], "html/unbalanced",
				"this %s has no end: what follows is not shown",
				comment ? "comment" : "tag");
		return;
	}
}

void check_text(struct check_report *report, const struct check_source *source, struct str html,
		bool raw_html)
{
	struct seen seen;

	see(html, &seen);
	check_dividers(report, source, &seen);
	check_references(report, source, &seen);
	check_notes(report, source, &seen);
	if (raw_html) {
		check_balance(report, source);
		check_end(report, source, &seen);
	}
	buf_release(&seen.text);
}
