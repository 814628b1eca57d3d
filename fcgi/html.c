/* html.c: any bytes -> tags, comments, raw text and text, in order.
 *
 * In:  HTML of renderers and authors.  Out: slices of it; nothing is copied.
 * Source: HTML standard §13.2.5, as far as it decides where a token ends.
 * Builds no tree, closes no element, resolves no reference; scripts that hold
 * "<!--<script>" end at the first </script> (no double-escaped state).
 * Every function is linear in what it reads, and no byte is read again later.
 */
#include "html.h"

bool html_is_void(struct str name)
{
	static const char *const list[] = {"area",  "base",   "br",    "col",  "embed",
					   "hr",    "img",    "input", "link", "meta",
					   "param", "source", "track", "wbr",  NULL};
	return str_among(name, list);
}

bool html_is_block(struct str name)
{
	static const char *const list[] = {
		"address", "article",  "aside",      "blockquote", "body",   "br",   "canvas",
		"caption", "center",   "dd",         "details",    "dialog", "div",  "dl",
		"dt",      "fieldset", "figcaption", "figure",     "footer", "form", "h1",
		"h2",      "h3",       "h4",         "h5",         "h6",     "head", "header",
		"hgroup",  "hr",       "html",       "iframe",     "legend", "li",   "main",
		"menu",    "nav",      "ol",         "option",     "p",      "pre",  "section",
		"summary", "table",    "tbody",      "td",         "tfoot",  "th",   "thead",
		"title",   "tr",       "ul",         "video",      NULL};
	return str_among(name, list);
}

bool html_is_known(struct str name)
{
	static const char *const list[] = {
		"a",       "abbr",     "acronym",  "audio",  "b",        "bdi",      "bdo",
		"big",     "blink",    "button",   "cite",   "data",     "datalist", "del",
		"dfn",     "em",       "embed",    "font",   "frameset", "i",        "iframe",
		"ins",     "label",    "map",      "mark",   "marquee",  "meter",    "nobr",
		"noembed", "noframes", "noscript", "object", "output",   "picture",  "progress",
		"q",       "ruby",     "s",        "search", "select",   "slot",     "small",
		"span",    "strike",   "strong",   "sub",    "summary",  "sup",      "template",
		"time",    "u",        "xmp",      "colgroup", "optgroup", "rp",     "rt",
		NULL};
	return html_is_block(name) || html_is_void(name) || html_is_verbatim(name) ||
	       str_find_char(name, '-') < name.n || str_among(name, list);
}

bool html_is_verbatim(struct str name)
{
	static const char *const list[] = {"code",   "pre",   "kbd",      "samp", "var", "tt",
					   "script", "style", "textarea", "math", "svg", NULL};
	return str_among(name, list);
}

static bool has_raw_content(struct str name)
{
	static const char *const list[] = {"script",  "style",    "textarea", "title", "iframe",
					   "noembed", "noframes", "xmp",      NULL};
	return str_among(name, list);
}

void html_start(struct html_reader *reader, struct str html)
{
	*reader = (struct html_reader){.rest = html};
}

/* Length of raw text up to the end tag of `name`, or to the end. */
static size_t raw_length(struct str s, struct str name)
{
	for (size_t i = 0; i < s.n; i++) {
		i += str_find(str_skip(s, i), "</");
		struct str after = str_skip(s, i + 2);
		if (!str_eq_fold(str_head(after, name.n), name))
			continue;
		after = str_skip(after, name.n);
		if (after.n && (ascii_space(after.p[0]) || after.p[0] == '>' || after.p[0] == '/'))
			return i;
	}
	return s.n;
}

/* Length of the comment at the start of s (HTML standard §13.2.5.43 and on:
 * <!--> and <!---> are whole comments, --!> ends one too). */
static size_t comment_length(struct str s, bool *finished)
{
	*finished = true;
	if (!str_starts(s, "<!--")) {
		size_t end = str_find_char(s, '>');
		*finished = end < s.n;
		return *finished ? end + 1 : s.n;
	}
	if (str_starts(s, "<!-->"))
		return 5;
	if (str_starts(s, "<!--->"))
		return 6;
	for (size_t i = 4; i < s.n; i++) {
		i += str_find(str_skip(s, i), "--");
		struct str after = str_skip(s, i + 2);
		if (str_starts(after, ">"))
			return i + 3;
		if (str_starts(after, "!>"))
			return i + 4;
	}
	*finished = false;
	return s.n;
}

static struct str skip_spaces(struct str s)
{
	size_t n = 0;

	while (n < s.n && ascii_space(s.p[n]))
		n++;
	return str_skip(s, n);
}

/* The value after an '=' (§13.2.5.35 and on); returns what follows it. */
static struct str read_value(struct str s, struct str *value)
{
	s = skip_spaces(s);
	if (s.n && (s.p[0] == '"' || s.p[0] == '\'')) {
		struct str inside = str_skip(s, 1);
		*value = str_head(inside, str_find_char(inside, s.p[0]));
		return str_skip(inside, value->n + 1);
	}
	size_t n = 0;
	while (n < s.n && !ascii_space(s.p[n]) && s.p[n] != '>')
		n++;
	*value = str_head(s, n);
	return str_skip(s, n);
}

/* Takes the next attribute off *rest; false, and *rest at the '>' or empty,
 * where there is none. */
bool html_attribute_next(struct str *rest, struct html_attribute *attribute)
{
	struct str s = *rest;
	size_t n = 0;

	while (n < s.n && (ascii_space(s.p[n]) || s.p[n] == '/'))
		n++;
	s = str_skip(s, n);
	*rest = s;
	if (!s.n || s.p[0] == '>')
		return false;
	const char *start = s.p;
	n = 1; /* a leading '=' belongs to the name (§13.2.5.32) */
	while (n < s.n && !ascii_space(s.p[n]) && s.p[n] != '=' && s.p[n] != '/' && s.p[n] != '>')
		n++;
	attribute->name = str_head(s, n);
	attribute->value = (struct str){s.p + n, 0};
	s = str_skip(s, n);
	struct str after = skip_spaces(s);
	if (after.n && after.p[0] == '=')
		s = read_value(str_skip(after, 1), &attribute->value);
	attribute->bytes = (struct str){start, (size_t)(s.p - start)};
	*rest = s;
	return true;
}

/* Reads the tag at the start of s: names, attributes, and where it ends.  A
 * '>' inside a quoted value ends nothing, and the '/' of <a href=/x/> is the
 * value's. */
static void read_tag(struct str s, struct html_token *token)
{
	struct html_attribute attribute;
	struct str inside = str_skip(s, s.p[1] == '/' ? 2 : 1), rest;
	size_t n = 0;

	while (n < inside.n && !ascii_space(inside.p[n]) && inside.p[n] != '/' &&
	       inside.p[n] != '>')
		n++;
	token->kind = s.p[1] == '/' ? HTML_CLOSE : HTML_OPEN;
	token->name = str_head(inside, n);
	rest = inside = str_skip(inside, n);
	const char *end = rest.p;
	while (html_attribute_next(&rest, &attribute))
		end = rest.p;
	token->unfinished = !rest.n;
	token->attributes = str_head(inside, (size_t)(rest.p - inside.p));
	token->bytes = str_head(s, (size_t)(rest.p - s.p) + (rest.n > 0));
	if (rest.n && rest.p > end && rest.p[-1] == '/') {
		token->self_closing = token->kind == HTML_OPEN;
		token->attributes.n--;
	}
}

static bool starts_markup(struct str s)
{
	if (s.n < 2)
		return false;
	if (ascii_alpha(s.p[1]) || s.p[1] == '!' || s.p[1] == '?')
		return true;
	return s.p[1] == '/' && s.n > 2;
}

static void take(struct html_reader *reader, struct html_token *token, enum html_kind kind,
		 size_t n)
{
	token->kind = kind;
	token->bytes = str_head(reader->rest, n);
	reader->rest = str_skip(reader->rest, n);
}

/* What a tag means for the tokens after it.  In SVG and MathML <title/> and
 * <style/> are empty elements; in HTML the slash says nothing. */
static void follow(struct html_reader *reader, const struct html_token *token)
{
	bool open = token->kind == HTML_OPEN;

	if (token->unfinished)
		return;
	if (str_is_fold(token->name, "svg") || str_is_fold(token->name, "math")) {
		if (!open && reader->foreign)
			reader->foreign--;
		else if (open && !token->self_closing)
			reader->foreign++;
	}
	if (open && has_raw_content(token->name) && !(token->self_closing && reader->foreign))
		reader->raw_name = token->name;
}

bool html_next(struct html_reader *reader, struct html_token *token)
{
	struct str s = reader->rest;

	*token = (struct html_token){.bytes = {"", 0}, .name = {"", 0}, .attributes = {"", 0}};
	if (!s.n)
		return false;
	if (reader->raw_name.n) {
		size_t n = raw_length(s, reader->raw_name);
		reader->raw_name.n = 0;
		if (n) {
			take(reader, token, HTML_RAW, n);
			return true;
		}
	}
	if (s.p[0] != '<' || !starts_markup(s)) {
		size_t n = 1;
		while (n < s.n && !(s.p[n] == '<' && starts_markup(str_skip(s, n)))) {
			n++;
			n += str_find_char(str_skip(s, n), '<');
		}
		take(reader, token, HTML_TEXT, n < s.n ? n : s.n);
		return true;
	}
	bool finished = true;
	if (s.p[1] == '!' || s.p[1] == '?' || (s.p[1] == '/' && !ascii_alpha(s.p[2]))) {
		size_t n = comment_length(s, &finished);
		take(reader, token, HTML_COMMENT, n);
		token->unfinished = !finished;
		return true;
	}
	read_tag(s, token);
	reader->rest = str_skip(s, token->bytes.n);
	follow(reader, token);
	return true;
}

bool html_attribute_find(const struct html_token *token, const char *name, struct str *value)
{
	struct str rest = token->attributes;
	struct html_attribute attribute;

	if (token->kind != HTML_OPEN)
		return false;
	while (html_attribute_next(&rest, &attribute)) {
		if (str_is_fold(attribute.name, name)) {
			*value = attribute.value;
			return true;
		}
	}
	return false;
}

bool html_is(const struct html_token *token, const char *name)
{
	return (token->kind == HTML_OPEN || token->kind == HTML_CLOSE) &&
	       str_is_fold(token->name, name);
}
