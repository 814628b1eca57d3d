/* fragment.c: rewrites ids and addresses in start tags; everything else is
 * copied byte for byte. */
#include "fragment.h"

#include "buf.h"
#include "escape.h"
#include "html.h"
#include "links.h"
#include "text.h"

static bool is_address(struct str name)
{
	static const char *const names[] = {"href", "src", "poster", "cite", "action", "data", NULL};

	for (size_t i = 0; names[i]; i++)
		if (str_is_fold(name, names[i]))
			return true;
	return false;
}

static bool has_target(struct str html, struct str id)
{
	struct html_reader reader;
	struct html_token token;
	struct str value;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (html_attribute_find(&token, "id", &value) && str_eq(value, id))
			return true;
		if (html_is(&token, "a") && html_attribute_find(&token, "name", &value) && str_eq(value, id))
			return true;
	}
	return false;
}

struct maker {
	struct arena *arena;
	const struct fragment_options *options;
	struct str html;
	struct buf out;
};

/* The new address, or the old one when nothing is to change. */
static struct str new_address(struct maker *m, struct str value)
{
	const struct fragment_options *o = m->options;
	struct str trimmed = str_trim(value);

	if (str_starts(trimmed, "#")) {
		bool moved = o->page.n && trimmed.n > 1 &&
			     (o->all_anchors || !has_target(m->html, str_skip(trimmed, 1)));
		return moved ? arena_printf(m->arena, "%.*s%.*s", STR_ARG(o->page), STR_ARG(trimmed)) : value;
	}
	return o->base.n ? links_absolute(m->arena, o->config, o->base, trimmed) : value;
}

/* "a.png 1x, b.png 2x": the addresses in it, one by one. */
static void add_srcset(struct maker *m, struct str list)
{
	while (list.n) {
		struct str candidate = str_trim(str_cut(&list, ','));
		size_t n = 0;
		while (n < candidate.n && !ascii_space(candidate.p[n]))
			n++;
		buf_str(&m->out, new_address(m, str_head(candidate, n)));
		buf_str(&m->out, str_skip(candidate, n));
		if (list.n)
			buf_puts(&m->out, ", ");
	}
}

static void add_attribute(struct maker *m, const struct html_attribute *a)
{
	struct str decoded;
	struct buf plain = BUF_EMPTY;

	if (m->options->base.n && str_is_fold(a->name, "srcset")) {
		buf_puts(&m->out, " srcset=\"");
		add_srcset(m, a->value);
		buf_char(&m->out, '"');
		return;
	}
	if (!is_address(a->name)) {
		buf_char(&m->out, ' ');
		buf_str(&m->out, a->bytes);
		return;
	}
	text_unescape(a->value, &plain);
	decoded = arena_str(m->arena, buf_view(&plain));
	buf_release(&plain);
	struct str address = new_address(m, decoded);
	buf_char(&m->out, ' ');
	if (str_eq(address, decoded)) {
		buf_str(&m->out, a->bytes);
		return;
	}
	buf_str(&m->out, a->name);
	buf_puts(&m->out, "=\"");
	escape_html(&m->out, address);
	buf_char(&m->out, '"');
}

static void add_start_tag(struct maker *m, const struct html_token *token)
{
	struct str rest = token->attributes;
	struct html_attribute a;

	buf_char(&m->out, '<');
	buf_str(&m->out, token->name);
	while (html_attribute_next(&rest, &a))
		if (!(m->options->drop_ids && str_is_fold(a.name, "id")))
			add_attribute(m, &a);
	buf_puts(&m->out, token->self_closing ? " />" : ">");
}

/* A tag that nothing would change is copied as it stands. */
static bool concerns(const struct maker *m, const struct html_token *token)
{
	struct str rest = token->attributes;
	struct html_attribute a;

	while (html_attribute_next(&rest, &a)) {
		if (m->options->drop_ids && str_is_fold(a.name, "id"))
			return true;
		if (is_address(a.name) || str_is_fold(a.name, "srcset"))
			return true;
	}
	return false;
}

struct str fragment_make(struct arena *arena, struct str html, const struct fragment_options *options)
{
	struct maker m = {arena, options, html, BUF_EMPTY};
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (token.kind == HTML_OPEN && !token.unfinished && concerns(&m, &token))
			add_start_tag(&m, &token);
		else
			buf_str(&m.out, token.bytes);
	}
	struct str made = arena_str(arena, buf_view(&m.out));
	buf_release(&m.out);
	return made;
}
