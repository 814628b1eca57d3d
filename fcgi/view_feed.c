/* view_feed.c: a list -> Atom (RFC 4287), RSS 2.0 (with content, Dublin Core and
 * Atom's links), JSON Feed 1.1; pages as in RFC 5005 §3.
 *
 * No moment of a request is in a feed: the same posts give the same bytes.
 * Ids outlive a change of slug, of `permalinks` and of `urls`: they are made
 * of the group's name and the language, behind feed_id or base_url.
 * Without an absolute base_url the feed is well-formed, but its addresses are
 * relative, which RSS forbids and Atom's readers seldom understand.
 */
#include "view_feed.h"

#include "date.h"
#include "escape.h"
#include "fragment.h"
#include "links.h"

static const struct {
	const char *type, *charset;
} KINDS[] = {
	[FEED_ATOM] = {"application/atom+xml", "application/atom+xml; charset=utf-8"},
	[FEED_RSS] = {"application/rss+xml", "application/rss+xml; charset=utf-8"},
	/* JSON is UTF-8 and knows no charset (RFC 8259 §11). */
	[FEED_JSON] = {"application/feed+json", "application/feed+json"},
};

const char *view_feed_type(enum route_feed kind)
{
	return KINDS[kind].charset;
}

/* --- addresses ------------------------------------------------------------------- */

struct str view_feed_home(const struct view *v, enum route_feed kind, size_t language)
{
	return links_canonical(v->arena, v->config, route_feed_path(v->arena, v->path, kind), language);
}

static struct str own_url(const struct view *v)
{
	return view_list_url(v, v->page);
}

static struct str list_url(const struct view *v)
{
	return links_canonical(v->arena, v->config, v->path, v->language);
}

/* --- facts ------------------------------------------------------------------------- */

static struct str make_id(const struct view *v, struct str path, size_t language)
{
	struct buf out = BUF_IN(v->arena);

	if (v->config->feed_id[0])
		buf_puts(&out, v->config->feed_id);
	else if (links_are_absolute(v->config))
		buf_puts(&out, v->config->base_url);
	else /* an id must be absolute; that of a site without an address is for its author only */
		buf_puts(&out, "tag:localhost,2020:");
	escape_path(&out, path);
	if (language > 0)
		buf_printf(&out, "?lang=%s", v->config->languages[language].tag);
	return buf_view(&out);
}

/* The same on each page of the feed. */
static struct str feed_id(const struct view *v, enum route_feed kind)
{
	return make_id(v, route_feed_path(v->arena, v->path, kind), v->language);
}

static struct str entry_id(const struct view *v, const struct view_item *item)
{
	return make_id(v, arena_printf(v->arena, "/%.*s", STR_ARG(item->head->group)), item->language);
}

/* The home page's own _index says what is there, not what the site is called. */
static struct str feed_title(const struct view *v)
{
	const char *site = view_site_title(v, v->language);
	bool home = str_is(v->path, "/") && !v->request->search.n;

	return home ? str_from(site) : arena_printf(v->arena, "%.*s · %s", STR_ARG(view_list_title(v)), site);
}

static struct str feed_description(const struct view *v)
{
	return v->section ? v->section->description : STR_LIT("");
}

/* When nothing in it has a date, a time that nobody takes for true: Atom and feed
 * readers want one. */
static int64_t feed_updated(const struct view *v)
{
	int64_t newest = 0;

	for (size_t i = 0; i < v->item_count; i++) {
		int64_t updated = view_updated(v->items[i].head);
		if (updated > newest)
			newest = updated;
	}
	return newest;
}

/* Atom wants a time of each entry, known or not (RFC 4287 §4.1.2). */
static int64_t entry_updated(const struct view *v, const struct post_head *head)
{
	int64_t updated = view_updated(head);
	return updated != TIME_ABSENT ? updated : feed_updated(v);
}

/* Nothing of the article is missing. */
static bool is_whole(const struct view_item *item)
{
	return item->view == VIEW_FULL || (item->view == VIEW_EXCERPT && !item->head->truncated);
}

/* Feed readers lay text out in their own direction unless told otherwise. */
static struct str entry_html(const struct view *v, const struct view_item *item)
{
	struct str page = view_canonical(v, item->head);
	struct fragment_options options = {
		.config = v->config, .drop_ids = true, .all_anchors = true, .page = page, .base = page};
	struct str html = fragment_make(v->arena, view_html_of(v, item), &options);

	if (strcmp(view_language_dir(v, item->language), "rtl") != 0)
		return html;
	return arena_printf(v->arena, "<div lang=\"%s\" dir=\"rtl\">\n%.*s</div>\n",
			    v->config->languages[item->language].tag, STR_ARG(html));
}

static const struct value *parsed(const struct view *v, struct str json)
{
	struct buf ignored = BUF_IN(v->arena);
	return value_read(json, &ignored);
}

static bool has_text(const struct value *list, struct str text)
{
	for (size_t i = 0; i < value_count(list); i++)
		if (str_eq(value_text(value_at(list, i)), text))
			return true;
	return false;
}

/* Tags, then categories, each once. */
static struct value *entry_tags(const struct view *v, const struct post_head *head)
{
	const struct value *const lists[] = {parsed(v, head->tags), parsed(v, head->categories)};
	struct value *all = value_array();

	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++) {
		for (size_t i = 0; i < value_count(lists[k]); i++) {
			struct str text = str_trim(value_text(value_at(lists[k], i)));
			if (text.n && !has_text(all, text))
				value_append(all, value_string(text));
		}
	}
	return all;
}

/* --- XML ----------------------------------------------------------------------------- */

struct xml {
	const struct view *v;
	enum route_feed kind;
	struct buf out;
};

static void element(struct xml *x, const char *name, struct str text)
{
	buf_printf(&x->out, "<%s>", name);
	escape_xml(&x->out, text);
	buf_printf(&x->out, "</%s>\n", name);
}

/* The same where there is something to say. */
static void element_if(struct xml *x, const char *name, struct str text)
{
	if (text.n)
		element(x, name, text);
}

static void attribute(struct xml *x, const char *name, struct str value)
{
	if (!value.n)
		return;
	buf_printf(&x->out, " %s=\"", name);
	escape_xml(&x->out, value);
	buf_char(&x->out, '"');
}

struct link {
	const char *rel, *type, *hreflang;
	struct str href;
};

/* RSS borrows Atom's element. */
static void add_link(struct xml *x, struct link link)
{
	buf_puts(&x->out, x->kind == FEED_RSS ? "<atom:link" : "<link");
	attribute(x, "rel", str_from(link.rel));
	attribute(x, "type", str_from(link.type));
	attribute(x, "hreflang", str_from(link.hreflang));
	attribute(x, "href", link.href);
	buf_puts(&x->out, "/>\n");
}

/* To the feed itself, its other languages and its other pages. */
static void add_feed_links(struct xml *x)
{
	const struct view *v = x->v;
	const char *type = KINDS[x->kind].type;
	const struct {
		const char *rel;
		long page;
		bool here;
	} pages[] = {
		{"first", 1, v->pages > 1},
		{"previous", v->page - 1, v->page > 1},
		{"next", v->page + 1, v->page < v->pages},
		{"last", v->pages, v->pages > 1},
	};

	add_link(x, (struct link){"self", type, NULL, own_url(v)});
	for (size_t i = 0; i < v->config->language_count; i++)
		if (i != v->language && (!v->listed || v->listed[i]))
			add_link(x, (struct link){"alternate", type, v->config->languages[i].tag,
						  view_feed_home(v, x->kind, i)});
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (pages[i].here)
			add_link(x, (struct link){pages[i].rel, type, NULL, view_list_url(v, pages[i].page)});
}

/* --- Atom ------------------------------------------------------------------------------ */

static void add_atom_author(struct xml *x, struct str name)
{
	if (!name.n)
		return;
	buf_puts(&x->out, "<author>");
	element(x, "name", name);
	buf_puts(&x->out, "</author>\n");
}

static void add_atom_entry(struct xml *x, const struct view_item *item)
{
	const struct view *v = x->v;
	const struct post_head *head = item->head;
	const char *tag = v->config->languages[item->language].tag;
	const struct value *authors = parsed(v, head->authors), *tags = entry_tags(v, head);
	bool whole = is_whole(item);

	buf_puts(&x->out, "<entry");
	attribute(x, "xml:lang", str_from(item->language == v->language ? "" : tag));
	buf_puts(&x->out, ">\n");
	element(x, "id", entry_id(v, item));
	element(x, "title", head->title);
	add_link(x, (struct link){"alternate", "text/html", tag, view_canonical(v, head)});
	element_if(x, "published", view_iso(v, head->date));
	element(x, "updated", view_iso(v, entry_updated(v, head)));
	for (size_t i = 0; i < value_count(authors); i++)
		add_atom_author(x, value_text(value_at(authors, i)));
	for (size_t i = 0; i < value_count(tags); i++) {
		buf_puts(&x->out, "<category");
		attribute(x, "term", value_text(value_at(tags, i)));
		buf_puts(&x->out, "/>\n");
	}
	/* An excerpt is a summary and not the content: readers may fetch the rest. */
	if (whole)
		element_if(x, "summary", head->description);
	buf_printf(&x->out, "<%s type=\"html\">", whole ? "content" : "summary");
	escape_xml(&x->out, entry_html(v, item));
	buf_printf(&x->out, "</%s>\n</entry>\n", whole ? "content" : "summary");
}

static struct str make_atom(const struct view *v)
{
	struct xml x = {.v = v, .kind = FEED_ATOM, .out = BUF_IN(v->arena)};
	const char *tag = v->config->languages[v->language].tag;

	buf_puts(&x.out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"");
	attribute(&x, "xml:lang", str_from(tag));
	buf_puts(&x.out, ">\n");
	element(&x, "id", feed_id(v, x.kind));
	element(&x, "title", feed_title(v));
	element_if(&x, "subtitle", feed_description(v));
	element(&x, "updated", view_iso(v, feed_updated(v)));
	add_link(&x, (struct link){"alternate", "text/html", tag, list_url(v)});
	add_feed_links(&x);
	/* For the entries that name nobody (§4.1.1). */
	add_atom_author(&x, str_from(view_site_title(v, v->language)));
	buf_puts(&x.out, "<generator version=\"" CARTOLINA_VERSION "\">Cartolina</generator>\n");
	for (size_t i = 0; i < v->item_count; i++)
		add_atom_entry(&x, &v->items[i]);
	buf_puts(&x.out, "</feed>\n");
	return buf_view(&x.out);
}

/* --- RSS ------------------------------------------------------------------------------- */

/* RFC 822 §5, with the four digits that RSS 2.0 prefers; that is IMF-fixdate. */
static struct str rss_date(const struct view *v, int64_t seconds)
{
	char text[DATE_HTTP_SIZE];

	date_format_http(seconds, text);
	return arena_str(v->arena, str_from(text));
}

/* <description> is HTML, a title is text. */
static void add_rss_description(struct xml *x, const struct view_item *item)
{
	struct str html = entry_html(x->v, item);
	struct buf plain = BUF_IN(x->v->arena);

	if (!is_whole(item)) {
		element(x, "description", html);
		return;
	}
	escape_html(&plain, item->head->description);
	element_if(x, "description", buf_view(&plain));
	element(x, "content:encoded", html);
}

static void add_rss_item(struct xml *x, const struct view_item *item)
{
	const struct view *v = x->v;
	const struct post_head *head = item->head;
	const struct value *authors = parsed(v, head->authors), *tags = entry_tags(v, head);
	struct str id = entry_id(v, item), url = view_canonical(v, head);

	buf_puts(&x->out, "<item>\n");
	element(x, "title", head->title);
	element(x, "link", url);
	buf_printf(&x->out, "<guid isPermaLink=\"%s\">", str_eq(id, url) ? "true" : "false");
	escape_xml(&x->out, id);
	buf_puts(&x->out, "</guid>\n");
	if (head->date != TIME_ABSENT)
		element(x, "pubDate", rss_date(v, head->date));
	for (size_t i = 0; i < value_count(authors); i++)
		element_if(x, "dc:creator", value_text(value_at(authors, i)));
	if (item->language != v->language)
		element(x, "dc:language", str_from(v->config->languages[item->language].tag));
	for (size_t i = 0; i < value_count(tags); i++)
		element(x, "category", value_text(value_at(tags, i)));
	add_rss_description(x, item);
	buf_puts(&x->out, "</item>\n");
}

static struct str make_rss(const struct view *v)
{
	struct xml x = {.v = v, .kind = FEED_RSS, .out = BUF_IN(v->arena)};
	struct str title = feed_title(v), description = feed_description(v);

	buf_puts(&x.out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
			 "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\""
			 " xmlns:content=\"http://purl.org/rss/1.0/modules/content/\""
			 " xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n");
	element(&x, "title", title);
	element(&x, "link", list_url(v));
	element(&x, "description", description.n ? description : title);
	element(&x, "language", str_from(v->config->languages[v->language].tag));
	element(&x, "lastBuildDate", rss_date(v, feed_updated(v)));
	element(&x, "generator", STR_LIT("Cartolina " CARTOLINA_VERSION));
	add_feed_links(&x);
	for (size_t i = 0; i < v->item_count; i++)
		add_rss_item(&x, &v->items[i]);
	buf_puts(&x.out, "</channel>\n</rss>\n");
	return buf_view(&x.out);
}

/* --- JSON ------------------------------------------------------------------------------ */

static void set_if(struct value *object, const char *key, struct str text)
{
	if (text.n)
		value_set_str(object, key, text);
}

static void add_json_authors(const struct view *v, const struct post_head *head, struct value *out)
{
	const struct value *names = parsed(v, head->authors);
	struct value *list = value_array();

	for (size_t i = 0; i < value_count(names); i++) {
		struct str name = value_text(value_at(names, i));
		if (name.n)
			value_set_str(value_append(list, value_object()), "name", name);
	}
	if (value_count(list))
		value_set(out, "authors", list);
}

static struct value *json_item(const struct view *v, const struct view_item *item)
{
	const struct post_head *head = item->head;
	struct value *out = value_object(), *tags = entry_tags(v, head);

	value_set_str(out, "id", entry_id(v, item));
	value_set_str(out, "url", view_canonical(v, head));
	set_if(out, "title", head->title);
	value_set_str(out, "content_html", entry_html(v, item));
	set_if(out, "summary", head->description);
	set_if(out, "image", view_image(v, head));
	set_if(out, "date_published", view_iso(v, head->date));
	set_if(out, "date_modified", view_iso(v, view_updated(head)));
	add_json_authors(v, head, out);
	if (value_count(tags))
		value_set(out, "tags", tags);
	value_set(out, "language", value_z(v->config->languages[item->language].tag));
	return out;
}

static struct str make_json(const struct view *v)
{
	struct value *out = value_object();
	struct buf text = BUF_IN(v->arena);

	value_set(out, "version", value_z("https://jsonfeed.org/version/1.1"));
	value_set_str(out, "title", feed_title(v));
	value_set_str(out, "home_page_url", list_url(v));
	value_set_str(out, "feed_url", own_url(v));
	set_if(out, "description", feed_description(v));
	if (v->page < v->pages)
		value_set_str(out, "next_url", view_list_url(v, v->page + 1));
	value_set(out, "language", value_z(v->config->languages[v->language].tag));
	struct value *authors = value_set(out, "authors", value_array());
	value_set(value_append(authors, value_object()), "name", value_z(view_site_title(v, v->language)));
	struct value *items = value_set(out, "items", value_array());
	for (size_t i = 0; i < v->item_count; i++)
		value_append(items, json_item(v, &v->items[i]));
	value_write(out, false, &text);
	buf_char(&text, '\n');
	return buf_view(&text);
}

struct str view_feed(const struct view *v)
{
	switch (v->route->feed) {
	case FEED_RSS: return make_rss(v);
	case FEED_JSON: return make_json(v);
	case FEED_ATOM:
	case FEED_NONE: break;
	}
	return make_atom(v);
}
