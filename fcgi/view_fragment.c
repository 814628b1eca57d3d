/* view_fragment.c: the article's HTML alone, for somebody else's page. */
#include "view_fragment.h"

#include "buf.h"
#include "escape.h"
#include "fragment.h"
#include "links.h"

/* In another language than its address says, the fragment says so itself: the
 * page around it cannot know. */
static void add_fragment(const struct view *v, const struct view_item *item, bool foreign, struct buf *out)
{
	struct fragment_options options = {
		.config = v->config,
		.drop_ids = true,
		.all_anchors = true,
		.page = v->request->base_absolute ? view_canonical(v, item->head)
						  : links_local(v->arena, v->config, item->head->path, item->language),
		.base = v->request->base_absolute ? view_canonical(v, item->head) : STR_LIT(""),
	};

	if (foreign)
		buf_printf(out, "<div lang=\"%s\" dir=\"%s\">\n", v->config->languages[item->language].tag,
			   view_language_dir(v, item->language));
	buf_str(out, fragment_make(v->arena, view_html_of(v, item), &options));
	if (foreign)
		buf_puts(out, "</div>\n");
}

struct str view_fragment_post(const struct view *v)
{
	struct buf out = BUF_IN(v->arena);

	add_fragment(v, &v->post, v->choice->fallback || v->choice->by == BY_FIRST, &out);
	return buf_view(&out);
}

struct str view_fragment_list(const struct view *v)
{
	struct buf out = BUF_IN(v->arena);

	for (size_t i = 0; i < v->item_count; i++) {
		const struct view_item *item = &v->items[i];
		struct str url = v->request->base_absolute
			? view_canonical(v, item->head)
			: links_local(v->arena, v->config, item->head->path, item->language);
		buf_printf(&out, "<article lang=\"%s\" dir=\"%s\">\n<h2><a href=\"",
			   v->config->languages[item->language].tag, view_language_dir(v, item->language));
		escape_html(&out, url);
		buf_puts(&out, "\">");
		escape_html(&out, item->head->title);
		buf_puts(&out, "</a></h2>\n");
		add_fragment(v, item, false, &out);
		buf_puts(&out, "</article>\n");
	}
	return buf_view(&out);
}
