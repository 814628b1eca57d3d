/* test_route.c: what an address stands for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "route.h"

static const struct {
	const char *address;
	enum route_kind kind;
	enum route_feed feed;
	enum index_scope scope;
	const char *path, *name;
	int year, month;
	size_t part;
} CASES[] = {
	{"/", ROUTE_LIST, FEED_NONE, SCOPE_ALL, "/", "", 0, 0, 0},
	{"/posts/", ROUTE_LIST, FEED_NONE, SCOPE_SECTION, "/posts/", "posts", 0, 0, 0},
	{"/posts/a/b/", ROUTE_LIST, FEED_NONE, SCOPE_SECTION, "/posts/a/b/", "posts/a/b", 0, 0, 0},
	{"/posts/x", ROUTE_NONE, FEED_NONE, SCOPE_ALL, "/posts/x", "", 0, 0, 0},
	{"/tags/", ROUTE_TERMS, FEED_NONE, SCOPE_TAG, "/tags/", "", 0, 0, 0},
	{"/series/", ROUTE_TERMS, FEED_NONE, SCOPE_SERIES, "/series/", "", 0, 0, 0},
	{"/tags/sea/", ROUTE_LIST, FEED_NONE, SCOPE_TAG, "/tags/sea/", "sea", 0, 0, 0},
	{"/tags/Open Source/", ROUTE_LIST, FEED_NONE, SCOPE_TAG, "/tags/open-source/", "open-source", 0, 0, 0},
	{"/tags/a/b/", ROUTE_LIST, FEED_NONE, SCOPE_TAG, "/tags/a-b/", "a-b", 0, 0, 0},
	{"/tags/-/", ROUTE_NONE, FEED_NONE, SCOPE_TAG, "/tags//", "", 0, 0, 0},
	{"/categories/x/", ROUTE_LIST, FEED_NONE, SCOPE_CATEGORY, "/categories/x/", "x", 0, 0, 0},
	{"/authors/ada/", ROUTE_LIST, FEED_NONE, SCOPE_AUTHOR, "/authors/ada/", "ada", 0, 0, 0},
	{"/archive/", ROUTE_ARCHIVE, FEED_NONE, SCOPE_ALL, "/archive/", "", 0, 0, 0},
	{"/2020/", ROUTE_LIST, FEED_NONE, SCOPE_ALL, "/2020/", "", 2020, 0, 0},
	{"/2020/04/", ROUTE_LIST, FEED_NONE, SCOPE_ALL, "/2020/04/", "", 2020, 4, 0},
	{"/2020/4/", ROUTE_LIST, FEED_NONE, SCOPE_SECTION, "/2020/4/", "2020/4", 0, 0, 0},
	{"/2020/13/", ROUTE_LIST, FEED_NONE, SCOPE_SECTION, "/2020/13/", "2020/13", 0, 0, 0},
	{"/2020/00/", ROUTE_LIST, FEED_NONE, SCOPE_SECTION, "/2020/00/", "2020/00", 0, 0, 0},
	{"/0000/", ROUTE_LIST, FEED_NONE, SCOPE_SECTION, "/0000/", "0000", 0, 0, 0},
	{"/20201/", ROUTE_LIST, FEED_NONE, SCOPE_SECTION, "/20201/", "20201", 0, 0, 0},
	{"/2020/04", ROUTE_NONE, FEED_NONE, SCOPE_ALL, "/2020/04", "", 0, 0, 0},
	{"/feed.atom", ROUTE_LIST, FEED_ATOM, SCOPE_ALL, "/", "", 0, 0, 0},
	{"/posts/feed.rss", ROUTE_LIST, FEED_RSS, SCOPE_SECTION, "/posts/", "posts", 0, 0, 0},
	{"/tags/sea/feed.json", ROUTE_LIST, FEED_JSON, SCOPE_TAG, "/tags/sea/", "sea", 0, 0, 0},
	{"/2020/04/feed.atom", ROUTE_LIST, FEED_ATOM, SCOPE_ALL, "/2020/04/", "", 2020, 4, 0},
	{"/tags/feed.atom", ROUTE_NONE, FEED_NONE, SCOPE_ALL, "/tags/feed.atom", "", 0, 0, 0},
	{"/archive/feed.atom", ROUTE_NONE, FEED_NONE, SCOPE_ALL, "/archive/feed.atom", "", 0, 0, 0},
	{"/myfeed.atom", ROUTE_NONE, FEED_NONE, SCOPE_ALL, "/myfeed.atom", "", 0, 0, 0},
	{"/-/excerpts", ROUTE_BATCH, FEED_NONE, SCOPE_ALL, "/-/excerpts", "", 0, 0, 0},
	{"/-/oembed", ROUTE_OEMBED, FEED_NONE, SCOPE_ALL, "/-/oembed", "", 0, 0, 0},
	{"/-/health", ROUTE_HEALTH, FEED_NONE, SCOPE_ALL, "/-/health", "", 0, 0, 0},
	{"/robots.txt", ROUTE_ROBOTS, FEED_NONE, SCOPE_ALL, "/robots.txt", "", 0, 0, 0},
	{"/sitemap.xml", ROUTE_SITEMAP, FEED_NONE, SCOPE_ALL, "/sitemap.xml", "", 0, 0, 0},
	{"/sitemap-2.xml", ROUTE_SITEMAP, FEED_NONE, SCOPE_ALL, "/sitemap-2.xml", "", 0, 0, 2},
	{"/sitemap-0.xml", ROUTE_NONE, FEED_NONE, SCOPE_ALL, "/sitemap-0.xml", "", 0, 0, 0},
	{"/sitemap-02.xml", ROUTE_NONE, FEED_NONE, SCOPE_ALL, "/sitemap-02.xml", "", 0, 0, 0},
	{"/sitemap-.xml", ROUTE_NONE, FEED_NONE, SCOPE_ALL, "/sitemap-.xml", "", 0, 0, 0},
	{"/sitemap-99999999.xml", ROUTE_NONE, FEED_NONE, SCOPE_ALL, "/sitemap-99999999.xml", "", 0, 0, 0},
	{"/posts/sitemap.xml", ROUTE_NONE, FEED_NONE, SCOPE_ALL, "/posts/sitemap.xml", "", 0, 0, 0},
};

static void addresses(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct route route;
		route_find(&arena, str_from(CASES[i].address), &route);
		if (route.kind != CASES[i].kind || route.feed != CASES[i].feed || route.part != CASES[i].part)
			fail_msg("%s: kind %d, feed %d, part %zu", CASES[i].address, route.kind, route.feed,
				 route.part);
		if (route.kind == ROUTE_NONE)
			continue;
		assert_int_equal(route.scope, CASES[i].scope);
		assert_string_equal(arena_z(&arena, route.path), CASES[i].path);
		assert_string_equal(arena_z(&arena, route.name), CASES[i].name);
		assert_int_equal(route.year, CASES[i].year);
		assert_int_equal(route.month, CASES[i].month);
	}
	arena_release(&arena);
}

/* What is made leads back. */
static void made(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (enum index_scope scope = SCOPE_TAG; scope < SCOPE_COUNT; scope++) {
		for (enum route_feed feed = FEED_ATOM; feed <= FEED_JSON; feed++) {
			struct str list = route_term_path(&arena, scope, STR_LIT("?q=1#x"));
			struct route route;
			route_find(&arena, route_feed_path(&arena, list, feed), &route);
			assert_int_equal(route.kind, ROUTE_LIST);
			assert_int_equal(route.scope, scope);
			assert_int_equal(route.feed, feed);
			assert_string_equal(arena_z(&arena, route.name), "?q=1#x");
		}
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(addresses), cmocka_unit_test(made)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
