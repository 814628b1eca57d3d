/* view_html.c: builds the data that templates get, and renders them.
 *
 * The README's table of template data describes what is built here.
 */
#include "view_html.h"

#include "date.h"
#include "fragment.h"
#include "lang.h"
#include "links.h"
#include "search.h"
#include "taxonomy.h"
#include "view_feed.h"
#include "view_oembed.h"

#define GENERATOR "Cartolina " CARTOLINA_VERSION
enum {
	LONG_READ = 1,    /* minutes from which a reading time is worth a word */
	LONG_OUTLINE = 3, /* headings from which a table of contents is */
};

static const struct locale *locale_of(const struct view *v)
{
	return theme_locale(v->theme, v->language);
}

static void set_z(struct value *object, const char *key, const char *text)
{
	value_set(object, key, value_z(text));
}

static struct value *date_value(const struct view *v, int64_t seconds)
{
	struct value *out = value_object();

	if (seconds == TIME_ABSENT)
		return value_null();
	value_set_str(out, "iso", view_iso(v, seconds));
	value_set_str(out, "long", locale_date(v->arena, locale_of(v), seconds));
	return out;
}

static struct value *parsed(struct str json)
{
	struct buf ignored = BUF_EMPTY;
	struct value *list = value_read(json, &ignored);

	buf_release(&ignored);
	return list ? list : value_array();
}

/* ["a"] -> [{name: "a", url: the list of such posts}] */
static struct value *terms(const struct view *v, struct str json, enum index_scope scope)
{
	struct value *list = value_array();
	const struct value *names = parsed(json);

	for (size_t i = 0; i < value_count(names); i++) {
		struct str name = str_trim(value_text(value_at(names, i)));
		struct str key = taxonomy_key(v->arena, name);
		if (!key.n)
			continue;
		struct value *term = value_append(list, value_object());
		value_set_str(term, "name", name);
		value_set_str(term, "url", links_local(v->arena, v->config, route_term_path(v->arena, scope, key),
						       v->language));
	}
	return list;
}

/* ["a"] -> [{name: "a"}] */
static struct value *named(struct str json)
{
	struct value *list = value_array();
	const struct value *names = parsed(json);

	for (size_t i = 0; i < value_count(names); i++)
		value_set_str(value_append(list, value_object()), "name", value_text(value_at(names, i)));
	return list;
}

/* --- what every page has -------------------------------------------------------- */

static void add_site(const struct view *v, struct value *data)
{
	struct value *site = value_set(data, "site", value_object());
	struct value *lang = value_set(data, "lang", value_object());
	struct value *strings = value_set(data, "t", value_object());
	const void *at = NULL;
	struct str key, text;

	set_z(site, "title", view_site_title(v, v->language));
	value_set_str(site, "home", links_local(v->arena, v->config, STR_LIT("/"), v->language));
	set_z(site, "base_url", v->config->base_url);
	set_z(lang, "tag", v->config->languages[v->language].tag);
	set_z(lang, "name", view_language_name(v, v->language));
	set_z(lang, "dir", view_language_dir(v, v->language));
	while (locale_each(locale_of(v), &at, &key, &text))
		value_set_str(strings, key.p, text);
	set_z(data, "generator", GENERATOR);
	struct value *search = value_set(data, "search", value_object());
	bool prefix = v->config->urls == URLS_PREFIX;
	value_set_str(search, "action", links_local(v->arena, v->config, STR_LIT("/"), prefix ? v->language : 0));
	value_set_str(search, "query", v->request->search);
	set_z(search, "lang", v->language && !prefix ? v->config->languages[v->language].tag : "");
}

static const struct post_head *translation_in(const struct view *v, size_t language)
{
	for (size_t i = 0; i < v->translations.count; i++)
		if (view_language(v, &v->translations.at[i]) == language)
			return &v->translations.at[i];
	return NULL;
}

/* The switcher: a post's translations; everywhere else, every language. */
static void add_languages(const struct view *v, struct value *data)
{
	struct value *list = value_set(data, "languages", value_array());

	for (size_t i = 0; i < v->config->language_count; i++) {
		const struct post_head *head = v->post.head ? translation_in(v, i) : NULL;
		struct value *item = value_append(list, value_object());
		struct str path = head ? head->path : v->path.n ? v->path : STR_LIT("/");
		set_z(item, "tag", v->config->languages[i].tag);
		set_z(item, "name", view_language_name(v, i));
		set_z(item, "dir", view_language_dir(v, i));
		value_set_bool(item, "current", i == v->language);
		value_set_bool(item, "available", !v->post.head || head);
		value_set_str(item, "url", links_local(v->arena, v->config, path, i));
		if (head)
			value_set_str(item, "title", head->title);
	}
	value_set_bool(data, "multilingual", v->config->language_count > 1);
}

/* To the reader who asked for another language, in that language if the site
 * has it, and else in the one that is served. */
static void add_notice(const struct view *v, struct value *data)
{
	size_t reader = v->language;
	char tag[LANG_LIMIT + 1];

	if (!v->choice->fallback)
		return;
	for (size_t i = 0; i < v->config->language_count; i++)
		if (lang_covers(str_from(v->config->languages[i].tag), v->request->lang))
			reader = i;
	lang_format(v->request->lang, tag);
	const char *wanted = reader == v->language ? tag : view_language_name(v, reader);
	struct value *notice = value_set(data, "notice", value_object());
	value_set_str(notice, "text",
		      locale_format(v->arena, theme_locale(v->theme, reader), "fallback_notice", "language",
				    wanted, "served", view_language_name(v, v->language), NULL));
	set_z(notice, "lang", v->config->languages[reader].tag);
	set_z(notice, "dir", view_language_dir(v, reader));
}

static struct str og_locale(const struct view *v, size_t language)
{
	char *tag = arena_z(v->arena, str_from(v->config->languages[language].tag));

	for (char *c = tag; *c; c++)
		if (*c == '-')
			*c = '_';
	return str_from(tag);
}

struct head_facts {
	struct str title, description, image, robots;
	int64_t image_width, image_height; /* 0: not known */
	const char *type; /* of Open Graph */
};

static void add_head(const struct view *v, struct value *data, const struct head_facts *facts)
{
	struct value *head = value_set(data, "head", value_object());
	struct value *og = value_set(head, "og", value_object());
	struct value *twitter = value_set(head, "twitter", value_object());
	struct str url = v->status ? STR_LIT("") : view_page_url(v);
	const char *site = view_site_title(v, v->language);
	bool home = str_is(facts->title, site);

	value_set_str(head, "title", home ? facts->title
					  : arena_printf(v->arena, "%.*s · %s", STR_ARG(facts->title), site));
	value_set_str(head, "description", facts->description);
	value_set_str(head, "canonical", url);
	value_set_str(head, "robots", facts->robots);
	value_set(head, "alternates", v->status ? value_array() : view_alternates(v));
	set_z(og, "type", facts->type);
	value_set_str(og, "title", facts->title);
	value_set_str(og, "description", facts->description);
	value_set_str(og, "url", url);
	value_set_str(og, "image", facts->image);
	if (facts->image.n && facts->image_width && facts->image_height) {
		value_set(og, "image_width", value_integer(facts->image_width));
		value_set(og, "image_height", value_integer(facts->image_height));
	}
	value_set_str(og, "locale", og_locale(v, v->language));
	set_z(og, "site_name", site);
	struct value *others = value_set(og, "alternate_locales", value_array());
	for (size_t i = 0; !v->status && i < v->config->language_count; i++)
		if (i != v->language && (!v->post.head || translation_in(v, i)))
			value_set_str(value_append(others, value_object()), "tag", og_locale(v, i));
	bool large = v->post.head && v->post.head->twitter_large && facts->image.n;
	set_z(twitter, "card", large ? "summary_large_image" : "summary");
	value_set_str(twitter, "title", facts->title);
	value_set_str(twitter, "description", facts->description);
	value_set_str(twitter, "image", facts->image);
}

static struct str rendered(const struct view *v, const char *name, const struct value *data, struct buf *err)
{
	enum { USUAL_BYTES = 32 * 1024 }; /* not to grow from copy to copy */
	struct buf out = BUF_IN(v->arena);
	struct str page = {0};

	buf_reserve(&out, USUAL_BYTES);
	if (!theme_render(v->theme, name, data, &out, err) && !buf_failed(&out))
		page = buf_view(&out);
	return page;
}

/* Of the list at `path`.  RSS would be a third name for the same: every reader
 * that knows RSS knows Atom. */
static void add_feeds(const struct view *v, struct value *data, struct str path, struct str title)
{
	static const enum route_feed kinds[] = {FEED_ATOM, FEED_JSON};
	static const char *const types[] = {"application/atom+xml", "application/feed+json"};
	struct value *feeds = value_set((struct value *)value_get(data, STR_LIT("head")), "feeds", value_array());
	struct view list = *v;

	list.path = path;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct value *feed = value_append(feeds, value_object());
		set_z(feed, "type", types[i]);
		value_set_str(feed, "href", view_feed_home(&list, kinds[i], v->language));
		value_set_str(feed, "title", title);
	}
	value_set_str(data, "feed_url", links_local(v->arena, v->config, route_feed_path(v->arena, path, FEED_ATOM),
						    v->language));
}

/* --- a post ------------------------------------------------------------------------ */

/* https://schema.org/BlogPosting */
static struct str json_ld(const struct view *v, const struct head_facts *facts)
{
	const struct post_head *head = v->post.head;
	struct value *ld = value_object();
	struct value *page = value_object();
	struct buf out = BUF_IN(v->arena);

	set_z(ld, "@context", "https://schema.org");
	set_z(ld, "@type", "BlogPosting");
	value_set_str(ld, "headline", head->title);
	value_set_str(ld, "inLanguage", head->lang);
	value_set_str(ld, "description", facts->description);
	if (head->date != TIME_ABSENT)
		value_set_str(ld, "datePublished", view_iso(v, head->date));
	if (head->lastmod != TIME_ABSENT || head->date != TIME_ABSENT)
		value_set_str(ld, "dateModified",
			      view_iso(v, head->lastmod != TIME_ABSENT ? head->lastmod : head->date));
	if (facts->image.n)
		value_set_str(ld, "image", facts->image);
	struct value *authors = named(head->authors);
	if (value_count(authors))
		value_set(ld, "author", authors);
	set_z(page, "@type", "WebPage");
	value_set_str(page, "@id", view_canonical(v, head));
	value_set(ld, "mainEntityOfPage", page);
	value_write(ld, true, &out);
	return buf_view(&out);
}

static struct str more_text(const struct view *v, const struct post_head *head)
{
	return head->more_text.n ? head->more_text : locale_string(locale_of(v), "read_more");
}

static struct str reading_time(const struct view *v, const struct post_head *head)
{
	if (head->minutes < LONG_READ)
		return STR_LIT("");
	return locale_format(v->arena, locale_of(v), "reading_time", "minutes",
			     arena_printf(v->arena, "%lld", (long long)head->minutes).p, NULL);
}

/* Links into the part that is not shown lead to the whole article. */
static struct str shown_html(const struct view *v, const struct view_item *item)
{
	struct fragment_options options = {
		.config = v->config,
		.page = links_local(v->arena, v->config, item->head->path, item->language),
	};
	struct str html = view_html_of(v, item);

	return item->view == VIEW_FULL ? html : fragment_make(v->arena, html, &options);
}

static struct value *post_value(const struct view *v, const struct view_item *item)
{
	const struct post_head *head = item->head;
	struct value *post = value_object();
	struct str url = links_local(v->arena, v->config, head->path, item->language);

	value_set_str(post, "title", head->title);
	value_set_str(post, "url", url);
	value_set_str(post, "full_url", url);
	value_set_str(post, "excerpt_url", links_with(v->arena, url, "view", "excerpt"));
	set_z(post, "lang", v->config->languages[item->language].tag);
	set_z(post, "dir", view_language_dir(v, item->language));
	value_set_bool(post, "foreign", item->language != v->language);
	value_set(post, "date", date_value(v, head->date));
	/* "Updated" says something only when it is another day. */
	value_set(post, "lastmod", head->lastmod / 86400 != head->date / 86400 ? date_value(v, head->lastmod)
									       : value_null());
	value_set_str(post, "description", head->description);
	value_set_str(post, "image", view_image(v, head));
	value_set_str(post, "html", shown_html(v, item));
	value_set_bool(post, "is_full", item->view == VIEW_FULL);
	value_set_bool(post, "is_excerpt", item->view == VIEW_EXCERPT);
	value_set_bool(post, "is_rest", item->view == VIEW_REST);
	value_set_bool(post, "truncated", item->view == VIEW_EXCERPT && head->truncated);
	value_set_str(post, "more_text", more_text(v, head));
	value_set_str(post, "reading_time", reading_time(v, head));
	value_set(post, "tags", terms(v, head->tags, SCOPE_TAG));
	value_set(post, "categories", terms(v, head->categories, SCOPE_CATEGORY));
	value_set(post, "authors", terms(v, head->authors, SCOPE_AUTHOR));
	struct value *outline = value_set(post, "outline", parsed(item->body.outline));
	if (item->snippet.n)
		value_set_str(post, "snippet", search_snippet_html(v->arena, item->snippet));
	value_set_bool(post, "has_outline", value_count(outline) >= LONG_OUTLINE);
	value_set(post, "params", parsed(head->params));
	return post;
}

/* A post as a link. */
static struct value *link_value(const struct view *v, const struct post_head *head)
{
	size_t language = view_language(v, head);
	struct value *link = value_object();

	value_set_str(link, "title", head->title);
	value_set_str(link, "url", links_local(v->arena, v->config, head->path, language));
	set_z(link, "lang", v->config->languages[language].tag);
	set_z(link, "dir", view_language_dir(v, language));
	value_set_bool(link, "foreign", language != v->language);
	value_set(link, "date", date_value(v, head->date));
	return link;
}

static void add_series(const struct view *v, struct value *post)
{
	struct value *series;
	const struct index_heads *parts = &v->series.heads;

	if (parts->count < 2)
		return;
	series = value_set(post, "series", value_object());
	value_set_str(series, "name", v->series.label);
	struct str path = route_term_path(v->arena, SCOPE_SERIES, view_series_key(v, v->post.head));
	value_set_str(series, "url", links_local(v->arena, v->config, path, v->language));
	struct value *list = value_set(series, "parts", value_array());
	for (size_t i = 0; i < parts->count; i++)
		value_set_bool(value_append(list, link_value(v, &parts->at[i])), "current",
			       str_eq(parts->at[i].group, v->post.head->group));
}

static void add_around(const struct view *v, struct value *post)
{
	struct value *related = value_set(post, "related", value_array());

	if (v->older.count)
		value_set(post, "previous", link_value(v, &v->older.at[0]));
	if (v->newer.count)
		value_set(post, "next", link_value(v, &v->newer.at[0]));
	for (size_t i = 0; i < v->related.count; i++)
		value_append(related, link_value(v, &v->related.at[i]));
	add_series(v, post);
}

struct str view_html_post(const struct view *v, struct buf *err)
{
	const struct post_head *head = v->post.head;
	struct value *data = value_object();
	struct head_facts facts = {
		.title = head->title,
		.description = head->description,
		.image = view_image(v, head),
		.image_width = head->image_width,
		.image_height = head->image_height,
		.robots = v->post.view == VIEW_FULL ? head->robots : STR_LIT("noindex"),
		.type = "article",
	};

	add_site(v, data);
	add_languages(v, data);
	add_notice(v, data);
	add_head(v, data, &facts);
	struct value *og = (struct value *)value_get(value_get(data, STR_LIT("head")), STR_LIT("og"));
	value_set_str(og, "published", view_iso(v, head->date));
	value_set_str(og, "modified", view_iso(v, head->lastmod));
	value_set_str((struct value *)value_get(data, STR_LIT("head")), "json_ld", json_ld(v, &facts));
	value_set_str((struct value *)value_get(data, STR_LIT("head")), "oembed", view_oembed_url(v));
	add_feeds(v, data, STR_LIT("/"), str_from(view_site_title(v, v->language)));
	value_set_bool(data, "is_post", true);
	add_around(v, value_set(data, "post", post_value(v, &v->post)));
	return rendered(v, theme_layout(v->theme, head->layout, "post"), data, err);
}

/* --- a list ------------------------------------------------------------------------- */

static void add_paging(const struct view *v, struct value *list)
{
	if (v->page > 1)
		value_set_str(list, "prev_url", view_list_local(v, v->page - 1));
	if (v->page < v->pages)
		value_set_str(list, "next_url", view_list_local(v, v->page + 1));
	if (v->pages > 1)
		value_set_str(list, "page_label",
			      locale_format(v->arena, locale_of(v), "page_label", "page",
					    arena_printf(v->arena, "%ld", v->page).p, "pages",
					    arena_printf(v->arena, "%ld", v->pages).p, NULL));
}

static struct str local(const struct view *v, struct str path)
{
	return links_local(v->arena, v->config, path, v->language);
}

static void add_sections(const struct view *v, struct value *list)
{
	struct value *sections = value_set(list, "sections", value_array());

	for (size_t i = 0; i < v->section_count; i++) {
		struct value *section = value_append(sections, value_object());
		value_set_str(section, "title", v->sections[i].title);
		value_set_str(section, "url", local(v, v->sections[i].path));
		value_set(section, "count", value_integer((int64_t)v->sections[i].count));
	}
}

static void add_terms(const struct view *v, struct value *list)
{
	struct value *all = value_set(list, "terms", value_array());

	for (size_t i = 0; i < v->terms.count; i++) {
		const struct index_term *term = &v->terms.at[i];
		struct value *item = value_append(all, value_object());
		value_set_str(item, "name", term->label);
		value_set_str(item, "url", local(v, route_term_path(v->arena, v->route->scope, term->name)));
		value_set(item, "count", value_integer((int64_t)term->count));
	}
}

/* [{year, url, current, months: [{name, url, current}]}], newest first */
static void add_months(const struct view *v, struct value *list)
{
	struct value *years = value_set(list, "years", value_array()), *year = NULL, *months = NULL;
	int last = 0;

	for (size_t i = 0; i < v->months.count; i++) {
		struct date date = date_split(v->months.at[i]);
		if (!year || date.year != last) {
			year = value_append(years, value_object());
			last = date.year;
			value_set(year, "year", value_integer(date.year));
			value_set_str(year, "url", local(v, arena_printf(v->arena, "/%04d/", date.year)));
			value_set_bool(year, "current", v->route->year == date.year && !v->route->month);
			months = value_set(year, "months", value_array());
		}
		struct value *month = value_append(months, value_object());
		value_set_str(month, "name", locale_month(v->arena, locale_of(v), date.month));
		value_set_str(month, "url", local(v, arena_printf(v->arena, "/%04d/%02d/", date.year, date.month)));
		value_set_bool(month, "current", v->route->year == date.year && v->route->month == date.month);
	}
}

static const char *page_kind(const struct view *v)
{
	const struct route *route = v->route;

	if (v->request->search.n)
		return "is_search";
	if (route->kind == ROUTE_ARCHIVE || route->year)
		return "is_archive";
	if (route->kind == ROUTE_TERMS)
		return "is_terms";
	if (route->scope == SCOPE_SECTION)
		return "is_section";
	return route->scope == SCOPE_ALL ? "is_home" : "is_tag";
}

static struct value *list_value(const struct view *v)
{
	struct value *list = value_object();

	value_set_str(list, "title", view_list_title(v));
	if (v->section && v->page == 1 && !v->request->search.n)
		value_set_str(list, "intro", v->post.body.html);
	struct value *posts = value_set(list, "posts", value_array());
	for (size_t i = 0; i < v->item_count; i++)
		value_append(posts, post_value(v, &v->items[i]));
	value_set_bool(list, "empty", v->route->kind == ROUTE_LIST && !v->item_count);
	value_set(list, "total", value_integer((int64_t)v->total));
	if (v->total)
		value_set_str(list, "count_label",
			      locale_format(v->arena, locale_of(v), "count_posts", "count",
					    arena_printf(v->arena, "%zu", v->total).p, NULL));
	add_paging(v, list);
	add_sections(v, list);
	add_terms(v, list);
	add_months(v, list);
	return list;
}

struct str view_html_list(const struct view *v, struct buf *err)
{
	struct value *data = value_object();
	struct head_facts facts = {
		.title = view_list_title(v),
		.description = v->section ? v->section->description : STR_LIT(""),
		.robots = v->request->search.n ? STR_LIT("noindex")
			  : v->section         ? v->section->robots
					       : STR_LIT(""),
		.type = "website",
	};

	add_site(v, data);
	add_languages(v, data);
	add_notice(v, data);
	add_head(v, data, &facts);
	if (v->route->kind == ROUTE_LIST)
		add_feeds(v, data, v->path, facts.title);
	else
		add_feeds(v, data, STR_LIT("/"), str_from(view_site_title(v, v->language)));
	value_set_bool(data, page_kind(v), true);
	value_set_bool(data, "is_list", true);
	value_set(data, "list", list_value(v));
	return rendered(v, theme_layout(v->theme, v->section ? v->section->layout : STR_LIT(""), "list"), data, err);
}

/* --- an error ----------------------------------------------------------------------- */

struct str view_html_error(const struct view *v, struct buf *err)
{
	struct value *data = value_object(), *error = value_object();
	struct str title = view_error_text(v, "title");
	struct head_facts facts = {.title = title, .robots = STR_LIT("noindex"), .type = "website"};

	add_site(v, data);
	add_languages(v, data);
	add_head(v, data, &facts);
	value_set_bool(data, "is_error", true);
	value_set(error, "status", value_integer(v->status));
	value_set_str(error, "title", title);
	value_set_str(error, "message", view_error_text(v, "message"));
	value_set_str(error, "detail", v->detail);
	struct value *available = value_set(error, "available", value_array());
	for (size_t i = 0; i < v->translations.count; i++) {
		const struct post_head *head = &v->translations.at[i];
		struct value *item = value_append(available, value_object());
		value_set_str(item, "tag", head->lang);
		set_z(item, "name", view_language_name(v, view_language(v, head)));
		value_set_str(item, "url",
			      links_local(v->arena, v->config, head->path, view_language(v, head)));
	}
	value_set(data, "error", error);
	return rendered(v, "error", data, err);
}
