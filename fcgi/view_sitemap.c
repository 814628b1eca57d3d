/* view_sitemap.c: the site's addresses for search engines
 * (https://www.sitemaps.org/protocol.html), with the translations of each as
 * xhtml:link, and robots.txt (RFC 9309).
 *
 * All entries are read whichever file is asked for: where a file begins follows
 * from how long those before it are.  Only the one that is asked for is kept.
 * It says no priority and no frequency of change: nobody knows, nobody asks.
 */
#include "view_sitemap.h"

#include "date.h"
#include "escape.h"
#include "links.h"

enum { ADDRESS_LIMIT = 2048 /* bytes of <loc>, by the protocol */ };

struct sitemap {
	const struct view *v;
	const struct post_head **by_language; /* of the entry at hand */
	struct buf address, alternates, entry;
	size_t entry_addresses;
	int64_t entry_newest;
	size_t wanted;   /* the file that is kept, from 1 */
	struct buf kept;
	size_t file;     /* the one being filled, from 1, and what is in it */
	size_t addresses, bytes;
	int64_t newest;
	struct buf files; /* the list of them */
};

bool view_sitemap_hides(const struct post_head *head)
{
	struct str rest = head->robots;

	while (rest.n) {
		struct str word = str_trim(str_cut(&rest, ','));
		if (str_is_fold(word, "noindex") || str_is_fold(word, "none"))
			return true;
	}
	return false;
}

/* --- one entry --------------------------------------------------------------------- */

static void add_lastmod(int64_t seconds, struct buf *out)
{
	char text[DATE_ISO_SIZE];

	if (seconds == TIME_ABSENT)
		return;
	date_format_iso(seconds, text);
	buf_printf(out, "<lastmod>%s</lastmod>", text);
}

static struct str address(struct sitemap *s, struct str path, size_t language)
{
	buf_reset(&s->address);
	links_add(&s->address, s->v->config, path, language);
	return buf_view(&s->address);
}

/* The first of each language, in the order of the files, as everywhere else. */
static void sort_by_language(struct sitemap *s, const struct view_sitemap_entry *entry)
{
	memset(s->by_language, 0, s->v->config->language_count * sizeof(*s->by_language));
	for (size_t i = 0; i < entry->translations.count; i++) {
		const struct post_head *head = &entry->translations.at[i];
		size_t at = view_language(s->v, head);
		if (!s->by_language[at] && !view_sitemap_hides(head))
			s->by_language[at] = head;
	}
}

/* A list without a text in its language has the first there is. */
static bool hides_list(const struct sitemap *s, const struct index_heads *texts, size_t language)
{
	const struct post_head *shown = texts->count ? &texts->at[0] : NULL;

	for (size_t i = 0; i < texts->count; i++)
		if (view_language(s->v, &texts->at[i]) == language) {
			shown = &texts->at[i];
			break;
		}
	return shown && view_sitemap_hides(shown);
}

/* The path of the entry in a language; "" where it is not. */
static struct str path_in(const struct sitemap *s, const struct view_sitemap_entry *entry, size_t language)
{
	if (!entry->translations.count)
		return hides_list(s, &entry->texts, language) ? STR_LIT("") : entry->path;
	return s->by_language[language] ? s->by_language[language]->path : STR_LIT("");
}

static void add_alternate(struct sitemap *s, const char *hreflang, struct str href)
{
	buf_printf(&s->alternates, "<xhtml:link rel=\"alternate\" hreflang=\"%s\" href=\"", hreflang);
	escape_xml(&s->alternates, href);
	buf_puts(&s->alternates, "\"/>\n");
}

/* The same for each address of the entry, itself included: search engines
 * believe only what both sides say. */
static void list_alternates(struct sitemap *s, const struct view_sitemap_entry *entry)
{
	const struct config *config = s->v->config;
	size_t first = config->language_count;

	buf_reset(&s->alternates);
	for (size_t i = 0; i < config->language_count && config->language_count > 1; i++) {
		struct str path = path_in(s, entry, i);
		if (!path.n)
			continue;
		add_alternate(s, config->languages[i].tag, address(s, path, i));
		if (first == config->language_count)
			first = i;
	}
	if (first < config->language_count)
		add_alternate(s, "x-default", address(s, path_in(s, entry, first), first));
}

static void write_entry(struct sitemap *s, const struct view_sitemap_entry *entry)
{
	buf_reset(&s->entry);
	s->entry_addresses = 0;
	s->entry_newest = TIME_ABSENT;
	sort_by_language(s, entry);
	list_alternates(s, entry);
	for (size_t i = 0; i < s->v->config->language_count; i++) {
		struct str path = path_in(s, entry, i), loc = address(s, path, i);
		bool post = entry->translations.count && path.n;
		int64_t updated = post ? view_updated(s->by_language[i]) : entry->updated;
		size_t before = s->entry.n;
		if (!path.n)
			continue;
		buf_puts(&s->entry, "<url><loc>");
		escape_xml(&s->entry, loc);
		if (s->entry.n - before - strlen("<url><loc>") >= ADDRESS_LIMIT) {
			buf_truncate(&s->entry, before);
			continue;
		}
		buf_puts(&s->entry, "</loc>");
		add_lastmod(updated, &s->entry);
		buf_char(&s->entry, '\n');
		buf_str(&s->entry, buf_view(&s->alternates));
		buf_puts(&s->entry, "</url>\n");
		s->entry_addresses++;
		if (updated > s->entry_newest)
			s->entry_newest = updated;
	}
}

/* --- files ---------------------------------------------------------------------------- */

static void end_file(struct sitemap *s)
{
	struct str path = arena_printf(s->v->arena, "/sitemap-%zu.xml", s->file);

	buf_puts(&s->files, "<sitemap><loc>");
	escape_xml(&s->files, address(s, path, 0));
	buf_puts(&s->files, "</loc>");
	add_lastmod(s->newest, &s->files);
	buf_puts(&s->files, "</sitemap>\n");
	s->file++;
	s->addresses = s->bytes = 0;
	s->newest = TIME_ABSENT;
}

static void add_entry(struct sitemap *s, const struct view_sitemap_entry *entry)
{
	write_entry(s, entry);
	if (s->addresses && (s->addresses + s->entry_addresses > VIEW_SITEMAP_ADDRESSES ||
			     s->bytes + s->entry.n > VIEW_SITEMAP_BYTES))
		end_file(s);
	s->addresses += s->entry_addresses;
	s->bytes += s->entry.n;
	if (s->entry_newest > s->newest)
		s->newest = s->entry_newest;
	if (s->file == s->wanted)
		buf_str(&s->kept, buf_view(&s->entry));
}

static void begin_document(struct buf *out, const char *element)
{
	buf_printf(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
			"<%s xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"", element);
}

struct str view_sitemap(const struct view *v, struct view_sitemap_source *source, size_t file)
{
	struct sitemap s = {
		.v = v,
		.by_language = ARENA_ARRAY(v->arena, v->config->language_count, const struct post_head *),
		.address = BUF_IN(v->arena), .alternates = BUF_IN(v->arena), .entry = BUF_IN(v->arena),
		.wanted = file ? file : 1, .kept = BUF_IN(v->arena),
		.file = 1, .newest = TIME_ABSENT, .files = BUF_IN(v->arena),
	};
	struct view_sitemap_entry entry;

	begin_document(&s.kept, "urlset");
	buf_puts(&s.kept, " xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n");
	begin_document(&s.files, "sitemapindex");
	buf_puts(&s.files, ">\n");
	while (source->next(source, &entry))
		add_entry(&s, &entry);
	size_t count = s.file;
	end_file(&s);
	buf_puts(&s.kept, "</urlset>\n");
	buf_puts(&s.files, "</sitemapindex>\n");
	if (file > count)
		return (struct str){0};
	return buf_view(!file && count > 1 ? &s.files : &s.kept);
}

/* --- robots.txt -------------------------------------------------------------------------- */

/* Whoever asks for Sitemap lines wants them absolute. */
struct str view_sitemap_robots(const struct view *v)
{
	struct buf out = BUF_IN(v->arena);

	buf_puts(&out, "User-agent: *\nAllow: /\n");
	if (links_are_absolute(v->config)) {
		buf_puts(&out, "\nSitemap: ");
		links_add(&out, v->config, STR_LIT("/sitemap.xml"), 0);
		buf_char(&out, '\n');
	}
	return buf_view(&out);
}
