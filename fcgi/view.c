/* view.c: what several views say in the same way. */
#include "view.h"

#include "article.h"
#include "date.h"
#include "escape.h"
#include "links.h"
#include "taxonomy.h"

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

static struct str with(const struct view *v, struct str url, const char *name, struct str value)
{
	struct buf out = BUF_IN(v->arena);

	escape_query(&out, value);
	buf_char(&out, 0);
	return value.n ? links_with(v->arena, url, name, out.p) : url;
}

/* What makes another list of it; `asked`: also what shows of it, so that who goes
 * from page to page misses nothing and gets the same all along. */
static struct str with_parameters(const struct view *v, struct str url, long page, bool asked)
{
	const struct request *r = v->request;

	url = with(v, url, "tag", r->tag);
	url = with(v, url, "q", r->search);
	if (asked && r->view != VIEW_ABSENT)
		url = links_with(v->arena, url, "view", view_word(r->view));
	if (asked && r->no_fallback)
		url = links_with(v->arena, url, "fallback", "no");
	if (r->limit && (asked || page > 1))
		url = with(v, url, "limit", arena_printf(v->arena, "%ld", r->limit));
	return page > 1 ? with(v, url, "page", arena_printf(v->arena, "%ld", page)) : url;
}

static bool is_feed(const struct view *v)
{
	return v->route && v->route->feed;
}

static struct str list_url(const struct view *v, size_t language, long page, bool asked)
{
	struct str path = is_feed(v) ? route_feed_path(v->arena, v->path, v->route->feed) : v->path;

	return with_parameters(v, links_canonical(v->arena, v->config, path, language), page, asked);
}

/* A first page with more or fewer of the same posts is no other page. */
static struct str canonical_list_url(const struct view *v, size_t language)
{
	return list_url(v, language, v->page, false);
}

struct str view_list_url(const struct view *v, long page)
{
	const struct request *r = v->request;
	struct str url = list_url(v, v->language, page, true);

	if (is_feed(v)) /* it has one format and all members */
		return url;
	if (r->format != FORMAT_HTML)
		url = links_with(v->arena, url, "format", request_formats[r->format]);
	if (r->base_absolute)
		url = links_with(v->arena, url, "base", "absolute");
	return with(v, url, "fields", r->fields);
}

struct str view_list_local(const struct view *v, long page)
{
	return with_parameters(v, links_local(v->arena, v->config, v->path, v->language), page, true);
}

struct str view_page_url(const struct view *v)
{
	return v->post.head ? view_canonical(v, v->post.head) : canonical_list_url(v, v->language);
}

struct str view_section_title(const struct view *v, struct str section)
{
	struct str name = str_cut(&section, '/');

	while (section.n)
		name = str_cut(&section, '/');
	return post_readable_name(v->arena, name);
}

static struct str date_title(const struct view *v, const struct locale *locale)
{
	const char *year = arena_printf(v->arena, "%d", v->route->year).p;

	if (!v->route->month)
		return locale_format(v->arena, locale, "list_year", "year", year, NULL);
	return locale_format(v->arena, locale, "list_month", "month",
			     arena_z(v->arena, locale_month(v->arena, locale, v->route->month)), "year", year, NULL);
}

static struct str term_title(const struct view *v, const struct locale *locale)
{
	const char *label = arena_z(v->arena, v->label);

	if (v->route->scope == SCOPE_TAG)
		return locale_format(v->arena, locale, "list_tag", "tag", label, NULL);
	return v->label;
}

static struct str terms_title(const struct view *v, const struct locale *locale)
{
	switch (v->route->scope) {
	case SCOPE_CATEGORY: return locale_string(locale, "categories");
	case SCOPE_SERIES: return locale_string(locale, "series");
	case SCOPE_AUTHOR: return locale_string(locale, "authors");
	case SCOPE_TAG:
	case SCOPE_ALL:
	case SCOPE_SECTION:
	case SCOPE_COUNT: break;
	}
	return locale_string(locale, "list_tags");
}

struct str view_list_title(const struct view *v)
{
	const struct locale *locale = theme_locale(v->theme, v->language);
	const struct route *route = v->route;

	if (v->request->search.n)
		return locale_format(v->arena, locale, "list_search", "query",
				     arena_z(v->arena, v->request->search), NULL);
	if (v->section)
		return v->section->title;
	if (route->kind == ROUTE_ARCHIVE)
		return locale_string(locale, "archive");
	if (route->kind == ROUTE_TERMS)
		return terms_title(v, locale);
	if (route->year)
		return date_title(v, locale);
	if (route->scope == SCOPE_SECTION)
		return view_section_title(v, route->name);
	return route->scope == SCOPE_ALL ? str_from(view_site_title(v, v->language)) : term_title(v, locale);
}

const char *view_list_kind(const struct route *route)
{
	static const char *const kinds[] = {"of all posts", "of a section", "of a tag", "of a category",
					    "of a series", "of an author"};

	return route->kind == ROUTE_TERMS ? "of terms" : route->kind == ROUTE_ARCHIVE ? "of months"
		: route->year ? "of a year or month" : kinds[route->scope];
}

const char *view_word(enum request_view view)
{
	static const char *const words[] = {"absent", "full", "excerpt", "rest"};

	return words[view];
}

struct str view_series_key(const struct view *v, const struct post_head *head)
{
	return taxonomy_key(v->arena, head->series);
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

	if (v->request->search.n) /* what is found has no translation */
		return list;
	for (size_t i = 0; i < v->config->language_count; i++) {
		struct str href = STR_LIT("");
		if (!v->post.head) {
			if (!v->listed || v->listed[i])
				href = canonical_list_url(v, i);
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

int64_t view_updated(const struct post_head *head)
{
	return head->lastmod > head->date ? head->lastmod : head->date; /* TIME_ABSENT is before all */
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

struct str view_error_text(const struct view *v, const char *what)
{
	const struct locale *locale = theme_locale(v->theme, v->language);
	struct str text = locale_string(locale, arena_printf(v->arena, "error_%d_%s", v->status, what).p);

	/* Of 414 and 501 a reader needs to know no more than of 400. */
	return text.n ? text : locale_string(locale, arena_printf(v->arena, "error_400_%s", what).p);
}
