/* view_html.c: builds the data that templates get, and renders them.
 *
 * The README's table of template data describes what is built here.
 */
#include "view_html.h"

#include "fragment.h"
#include "lang.h"
#include "links.h"

#define GENERATOR "Cartolina " CARTOLINA_VERSION
enum { LONG_READ = 1 /* minutes from which a reading time is worth a word */ };

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
	struct buf out = BUF_IN(v->arena);
	struct str page = {0};

	if (!theme_render(v->theme, name, data, &out, err) && !buf_failed(&out))
		page = buf_view(&out);
	return page;
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
	value_set(post, "tags", named(head->tags));
	value_set(post, "authors", named(head->authors));
	value_set(post, "outline", parsed(item->body.outline));
	value_set(post, "params", parsed(head->params));
	return post;
}

struct str view_html_post(const struct view *v, struct buf *err)
{
	const struct post_head *head = v->post.head;
	struct value *data = value_object();
	struct head_facts facts = {
		.title = head->title,
		.description = head->description,
		.image = view_image(v, head),
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
	value_set_bool(data, "is_post", true);
	value_set(data, "post", post_value(v, &v->post));
	return rendered(v, "post", data, err);
}

/* --- a list ------------------------------------------------------------------------- */

static void add_paging(const struct view *v, struct value *list)
{
	struct str url = links_local(v->arena, v->config, v->path, v->language);

	if (v->page > 2)
		value_set_str(list, "prev_url",
			      links_with(v->arena, url, "page", arena_printf(v->arena, "%ld", v->page - 1).p));
	else if (v->page == 2)
		value_set_str(list, "prev_url", url);
	if (v->page < v->pages)
		value_set_str(list, "next_url",
			      links_with(v->arena, url, "page", arena_printf(v->arena, "%ld", v->page + 1).p));
	if (v->pages > 1)
		value_set_str(list, "page_label",
			      locale_format(v->arena, locale_of(v), "page_label", "page",
					    arena_printf(v->arena, "%ld", v->page).p, "pages",
					    arena_printf(v->arena, "%ld", v->pages).p, NULL));
}

struct str view_html_list(const struct view *v, struct buf *err)
{
	struct value *data = value_object(), *list = value_object();
	struct str site = str_from(view_site_title(v, v->language));
	bool home = str_is(v->path, "/");
	struct head_facts facts = {
		.title = v->section ? v->section->title : site,
		.description = v->section ? v->section->description : STR_LIT(""),
		.type = "website",
	};

	add_site(v, data);
	add_languages(v, data);
	add_notice(v, data);
	add_head(v, data, &facts);
	value_set_bool(data, home ? "is_home" : "is_section", true);
	value_set_bool(data, "is_list", true);
	value_set_str(list, "title", facts.title);
	if (v->section)
		value_set_str(list, "intro", v->post.body.html);
	struct value *posts = value_set(list, "posts", value_array());
	for (size_t i = 0; i < v->item_count; i++)
		value_append(posts, post_value(v, &v->items[i]));
	value_set_bool(list, "empty", !v->item_count);
	add_paging(v, list);
	value_set(data, "list", list);
	return rendered(v, "list", data, err);
}

/* --- an error ----------------------------------------------------------------------- */

struct str view_html_error(const struct view *v, struct buf *err)
{
	struct value *data = value_object(), *error = value_object();
	const struct locale *locale = locale_of(v);
	struct str title = locale_string(locale, arena_printf(v->arena, "error_%d_title", v->status).p);
	struct head_facts facts = {.title = title, .robots = STR_LIT("noindex"), .type = "website"};

	add_site(v, data);
	add_languages(v, data);
	add_head(v, data, &facts);
	value_set_bool(data, "is_error", true);
	value_set(error, "status", value_integer(v->status));
	value_set_str(error, "title", title);
	value_set_str(error, "message",
		      locale_string(locale, arena_printf(v->arena, "error_%d_message", v->status).p));
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
