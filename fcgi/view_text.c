/* view_text.c: what is read without HTML: plain text, and the Markdown source. */
#include "view_text.h"

#include "buf.h"
#include "text.h"

struct str view_text_post(const struct view *v)
{
	struct buf out = BUF_IN(v->arena);

	text_from_html(view_html_of(v, &v->post), &out);
	buf_char(&out, '\n');
	return buf_view(&out);
}

struct str view_text_list(const struct view *v)
{
	struct buf out = BUF_IN(v->arena);

	for (size_t i = 0; i < v->item_count; i++) {
		buf_str(&out, v->items[i].head->title);
		buf_char(&out, '\n');
		buf_str(&out, view_canonical(v, v->items[i].head));
		buf_puts(&out, "\n\n");
		text_from_html(view_html_of(v, &v->items[i]), &out);
		buf_puts(&out, i + 1 < v->item_count ? "\n\n\n" : "\n");
	}
	return buf_view(&out);
}

static struct str source_of(const struct view_item *item)
{
	const struct post_body *body = &item->body;
	bool by_summary = item->head->excerpt_source == EXCERPT_SUMMARY;

	if (item->view == VIEW_EXCERPT)
		return by_summary ? body->summary : str_head(body->source, (size_t)body->source_cut);
	if (item->view != VIEW_REST || by_summary)
		return body->source;
	struct str rest = str_skip(body->source, (size_t)body->source_cut);
	bool divider = item->head->excerpt_source == EXCERPT_DIVIDER;
	return divider ? str_skip(rest, str_find(rest, "-->") + 3) : rest;
}

static void add_source(const struct view_item *item, struct buf *out)
{
	struct str source = source_of(item);

	/* Spaces at the start of a line mean something in Markdown. */
	while (source.n && source.p[0] == '\n')
		source = str_skip(source, 1);
	while (source.n && ascii_space(source.p[source.n - 1]))
		source.n--;
	buf_str(out, source);
	if (source.n)
		buf_char(out, '\n');
}

struct str view_text_source(const struct view *v)
{
	struct buf out = BUF_IN(v->arena);

	add_source(&v->post, &out);
	return buf_view(&out);
}

struct str view_text_source_list(const struct view *v)
{
	struct buf out = BUF_IN(v->arena);

	for (size_t i = 0; i < v->item_count; i++) {
		if (i)
			buf_char(&out, '\n');
		buf_puts(&out, "## [");
		buf_str(&out, v->items[i].head->title);
		buf_puts(&out, "](");
		buf_str(&out, view_canonical(v, v->items[i].head));
		buf_puts(&out, ")\n\n");
		add_source(&v->items[i], &out);
	}
	return buf_view(&out);
}
