/* fragment.c: drops ids and moves addresses; everything else is copied byte
 * for byte. */
#include "fragment.h"

#include "buf.h"
#include "html.h"
#include "htmlrewrite.h"
#include "links.h"

struct maker {
	struct arena *arena;
	const struct fragment_options *options;
	struct str html;
};

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
static struct str new_srcset(struct maker *m, struct str list)
{
	struct buf out = BUF_EMPTY;

	while (list.n) {
		struct str candidate = str_trim(str_cut(&list, ','));
		size_t n = 0;
		while (n < candidate.n && !ascii_space(candidate.p[n]))
			n++;
		buf_str(&out, new_address(m, str_head(candidate, n)));
		buf_str(&out, str_skip(candidate, n));
		if (list.n)
			buf_puts(&out, ", ");
	}
	struct str made = arena_str(m->arena, buf_view(&out));
	buf_release(&out);
	return made;
}

static enum htmlrewrite_what rule(void *context, const struct html_token *tag, struct str name,
				  struct str value, struct str *to)
{
	struct maker *m = context;
	(void)tag;

	if (m->options->drop_ids && str_is_fold(name, "id"))
		return HTMLREWRITE_DROP;
	if (htmlrewrite_is_address(name))
		*to = new_address(m, value);
	else if (m->options->base.n && str_is_fold(name, "srcset"))
		*to = new_srcset(m, value);
	else
		return HTMLREWRITE_KEEP;
	return str_eq(*to, value) ? HTMLREWRITE_KEEP : HTMLREWRITE_REPLACE;
}

struct str fragment_make(struct arena *arena, struct str html, const struct fragment_options *options)
{
	struct maker m = {arena, options, html};

	return htmlrewrite(arena, html, rule, &m);
}
