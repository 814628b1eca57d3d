/* view_json.c: posts, lists and problems as JSON. */
#include "view_json.h"

#include "fragment.h"
#include "lang.h"
#include "links.h"
#include "search.h"

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

/* In the order of item_value(); `fields` may name these. */
static const char *const FIELDS[] = {"id", "title", "lang", "dir", "url", "path", "date", "lastmod", "description",
				     "image", "tags", "categories", "authors", "series", "word_count", "reading_time",
				     "view", "html", "excerpt_source", "truncated", "requested_lang", "fallback",
				     "status", "available", "outline", "translations", "params", "previous", "next",
				     "related", "snippet"};

bool view_json_knows_fields(struct str fields)
{
	while (fields.n) {
		struct str name = str_trim(str_cut(&fields, ','));
		bool known = false;
		for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++)
			known |= str_is(name, FIELDS[i]);
		if (!known)
			return false;
	}
	return true;
}

/* Of an item only what was asked for. */
static struct value *picked(const struct view *v, struct value *item)
{
	struct str fields = v->request->fields;
	struct value *out = value_object();

	if (!fields.n)
		return item;
	while (fields.n) {
		struct str name = str_trim(str_cut(&fields, ','));
		struct value *member = (struct value *)value_get(item, name);
		if (member)
			value_set(out, arena_z(v->arena, name), member);
	}
	return out;
}

static struct value *link_value(const struct view *v, const struct post_head *head)
{
	struct value *link = value_object();

	value_set_str(link, "id", head->group);
	value_set_str(link, "title", head->title);
	value_set_str(link, "lang", head->lang);
	value_set_str(link, "url", view_canonical(v, head));
	return link;
}

static void add_around(const struct view *v, struct value *out)
{
	struct value *related = value_array();

	value_set(out, "previous", v->older.count ? link_value(v, &v->older.at[0]) : value_null());
	value_set(out, "next", v->newer.count ? link_value(v, &v->newer.at[0]) : value_null());
	for (size_t i = 0; i < v->related.count; i++)
		value_append(related, link_value(v, &v->related.at[i]));
	value_set(out, "related", related);
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
	if (v->post.view == VIEW_FULL)
		add_around(v, out);
	return written(v, picked(v, out));
}

/* The lists that there are: below a section, of a taxonomy, by month. */
static void add_lists(const struct view *v, struct value *out)
{
	if (v->route->kind == ROUTE_TERMS) {
		struct value *terms = value_set(out, "terms", value_array());
		for (size_t i = 0; i < v->terms.count; i++) {
			struct value *term = value_append(terms, value_object());
			struct str path = route_term_path(v->arena, v->route->scope, v->terms.at[i].name);
			value_set_str(term, "name", v->terms.at[i].label);
			value_set_str(term, "url", links_canonical(v->arena, v->config, path, v->language));
			value_set(term, "count", value_integer((int64_t)v->terms.at[i].count));
		}
	}
	if (v->section_count) {
		struct value *sections = value_set(out, "sections", value_array());
		for (size_t i = 0; i < v->section_count; i++) {
			struct value *section = value_append(sections, value_object());
			value_set_str(section, "title", v->sections[i].title);
			value_set_str(section, "url",
				      links_canonical(v->arena, v->config, v->sections[i].path, v->language));
			value_set(section, "count", value_integer((int64_t)v->sections[i].count));
		}
	}
	if (v->months.count) {
		struct value *months = value_set(out, "months", value_array());
		for (size_t i = 0; i < v->months.count; i++)
			value_append(months, value_string(str_head(view_iso(v, v->months.at[i]), 7)));
	}
}

struct str view_json_list(const struct view *v)
{
	struct value *out = value_object();

	value_set_str(out, "title", view_list_title(v));
	value_set(out, "lang", value_z(v->config->languages[v->language].tag));
	add_requested(v, out, v->choice->fallback);
	value_set_str(out, "url", view_page_url(v));
	value_set(out, "total", value_integer((int64_t)v->total));
	if (v->label.n)
		value_set_str(out, "term", v->label);
	if (v->request->search.n)
		value_set_str(out, "query", v->request->search);
	value_set(out, "page", value_integer(v->page));
	value_set(out, "pages", value_integer(v->pages));
	if (v->page > 1)
		value_set_str(out, "previous_url", view_list_url(v, v->page - 1));
	if (v->page < v->pages)
		value_set_str(out, "next_url", view_list_url(v, v->page + 1));
	add_lists(v, out);
	struct value *items = value_set(out, "items", value_array());
	for (size_t i = 0; i < v->item_count; i++) {
		struct value *item = item_value(v, &v->items[i]);
		add_requested(v, item, v->request->lang.n && v->items[i].language != v->language);
		if (v->items[i].snippet.n)
			value_set_str(item, "snippet", search_snippet_html(v->arena, v->items[i].snippet));
		value_append(items, picked(v, item));
	}
	return written(v, out);
}

static struct value *wanted_value(const struct view *v, const struct view_wanted *wanted)
{
	struct value *out = wanted->status == 200 ? item_value(v, &wanted->item) : value_object();

	value_set_str(out, "id", wanted->id);
	value_set(out, "status", value_integer(wanted->status));
	add_requested(v, out, wanted->fallback);
	if (wanted->status != 200) {
		struct value *available = value_set(out, "available", value_array());
		for (size_t i = 0; i < wanted->available.count; i++)
			value_append(available, value_string(wanted->available.at[i].lang));
	}
	/* How each one went belongs to the batch, whatever is wanted of the posts. */
	struct value *some = picked(v, out);
	value_set(some, "status", value_integer(wanted->status));
	return some;
}

struct str view_json_batch(const struct view *v)
{
	struct value *out = value_object(), *items;

	value_set(out, "lang", value_z(v->config->languages[v->language].tag));
	items = value_set(out, "items", value_array());
	for (size_t i = 0; i < v->wanted_count; i++)
		value_append(items, wanted_value(v, &v->wanted[i]));
	return written(v, out);
}

struct str view_json_error(const struct view *v)
{
	struct value *out = value_object();

	value_set(out, "type", value_z("about:blank"));
	value_set_str(out, "title", view_error_text(v, "title"));
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
