/* view_json.c: posts, lists and problems as JSON. */
#include "view_json.h"

#include "fragment.h"
#include "lang.h"

static struct value *parsed(struct str json)
{
	struct buf ignored = BUF_EMPTY;
	struct value *v = value_read(json, &ignored);

	buf_release(&ignored);
	return v ? v : value_null();
}

static struct value *iso_or_null(const struct view *v, int64_t seconds)
{
	struct str iso = view_iso(v, seconds);
	return iso.n ? value_string(iso) : value_null();
}

static const char *source_word(int64_t source)
{
	static const char *const words[] = {"divider", "summary", "auto", "full"};
	return source >= 0 && source <= EXCERPT_FULL ? words[source] : "full";
}

static struct str item_html(const struct view *v, const struct view_item *item)
{
	struct str html = view_html_of(v, item);
	struct fragment_options options = {.config = v->config, .base = view_canonical(v, item->head)};

	return v->request->base_absolute ? fragment_make(v->arena, html, &options) : html;
}

static void add_requested(const struct view *v, struct value *out, bool fallback)
{
	char tag[LANG_LIMIT + 1];

	lang_format(v->request->lang, tag);
	value_set(out, "requested_lang", v->request->lang.n ? value_z(tag) : value_null());
	value_set_bool(out, "fallback", fallback);
}

static struct value *item_value(const struct view *v, const struct view_item *item)
{
	const struct post_head *head = item->head;
	struct value *out = value_object();
	struct str image = view_image(v, head);

	value_set_str(out, "id", head->group);
	value_set_str(out, "title", head->title);
	value_set_str(out, "lang", head->lang);
	value_set(out, "dir", value_z(view_language_dir(v, item->language)));
	value_set_str(out, "url", view_canonical(v, head));
	value_set_str(out, "path", head->path);
	value_set(out, "date", iso_or_null(v, head->date));
	value_set(out, "lastmod", iso_or_null(v, head->lastmod));
	value_set_str(out, "description", head->description);
	value_set(out, "image", image.n ? value_string(image) : value_null());
	value_set(out, "tags", parsed(head->tags));
	value_set(out, "categories", parsed(head->categories));
	value_set(out, "authors", parsed(head->authors));
	value_set(out, "series", head->series.n ? value_string(head->series) : value_null());
	value_set(out, "word_count", value_integer(head->words));
	value_set(out, "reading_time", value_integer(head->minutes));
	value_set(out, "view", value_z(view_word(item->view)));
	value_set_str(out, "html", item_html(v, item));
	value_set(out, "excerpt_source", value_z(source_word(head->excerpt_source)));
	value_set_bool(out, "truncated", head->truncated);
	return out;
}

static struct value *translations(const struct view *v)
{
	struct value *list = value_array();

	for (size_t i = 0; i < v->translations.count; i++) {
		const struct post_head *head = &v->translations.at[i];
		struct value *item = value_append(list, value_object());
		value_set_str(item, "lang", head->lang);
		value_set(item, "name", value_z(view_language_name(v, view_language(v, head))));
		value_set_str(item, "title", head->title);
		value_set_str(item, "url", view_canonical(v, head));
	}
	return list;
}

static struct str written(const struct view *v, const struct value *value)
{
	struct buf out = BUF_IN(v->arena);

	value_write(value, false, &out);
	buf_char(&out, '\n');
	return buf_view(&out);
}

struct str view_json_post(const struct view *v)
{
	struct value *out = item_value(v, &v->post);

	add_requested(v, out, v->choice->fallback);
	value_set(out, "outline", parsed(v->post.body.outline));
	value_set(out, "translations", translations(v));
	value_set(out, "params", parsed(v->post.head->params));
	return written(v, out);
}

struct str view_json_list(const struct view *v)
{
	struct value *out = value_object();

	value_set_str(out, "title", view_list_title(v));
	value_set(out, "lang", value_z(v->config->languages[v->language].tag));
	add_requested(v, out, v->choice->fallback);
	value_set_str(out, "url", view_page_url(v));
	value_set(out, "total", value_integer((int64_t)v->total));
	value_set(out, "page", value_integer(v->page));
	value_set(out, "pages", value_integer(v->pages));
	struct value *items = value_set(out, "items", value_array());
	for (size_t i = 0; i < v->item_count; i++) {
		struct value *item = value_append(items, item_value(v, &v->items[i]));
		add_requested(v, item, v->request->lang.n && v->items[i].language != v->language);
	}
	return written(v, out);
}

struct str view_json_error(const struct view *v)
{
	struct value *out = value_object();

	value_set(out, "type", value_z("about:blank"));
	value_set_str(out, "title", locale_string(theme_locale(v->theme, v->language),
						  arena_printf(v->arena, "error_%d_title", v->status).p));
	value_set(out, "status", value_integer(v->status));
	if (v->detail.n)
		value_set_str(out, "detail", v->detail);
	if (v->translations.count) {
		struct value *available = value_set(out, "available", value_array());
		for (size_t i = 0; i < v->translations.count; i++)
			value_append(available, value_string(v->translations.at[i].lang));
	}
	return written(v, out);
}
