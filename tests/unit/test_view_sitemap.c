/* test_view_sitemap.c: the site's addresses, one file of them and several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/viewfacts.h"
#include "view_sitemap.h"

#include <stdio.h>

#define AT "https://example.org/blog"

/* --- sources ------------------------------------------------------------------------- */

struct row {
	struct view_sitemap_source source;
	const struct view_sitemap_entry *entries;
	size_t count, at;
};

static bool next_in_row(struct view_sitemap_source *source, struct view_sitemap_entry *entry)
{
	struct row *row = (struct row *)source;

	if (row->at == row->count)
		return false;
	*entry = row->entries[row->at++];
	return true;
}

static struct str made(const struct view_sitemap_entry *entries, size_t count, size_t file)
{
	struct row row = {{next_in_row}, entries, count, 0};
	return view_sitemap(&f.view, &row.source, file);
}

/* Many posts without keeping one: "/p/0", "/p/1", … each `padding` bytes longer. */
struct many {
	struct view_sitemap_source source;
	struct post_head *head;
	size_t count, at;
	int padding;
	bool lists;
	char path[2100];
};

static bool next_of_many(struct view_sitemap_source *source, struct view_sitemap_entry *entry)
{
	struct many *many = (struct many *)source;

	if (many->at == many->count)
		return false;
	int n = snprintf(many->path, sizeof(many->path), "/p/%0*zu", many->padding + 1, many->at);
	many->head->path = (struct str){many->path, (size_t)n};
	many->head->date = (int64_t)many->at++;
	*entry = (struct view_sitemap_entry){.translations = {many->head, many->lists ? 0 : 1},
					     .path = many->head->path, .updated = TIME_ABSENT};
	return true;
}

static struct str made_of_many(size_t count, int padding, size_t file)
{
	struct many many = {.source = {next_of_many}, .count = count, .padding = padding};

	many.head = viewfacts_head(&f, VIEWFACTS_EN, "p", "P");
	return view_sitemap(&f.view, &many.source, file);
}

static size_t times(struct str text, const char *part)
{
	size_t n = 0;

	for (struct str rest = text; str_find(rest, part) < rest.n; n++)
		rest = str_skip(rest, str_find(rest, part) + strlen(part));
	return n;
}

/* --- one file --------------------------------------------------------------------------- */

#define BEGIN "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" \
	"<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n"
#define END "</urlset>\n"
#define LINK(lang, href) "<xhtml:link rel=\"alternate\" hreflang=\"" lang "\" href=\"" AT href "\"/>\n"

static void lists_translations_of_each_other(void **state)
{
	struct post_head heads[] = {*viewfacts_head(&f, VIEWFACTS_AR, "posts/x", "X"),
				    *viewfacts_head(&f, VIEWFACTS_IT, "posts/x", "X")};
	const struct view_sitemap_entry entries[] = {{.translations = {heads, 2}}};
#define BOTH LINK("it", "/posts/x?lang=it") LINK("ar", "/posts/y%20%26?lang=ar") \
	LINK("x-default", "/posts/x?lang=it")

	(void)state;
	heads[0].path = STR_LIT("/posts/y &");
	heads[0].lastmod = 1000000000;
	assert_string_equal(made(entries, 1, 0).p,
		BEGIN
		"<url><loc>" AT "/posts/x?lang=it</loc>\n" BOTH "</url>\n"
		"<url><loc>" AT "/posts/y%20%26?lang=ar</loc><lastmod>2001-09-09T01:46:40Z</lastmod>\n" BOTH "</url>\n"
		END);
}

static void lists_are_in_every_language(void **state)
{
	const struct view_sitemap_entry entries[] = {{.path = STR_LIT("/"), .updated = 1000000000},
						     {.path = STR_LIT("/posts/"), .updated = TIME_ABSENT}};

	(void)state;
	struct str all = made(entries, 2, 0);
	assert_int_equal(times(all, "<url>"), 6);
	assert_int_equal(times(all, "<loc>" AT "/posts/?lang=ar</loc>\n"), 1);
	assert_int_equal(times(all, "<lastmod>2001-09-09T01:46:40Z</lastmod>"), 3);
	assert_int_equal(times(all, LINK("x-default", "/posts/")), 3);
	f.config.urls = URLS_PREFIX;
	assert_int_equal(times(made(entries, 2, 0), "<loc>" AT "/it/posts/</loc>"), 1);
}

static void one_language_has_no_alternates(void **state)
{
	struct post_head head = *viewfacts_head(&f, VIEWFACTS_EN, "posts/x", "X");
	const struct view_sitemap_entry entries[] = {{.translations = {&head, 1}}};

	(void)state;
	f.config.language_count = 1;
	assert_string_equal(made(entries, 1, 0).p,
		BEGIN "<url><loc>" AT "/posts/x</loc>\n</url>\n" END);
}

static void repeated_languages_count_once(void **state)
{
	struct post_head heads[] = {*viewfacts_head(&f, VIEWFACTS_EN, "first", "X"),
				    *viewfacts_head(&f, VIEWFACTS_EN, "second", "X")};
	const struct view_sitemap_entry entries[] = {{.translations = {heads, 2}}};

	(void)state;
	assert_int_equal(times(made(entries, 1, 0), "<url>"), 1);
	assert_int_equal(times(made(entries, 1, 0), "second"), 0);
}

static void what_robots_hides_is_left_out(void **state)
{
	static const struct {
		const char *robots;
		bool hidden;
	} cases[] = {
		{"", false}, {"all", false}, {"index, follow", false}, {"noindex", true}, {"NoIndex", true},
		{"nofollow, noindex", true}, {"none", true}, {"nofollow,none ", true}, {"noindexx", false},
		{"noimageindex", false}, {",,", false},
	};
	struct post_head heads[] = {*viewfacts_head(&f, VIEWFACTS_EN, "posts/x", "X"),
				    *viewfacts_head(&f, VIEWFACTS_IT, "posts/x", "X")};
	const struct view_sitemap_entry entries[] = {{.translations = {heads, 2}}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		heads[0].robots = str_from(cases[i].robots);
		struct str all = made(entries, 1, 0);
		assert_int_equal(view_sitemap_hides(&heads[0]), cases[i].hidden);
		assert_int_equal(times(all, "<url>"), cases[i].hidden ? 1 : 2);
		assert_int_equal(times(all, "hreflang=\"en\""), cases[i].hidden ? 0 : 2);
	}
}

static void an_address_is_not_too_long(void **state)
{
	char path[1100] = "/";
	struct post_head head = *viewfacts_head(&f, VIEWFACTS_EN, "x", "X");
	const struct view_sitemap_entry entries[] = {{.translations = {&head, 1}}};

	(void)state;
	memset(path + 1, ' ', sizeof(path) - 1);
	head.path = (struct str){path, 600};
	assert_int_equal(times(made(entries, 1, 0), "<url>"), 1);
	head.path = (struct str){path, 1000};
	assert_string_equal(made(entries, 1, 0).p, BEGIN END);
}

static void an_ampersand_in_base_url(void **state)
{
	const struct view_sitemap_entry entries[] = {{.path = STR_LIT("/")}};

	(void)state;
	f.config.base_url = "https://example.org/a&b'";
	assert_int_equal(times(made(entries, 1, 0), "<loc>https://example.org/a&amp;b&#39;/</loc>"), 1);
	assert_int_equal(times(made(entries, 1, 0), "href=\"https://example.org/a&amp;b&#39;/?lang=it\""), 3);
}

/* --- several files ------------------------------------------------------------------------ */

static void splits_by_addresses(void **state)
{
	(void)state;
	f.config.language_count = 1;
	assert_int_equal(times(made_of_many(50000, 0, 0), "<url>"), 50000);
	assert_null(made_of_many(50000, 0, 2).p);
	struct str all = made_of_many(50001, 0, 0);
	assert_string_equal(all.p,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		"<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
		"<sitemap><loc>" AT "/sitemap-1.xml</loc><lastmod>1970-01-01T13:53:19Z</lastmod></sitemap>\n"
		"<sitemap><loc>" AT "/sitemap-2.xml</loc><lastmod>1970-01-01T13:53:20Z</lastmod></sitemap>\n"
		"</sitemapindex>\n");
	assert_int_equal(times(made_of_many(50001, 0, 1), "<url>"), 50000);
	struct str second = made_of_many(50001, 0, 2);
	assert_int_equal(times(second, "<url>"), 1);
	assert_int_equal(times(second, "/p/50000</loc>"), 1);
	assert_null(made_of_many(50001, 0, 3).p);
}

static void splits_by_bytes(void **state)
{
	size_t found = 0, files = 0;

	(void)state;
	f.config.language_count = 1;
	for (struct str part; (part = made_of_many(10000, 1900, files + 1)).p; files++) {
		assert_true(part.n <= VIEW_SITEMAP_BYTES + 300);
		found += times(part, "<url>");
	}
	assert_int_equal(found, 10000);
	assert_int_equal(files, 3);
	assert_int_equal(times(made_of_many(10000, 1900, 0), "<sitemap>"), 3);
}

/* With room left for the posts, in what a FastCGI worker has (64 MiB). */
static void a_file_fits_in_a_worker(void **state)
{
	(void)state;
	f.config.language_count = 1;
	f.arena.ceiling = 36 << 20;
	assert_int_equal(times(made_of_many(4000, 1900, 1), "<url>"), 4000);
}

static void translations_stay_together(void **state)
{
	size_t found = 0;

	(void)state;
	for (size_t file = 1;; file++) {
		struct many many = {.source = {next_of_many}, .count = 10000, .lists = true};
		many.head = viewfacts_head(&f, VIEWFACTS_EN, "p", "P");
		struct str part = view_sitemap(&f.view, &many.source, file);
		if (!part.p)
			break;
		assert_int_equal(times(part, "<url>") % VIEWFACTS_LANGUAGES, 0);
		found += times(part, "<url>");
	}
	assert_int_equal(found, 30000);
}

static void nothing_is_a_file(void **state)
{
	(void)state;
	assert_string_equal(made(NULL, 0, 0).p, BEGIN END);
	assert_string_equal(made(NULL, 0, 1).p, BEGIN END);
	assert_null(made(NULL, 0, 2).p);
}

/* --- robots.txt ----------------------------------------------------------------------------- */

static void robots_names_the_sitemap(void **state)
{
	(void)state;
	assert_string_equal(view_sitemap_robots(&f.view).p,
			    "User-agent: *\nAllow: /\n\nSitemap: " AT "/sitemap.xml\n");
	f.config.base_url = "/blog";
	assert_string_equal(view_sitemap_robots(&f.view).p, "User-agent: *\nAllow: /\n");
	f.config.base_url = "";
	assert_string_equal(view_sitemap_robots(&f.view).p, "User-agent: *\nAllow: /\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, viewfacts_set_up, viewfacts_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_translations_of_each_other),
		TEST(lists_are_in_every_language),
		TEST(one_language_has_no_alternates),
		TEST(repeated_languages_count_once),
		TEST(what_robots_hides_is_left_out),
		TEST(an_address_is_not_too_long),
		TEST(an_ampersand_in_base_url),
		TEST(splits_by_addresses),
		TEST(splits_by_bytes),
		TEST(a_file_fits_in_a_worker),
		TEST(translations_stay_together),
		TEST(nothing_is_a_file),
		TEST(robots_names_the_sitemap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
