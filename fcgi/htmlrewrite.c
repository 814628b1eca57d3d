/* htmlrewrite.c: start tags taken apart and put together again where a rule
 * says so. */
#include "htmlrewrite.h"

#include "buf.h"
#include "escape.h"
#include "text.h"

bool htmlrewrite_is_address(struct str name)
{
	static const char *const names[] = {"href", "src", "poster", "cite", "action", "data", NULL};

	return str_among(name, names);
}

static struct str plain(struct arena *arena, struct str value)
{
	struct buf out = BUF_IN(arena);

	if (str_find_char(value, '&') == value.n)
		return value;
	text_unescape(value, &out);
	return buf_view(&out);
}

/* The new tag into `out`; false when nothing changed, and then `out` is as before. */
static bool rewrite_tag(struct arena *arena, const struct html_token *tag, htmlrewrite_rule *rule,
			void *context, struct buf *out)
{
	struct str rest = tag->attributes, to;
	struct html_attribute a;
	size_t before = out->n;
	bool changed = false;

	buf_char(out, '<');
	buf_str(out, tag->name);
	while (html_attribute_next(&rest, &a)) {
		enum htmlrewrite_what what = rule(context, tag, a.name, plain(arena, a.value), &to);
		changed |= what != HTMLREWRITE_KEEP;
		if (what == HTMLREWRITE_DROP)
			continue;
		buf_char(out, ' ');
		if (what == HTMLREWRITE_KEEP) {
			buf_str(out, a.bytes);
			continue;
		}
		buf_str(out, a.name);
		buf_puts(out, "=\"");
		escape_html(out, to);
		buf_char(out, '"');
	}
	buf_puts(out, tag->self_closing ? " />" : ">");
	if (!changed)
		buf_truncate(out, before);
	return changed;
}

struct str htmlrewrite(struct arena *arena, struct str html, htmlrewrite_rule *rule, void *context)
{
	struct html_reader reader;
	struct html_token token;
	struct buf out = BUF_IN(arena);

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		bool is_tag = token.kind == HTML_OPEN && !token.unfinished && token.attributes.n;
		if (!is_tag || !rewrite_tag(arena, &token, rule, context, &out))
			buf_str(&out, token.bytes);
	}
	return buf_view(&out);
}
