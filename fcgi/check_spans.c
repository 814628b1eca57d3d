/* check_spans.c: a leaf -> its links, images, notes, tags, dividers, with offsets.
 *
 * Brackets after CommonMark 0.31 (appendix "A parsing strategy"), without
 * emphasis, which moves none of them.  Every rule looks ahead only as far as it
 * consumes, as far as a limit, or remembers that there is nothing to be found.
 */
#include "check_spans.h"

#include "markdown.h"
#include "markdown_line.h"
#include "markdown_url.h"
#include "text.h"

enum {
	MAX_TICKS = 80,
	LOOK_AHEAD = 4096, /* bytes for a tag, or for what follows "](" */
	MARGIN = 100,      /* bytes of indentation and backticks around a divider */
};

struct bracket {
	size_t at;
	bool image, has_brackets;
};

struct code {
	size_t from, to;
};

struct spans {
	struct check_source *out;
	struct str s; /* the leaf, in out->text */
	size_t base;  /* its offset */
	CHECK_LIST(struct bracket) open;
	CHECK_LIST(struct code) codes;
	bool no_ticks[MAX_TICKS + 1]; /* no run of this length follows */
	bool no_comment;
};

/* --- dividers and tags ------------------------------------------------------- */

/* Nothing but spaces and backticks around it, on its line. */
static bool stands_alone(const struct check_source *out, size_t from, size_t to)
{
	for (int i = 0; i < MARGIN && from > 0 && strchr(" \t`", out->text[from - 1]); i++)
		from--;
	for (int i = 0; i < MARGIN && to < out->n && strchr(" \t`", out->text[to]); i++)
		to++;
	return (from == 0 || out->text[from - 1] == '\n') &&
	       (to == out->n || out->text[to] == '\n');
}

static void add_divider(struct check_source *out, size_t from, size_t to, bool in_code)
{
	*CHECK_ADD(out->arena, out->dividers) =
		(struct check_divider){from, in_code, stands_alone(out, from, to)};
}

void check_spans_code(struct check_source *out, size_t from, size_t to)
{
	struct str code = {out->text + from, to - from};

	for (size_t i = 0, end; (i += str_find(str_skip(code, i), "<!--")) < code.n; i += 4) {
		struct str rest = str_skip(code, i);
		end = str_find(str_head(rest, LOOK_AHEAD), "-->");
		if (end + 3 <= rest.n && markdown_is_divider(str_head(rest, end + 3)))
			add_divider(out, from + i, from + i + end + 3, true);
	}
	for (size_t i = from; i < to; i++)
		if (out->text[i] != '\n')
			out->text[i] = ' ';
}

static struct str plain(struct arena *arena, struct str attribute)
{
	struct buf out = BUF_EMPTY;

	text_unescape(attribute, &out);
	struct str text = arena_str(arena, str_trim(buf_view(&out)));
	buf_release(&out);
	return text;
}

/* Hidden from those who would hear the alt text, or said to need none. */
static bool needs_alt(const struct html_token *token)
{
	struct str value;

	if (html_attribute_find(token, "alt", &value))
		return false;
	if (html_attribute_find(token, "role", &value) &&
	    (str_is_fold(str_trim(value), "presentation") || str_is_fold(str_trim(value), "none")))
		return false;
	return !(html_attribute_find(token, "aria-hidden", &value) &&
		 str_is_fold(str_trim(value), "true"));
}

static void add_token(struct check_source *out, const struct html_token *token)
{
	size_t at = (size_t)(token->bytes.p - out->text);
	struct str value;

	if (token->kind == HTML_COMMENT && markdown_is_divider(token->bytes))
		add_divider(out, at, at + token->bytes.n, false);
	if (token->unfinished)
		*CHECK_ADD(out->arena, out->unended) = at;
	if ((token->kind != HTML_OPEN && token->kind != HTML_CLOSE) || token->unfinished)
		return;
	*CHECK_ADD(out->arena, out->tags) = (struct check_tag){at, *token};
	bool image = html_is(token, "img");
	if ((image && html_attribute_find(token, "src", &value)) ||
	    (html_is(token, "a") && html_attribute_find(token, "href", &value)))
		*CHECK_ADD(out->arena, out->links) = (struct check_link){
			.at = at,
			.target = (size_t)(value.p - out->text),
			.url = plain(out->arena, value),
			.image = image,
			.no_alt = image && needs_alt(token),
		};
}

static void read_html(struct check_source *out, const struct check_leaf *leaf)
{
	struct html_reader reader;
	struct html_token token;
	size_t verbatim = 0;

	html_start(&reader, (struct str){out->text + leaf->from, leaf->to - leaf->from});
	while (html_next(&reader, &token)) {
		bool inside = html_is_verbatim(token.name);
		if (token.kind == HTML_OPEN && inside && !token.self_closing)
			verbatim++;
		else if (token.kind == HTML_CLOSE && inside && verbatim)
			verbatim--;
		add_token(out, &token);
		if (token.kind == HTML_RAW || (token.kind == HTML_TEXT && verbatim))
			check_spans_code(out, (size_t)(token.bytes.p - out->text),
					 (size_t)(token.bytes.p + token.bytes.n - out->text));
	}
}

/* --- code spans and angle brackets ------------------------------------------- */

static size_t ticks_at(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == '`')
		n++;
	return n;
}

static size_t take_code(struct spans *x, size_t at)
{
	size_t length = ticks_at(str_skip(x->s, at)), n;

	if (length > MAX_TICKS || x->no_ticks[length])
		return length;
	for (size_t i = at + length; i < x->s.n; i += n) {
		i += str_find_char(str_skip(x->s, i), '`');
		n = ticks_at(str_skip(x->s, i));
		if (n == length) {
			*CHECK_ADD(x->out->arena, x->codes) =
				(struct code){x->base + at, x->base + i + n};
			return i + n - at;
		}
	}
	x->no_ticks[length] = true;
	return length;
}

static size_t take_angle(struct spans *x, size_t at)
{
	struct str s = str_skip(x->s, at), url;
	bool comment = str_starts(s, "<!--");
	struct html_reader reader;
	struct html_token token;
	size_t n = markdown_url_angle(str_head(s, LOOK_AHEAD), &url);

	if (n)
		return n;
	if (comment && x->no_comment)
		return 1;
	n = markdown_html_length(comment ? s : str_head(s, LOOK_AHEAD));
	x->no_comment |= comment && !n;
	if (!n)
		return 1;
	html_start(&reader, str_head(s, n));
	if (html_next(&reader, &token))
		add_token(x->out, &token);
	return n;
}

/* --- brackets ---------------------------------------------------------------- */

static size_t open_bracket(struct spans *x, size_t at)
{
	bool image = x->s.p[at] == '!';

	if (image && (at + 1 == x->s.n || x->s.p[at + 1] != '['))
		return 1;
	*CHECK_ADD(x->out->arena, x->open) = (struct bracket){.at = at, .image = image};
	return image ? 2 : 1;
}

static void add_link(struct spans *x, const struct bracket *opener, struct str inside,
		     struct str url, size_t at)
{
	struct check_source *out = x->out;
	struct buf attribute = BUF_EMPTY;

	markdown_link_title(url, &attribute); /* escapes resolved, nothing encoded */
	*CHECK_ADD(out->arena, out->links) = (struct check_link){
		.at = x->base + opener->at,
		.target = at,
		.url = plain(out->arena, buf_view(&attribute)),
		.image = opener->image,
		.no_alt = opener->image && !str_trim(inside).n,
	};
	buf_release(&attribute);
}

/* A reference to something that is not defined: [text][label], [text][], [^note]. */
static void add_dangling(struct spans *x, const struct bracket *opener, struct str inside,
			 size_t label_length, struct str label)
{
	struct check_source *out = x->out;
	size_t at = x->base + opener->at;

	if (str_starts(inside, "^")) {
		if (!opener->image && !markdown_references_find(&out->notes, inside))
			*CHECK_ADD(out->arena, out->notes_dangling) =
				(struct check_dangling){at, STR_LIT(""), inside};
	} else if (label_length && !str_starts(label, "^")) {
		*CHECK_ADD(out->arena, out->links_dangling) =
			(struct check_dangling){at, inside, label};
	}
}

static size_t close_bracket(struct spans *x, size_t at)
{
	struct check_source *out = x->out;
	struct str after = str_skip(x->s, at + 1);
	struct markdown_target target;
	const struct markdown_reference *reference;

	if (!x->open.count)
		return 1;
	struct bracket opener = x->open.at[--x->open.count];
	if (x->open.count)
		x->open.at[x->open.count - 1].has_brackets = true;
	size_t from = opener.at + (opener.image ? 2 : 1);
	struct str inside = str_head(str_skip(x->s, from), at - from);
	/* An image may hold its own data: that is consumed, not searched. */
	size_t n = markdown_link_inline(
		str_starts(after, "(data:") ? after : str_head(after, LOOK_AHEAD), &target);
	if (n) {
		add_link(x, &opener, inside, target.url, (size_t)(target.url.p - out->text));
		return 1 + n;
	}
	struct str label = inside;
	n = markdown_link_label(after, &label);
	if (!label.n || !n)
		label = inside;
	if (n <= 2 && opener.has_brackets)
		return 1;
	reference = markdown_references_find(&out->references, label);
	if (!reference) {
		add_dangling(x, &opener, inside, n, label);
		return 1;
	}
	add_link(x, &opener, inside, reference->target.url, out->targets.at[reference->order]);
	return 1 + n;
}

/* --- the leaf ---------------------------------------------------------------- */

static size_t take(struct spans *x, size_t at)
{
	switch (x->s.p[at]) {
	case '\\': return at + 1 < x->s.n && ascii_punct(x->s.p[at + 1]) ? 2 : 1;
	case '`': return take_code(x, at);
	case '<': return take_angle(x, at);
	case '!':
	case '[': return open_bracket(x, at);
	case ']': return close_bracket(x, at);
	default: return 1;
	}
}

void check_spans_read(struct check_source *out, const struct check_leaf *leaf)
{
	struct spans x = {
		.out = out,
		.s = {out->text + leaf->from, leaf->to - leaf->from},
		.base = leaf->from,
	};

	if (leaf->html) {
		read_html(out, leaf);
		return;
	}
	for (size_t i = 0; i < x.s.n;)
		i += take(&x, i);
	/* Only now: until here code was part of labels. */
	for (size_t i = 0; i < x.codes.count; i++)
		check_spans_code(out, x.codes.at[i].from, x.codes.at[i].to);
}
