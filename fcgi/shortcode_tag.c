/* shortcode_tag.c: where a shortcode tag ends, and what its arguments are.
 *
 * In:  Markdown from "{{<" or "{{%" on.  Out: slices of it.
 * Follows Hugo's own reader (gohugo.io, "Shortcodes"), but is laxer where that
 * stops with an error: names and values may be mixed, "=" may have spaces
 * around it, bare values may hold any characters.
 * Knows nothing of Markdown, nor what a name means.
 */
#include "shortcode_tag.h"

#include "buf.h"

struct argument {
	struct str name; /* "" when it has none */
	struct str value;
	bool quoted; /* with ": may hold \" */
};

static bool is_name_byte(char c)
{
	return ascii_alnum(c) || c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

static struct str skip_spaces(struct str s)
{
	size_t n = 0;

	while (n < s.n && ascii_space(s.p[n]))
		n++;
	return str_skip(s, n);
}

/* Length with both quotes, or 0 when the second is missing. */
static size_t quoted_length(struct str s)
{
	for (size_t n = 1; n < s.n; n++) {
		if (s.p[n] == s.p[0])
			return n + 1;
		if (s.p[0] == '"' && s.p[n] == '\n')
			return 0;
		if (s.p[0] == '"' && s.p[n] == '\\' && n + 1 < s.n && s.p[n + 1] == '"')
			n++;
	}
	return 0;
}

/* True at what ends a tag: `end`, or a slash and that. */
static bool at_end(struct str s, const char *end)
{
	return str_starts(s, end) || (s.n && s.p[0] == '/' && str_starts(str_skip(s, 1), end));
}

/* Takes a value off *rest; false when its quote is not closed. */
static bool take_value(struct str *rest, const char *end, struct argument *out)
{
	size_t n = 0;

	if (rest->n && (rest->p[0] == '"' || rest->p[0] == '`')) {
		n = quoted_length(*rest);
		if (!n)
			return false;
		out->quoted = rest->p[0] == '"';
		out->value = str_head(str_skip(*rest, 1), n - 2);
	} else {
		while (n < rest->n && !ascii_space(rest->p[n]) && !at_end(str_skip(*rest, n), end))
			n++;
		out->value = str_head(*rest, n);
	}
	*rest = str_skip(*rest, n);
	return true;
}

/* Takes the argument that *rest begins with off it. */
static bool take_argument(struct str *rest, const char *end, struct argument *out)
{
	size_t n = 0;

	*out = (struct argument){.name = STR_LIT("")};
	while (n < rest->n && is_name_byte(rest->p[n]))
		n++;
	struct str after = skip_spaces(str_skip(*rest, n));
	if (n && after.n && after.p[0] == '=') {
		out->name = str_head(*rest, n);
		*rest = skip_spaces(str_skip(after, 1));
	}
	return take_value(rest, end, out);
}

static struct str take_name(struct str *rest, const char *end)
{
	size_t n = 0;

	while (n < rest->n && !at_end(str_skip(*rest, n), end) &&
	       (is_name_byte(rest->p[n]) || (n && (rest->p[n] == '/' || rest->p[n] == '.'))))
		n++;
	struct str name = str_head(*rest, n);
	*rest = str_skip(*rest, n);
	return name;
}

/* What cannot stand in a tag, unless in quotes: another tag's parts. */
static bool is_foreign(struct str s, const char *end)
{
	const char *other = end[0] == '>' ? "%}}" : ">}}";

	return !s.n || str_starts(s, "{{<") || str_starts(s, "{{%") || str_starts(s, other);
}

size_t shortcode_tag_read(struct str s, struct shortcode_tag *tag, size_t *looked)
{
	const char *end = str_starts(s, "{{<") ? ">}}" : "%}}";
	struct str rest = skip_spaces(str_skip(s, 3));
	struct argument argument;
	bool well = true;

	*tag = (struct shortcode_tag){.markdown = end[0] == '%'};
	if (rest.n && rest.p[0] == '/') {
		tag->kind = SHORTCODE_CLOSE;
		rest = skip_spaces(str_skip(rest, 1));
	}
	tag->name = take_name(&rest, end);
	rest = skip_spaces(rest);
	tag->arguments = rest;
	while (well && tag->name.n && !at_end(rest, end)) {
		well = !is_foreign(rest, end) && take_argument(&rest, end, &argument);
		rest = skip_spaces(rest);
	}
	*looked = (size_t)(rest.p - s.p);
	if (!well || !tag->name.n)
		return 0;
	tag->arguments.n = (size_t)(rest.p - tag->arguments.p);
	if (rest.p[0] == '/') {
		if (tag->kind == SHORTCODE_OPEN)
			tag->kind = SHORTCODE_SELF_CLOSED;
		rest = str_skip(rest, 1);
	}
	return (size_t)(rest.p - s.p) + 3;
}

/* \" as the quote; other backslashes are the author's. */
static struct str unquoted(struct arena *arena, const struct argument *argument)
{
	struct str value = argument->value;
	struct buf out = BUF_EMPTY;

	if (!argument->quoted || str_find_char(value, '\\') == value.n)
		return value;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\\' && i + 1 < value.n && value.p[i + 1] == '"')
			i++;
		buf_char(&out, value.p[i]);
	}
	struct str text = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return text;
}

bool shortcode_argument(struct arena *arena, const struct shortcode_tag *tag, const char *name,
			int position, struct str *value)
{
	const char *end = tag->markdown ? "%}}" : ">}}";
	struct str rest = tag->arguments;
	struct argument argument;
	int at = 0;

	*value = STR_LIT("");
	while (rest.n && take_argument(&rest, end, &argument)) {
		bool named = argument.name.n > 0;
		if (named ? name && str_is(argument.name, name) : at++ == position) {
			*value = unquoted(arena, &argument);
			return true;
		}
		rest = skip_spaces(rest);
	}
	return false;
}
