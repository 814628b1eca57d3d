/* view.c: what several views say in the same way. */
#include "view.h"

#include "article.h"
#include "date.h"
#include "links.h"

size_t view_language(const struct view *v, const struct post_head *head)
{
	int at = config_language_at(v->config, head->lang);
	return at < 0 ? 0 : (size_t)at;
}

struct str view_html_of(const struct view *v, const struct view_item *item)
{
	bool excerpt = item->view == VIEW_EXCERPT, rest = item->view == VIEW_REST;

	return item == &v->post ? article_view(v->arena, item->head, &item->body, excerpt, rest)
				: article_view_in_list(v->arena, item->head, &item->body, excerpt, rest);
}

struct str view_canonical(const struct view *v, const struct post_head *head)
{
	return links_canonical(v->arena, v->config, head->path, view_language(v, head));
}

static struct str list_url(const struct view *v, size_t language)
{
	struct str url = links_canonical(v->arena, v->config, v->path, language);

	return v->page > 1 ? links_with(v->arena, url, "page", arena_printf(v->arena, "%ld", v->page).p) : url;
}

struct str view_page_url(const struct view *v)
{
	return v->post.head ? view_canonical(v, v->post.head) : list_url(v, v->language);
}

struct str view_image(const struct view *v, const struct post_head *head)
{
	struct str written = head->twitter_image;

	if (!written.n) {
		struct buf ignored = BUF_IN(v->arena);
		written = value_text(value_at(value_read(head->images, &ignored), 0));
		buf_release(&ignored);
	}
	return links_absolute(v->arena, v->config, view_canonical(v, head), written);
}

static void add_alternate(struct value *list, const char *hreflang, struct str href)
{
	struct value *item = value_append(list, value_object());

	value_set(item, "hreflang", value_z(hreflang));
	value_set_str(item, "href", href);
}

/* x-default is the default language's, or the first there is. */
struct value *view_alternates(const struct view *v)
{
	struct value *list = value_array();
	struct str otherwise = STR_LIT("");

	for (size_t i = 0; i < v->config->language_count; i++) {
		struct str href = STR_LIT("");
		if (!v->post.head) {
			href = list_url(v, i);
		} else {
			for (size_t k = 0; k < v->translations.count; k++)
				if (view_language(v, &v->translations.at[k]) == i)
					href = view_canonical(v, &v->translations.at[k]);
		}
		if (!href.n)
			continue;
		add_alternate(list, v->config->languages[i].tag, href);
		if (!otherwise.n)
			otherwise = href;
	}
	if (otherwise.n)
		add_alternate(list, "x-default", otherwise);
	return list;
}

struct str view_iso(const struct view *v, int64_t seconds)
{
	char text[DATE_ISO_SIZE];

	if (seconds == TIME_ABSENT)
		return STR_LIT("");
	date_format_iso(seconds, text);
	return arena_str(v->arena, str_from(text));
}

const char *view_site_title(const struct view *v, size_t language)
{
	const char *title = v->config->languages[language].title;
	return title[0] ? title : "Cartolina";
}

const char *view_language_name(const struct view *v, size_t language)
{
	const char *name = v->config->languages[language].name;
	return name[0] ? name : theme_locale(v->theme, language)->name;
}

const char *view_language_dir(const struct view *v, size_t language)
{
	const char *dir = v->config->languages[language].dir;
	return dir[0] ? dir : theme_locale(v->theme, language)->dir;
}
