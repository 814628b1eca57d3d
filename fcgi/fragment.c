/* fragment.c: drops ids and moves addresses; everything else is copied byte
 * for byte. */
#include "fragment.h"

#include "buf.h"
#include "html.h"
#include "htmlrewrite.h"
#include "links.h"
#include "text.h"
#include "uri.h"

#include <stdlib.h>

struct maker {
	struct arena *arena;
	const struct fragment_options *options;
	struct str html;
	struct str *targets; /* sorted; looked for when first needed */
	size_t target_count;
	bool searched;
};

/* --- what "#x" leads to ------------------------------------------------------------ */

static struct str unescaped(struct arena *arena, struct str value)
{
	struct buf out = BUF_IN(arena);

	text_unescape(value, &out);
	return buf_view(&out);
}

/* The ids and names in html, into `targets` unless that is NULL. */
static size_t list_targets(struct arena *arena, struct str html, struct str *targets)
{
	struct html_reader reader;
	struct html_token token;
	struct str value;
	size_t count = 0;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (html_attribute_find(&token, "id", &value) ||
		    (html_is(&token, "a") && html_attribute_find(&token, "name", &value))) {
			if (targets)
				targets[count] = unescaped(arena, value);
			count++;
		}
	}
	return count;
}

static int by_bytes(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* Searched once for all links: an article may have as many as words. */
static void search_targets(struct maker *m)
{
	m->searched = true;
	m->target_count = list_targets(m->arena, m->html, NULL);
	m->targets = ARENA_ARRAY(m->arena, m->target_count, struct str);
	list_targets(m->arena, m->html, m->targets);
	if (m->target_count)
		qsort(m->targets, m->target_count, sizeof(*m->targets), by_bytes);
}

static bool is_target(const struct maker *m, struct str id)
{
	return m->target_count && bsearch(&id, m->targets, m->target_count, sizeof(id), by_bytes);
}

/* HTML standard §7.4.6.4: as it stands, then percent-decoded. */
static bool has_target(struct maker *m, struct str id)
{
	struct str decoded;

	if (!m->searched)
		search_targets(m);
	return is_target(m, id) || (!uri_decode(m->arena, id, false, &decoded) && is_target(m, decoded));
}

/* --- addresses ------------------------------------------------------------------------ */

/* The new address, or the old one when nothing is to change. */
static struct str new_address(struct maker *m, struct str value)
{
	const struct fragment_options *o = m->options;
	struct str trimmed = str_trim(value);

	if (str_starts(trimmed, "#")) {
		bool moved = o->page.n && trimmed.n > 1 &&
			     (o->all_anchors || !has_target(m, str_skip(trimmed, 1)));
		return moved ? arena_printf(m->arena, "%.*s%.*s", STR_ARG(o->page), STR_ARG(trimmed)) : value;
	}
	return o->base.n ? links_absolute(m->arena, o->config, o->base, trimmed) : value;
}

/* Takes the next address off a srcset, and what describes it ("2x").  A comma
 * ends an address only with a space behind it: many hold commas (HTML standard
 * §4.8.4.2.3). */
static bool next_candidate(struct str *list, struct str *address, struct str *descriptor)
{
	size_t n = 0;

	while (list->n && (ascii_space(list->p[0]) || list->p[0] == ','))
		*list = str_skip(*list, 1);
	while (n < list->n && !ascii_space(list->p[n]))
		n++;
	*address = str_head(*list, n);
	*list = str_skip(*list, n);
	*descriptor = str_head(*list, 0);
	if (str_ends(*address, ","))
		while (str_ends(*address, ","))
			address->n--;
	else
		*descriptor = str_trim(str_cut(list, ','));
	return address->n > 0;
}

/* "a.png 1x, b.png 2x": the addresses in it, one by one. */
static struct str new_srcset(struct maker *m, struct str list)
{
	struct buf out = BUF_IN(m->arena);
	struct str address, descriptor;

	while (next_candidate(&list, &address, &descriptor)) {
		if (out.n)
			buf_puts(&out, ", ");
		buf_str(&out, new_address(m, address));
		if (descriptor.n)
			buf_char(&out, ' ');
		buf_str(&out, descriptor);
	}
	return buf_view(&out);
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
	struct maker m = {.arena = arena, .options = options, .html = html};

	return htmlrewrite(arena, html, rule, &m);
}
