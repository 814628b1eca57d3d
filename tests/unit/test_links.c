/* test_links.c: addresses that can stand in HTML, in header fields and in feeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "links.h"
#include "uri.h"

static struct arena arena;
static struct config_language languages[] = {{.tag = "en"}, {.tag = "it"}, {.tag = "pt-BR"}};
static struct config config = {.base_url = "https://example.org/blog", .mount = "/blog", .languages = languages,
			       .language_count = 3};

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	config.urls = URLS_QUERY;
	config.base_url = "https://example.org/blog";
	config.mount = "/blog";
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static const struct {
	const char *path;
	size_t language;
	const char *by_query, *by_prefix;
} ADDRESSES[] = {
	{"/", 0, "/blog/", "/blog/"},
	{"/", 1, "/blog/?lang=it", "/blog/it/"},
	{"/posts/x", 0, "/blog/posts/x", "/blog/posts/x"},
	{"/posts/x", 2, "/blog/posts/x?lang=pt-BR", "/blog/pt-BR/posts/x"},
	{"/posts/", 1, "/blog/posts/?lang=it", "/blog/it/posts/"},
	{"/perch\xc3\xa9?", 0, "/blog/perch%C3%A9%3F", "/blog/perch%C3%A9%3F"},
	{"/a b&c=d#e\"<>'%25", 1, "/blog/a%20b%26c%3Dd%23e%22%3C%3E%27%2525?lang=it",
	 "/blog/it/a%20b%26c%3Dd%23e%22%3C%3E%27%2525"},
};

static void test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ADDRESSES) / sizeof(ADDRESSES[0]); i++) {
		struct str path = str_from(ADDRESSES[i].path);
		size_t language = ADDRESSES[i].language;
		config.urls = URLS_QUERY;
		const char *canonical = arena_printf(&arena, "https://example.org%s", ADDRESSES[i].by_query).p;
		assert_string_equal(links_local(&arena, &config, path, language).p, ADDRESSES[i].by_query);
		assert_string_equal(links_canonical(&arena, &config, path, language).p, canonical);
		config.urls = URLS_PREFIX;
		canonical = arena_printf(&arena, "https://example.org%s", ADDRESSES[i].by_prefix).p;
		assert_string_equal(links_local(&arena, &config, path, language).p, ADDRESSES[i].by_prefix);
		assert_string_equal(links_canonical(&arena, &config, path, language).p, canonical);
	}
	config.base_url = config.mount = "";
	config.urls = URLS_QUERY;
	assert_string_equal(links_canonical(&arena, &config, STR_LIT("/x"), 1).p, "/x?lang=it");
}

static void test_with(void **state)
{
	(void)state;
	assert_string_equal(links_with(&arena, STR_LIT("/x"), "page", "2").p, "/x?page=2");
	assert_string_equal(links_with(&arena, STR_LIT("/x?lang=it"), "page", "2").p, "/x?lang=it&page=2");
}

static const struct {
	const char *query, *drop, *made;
} QUERIES[] = {
	{"", "lang", ""},
	{"lang=it", "lang", ""},
	{"lang=it", NULL, "?lang=it"},
	{"a=b&lang=it&c", "lang", "?a=b&c"},
	{"&&a&&lang&&", "lang", "?a"},
	{"language=it&alang=it&lang2=it", "lang", "?language=it&alang=it&lang2=it"},
	{"a=lang&a=lang=it", "lang", "?a=lang&a=lang=it"},
	/* By whatever name request.c would understand. */
	{"%6Cang=it&x=1", "lang", "?x=1"},
	{"l%61n%67&x=1", "lang", "?x=1"},
	{"LANG=it", "lang", "?LANG=it"},
	{"%zz=1", "lang", "?%zz=1"},
	/* Nothing that could end a header field, an attribute or a URL. */
	{"a=\"<>&b=c d", "lang", "?a=%22%3C%3E&b=c%20d"},
	{"a=\r\nSet-Cookie: x", NULL, "?a=%0D%0ASet-Cookie:%20x"},
	{"a=\xc3\xa8\xff\x7f\x01", NULL, "?a=%C3%A8%FF%7F%01"},
	{"a=#b[]{}|\\^`", NULL, "?a=%23b%5B%5D%7B%7D%7C%5C%5E%60"},
	{"a=%0d%0a%22&b=-._~!$'()*+,;:@/?", NULL, "?a=%0d%0a%22&b=-._~!$'()*+,;:@/?"},
};

static void test_queries(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(QUERIES) / sizeof(QUERIES[0]); i++)
		assert_string_equal(links_query(&arena, str_from(QUERIES[i].query), QUERIES[i].drop).p, QUERIES[i].made);
}

static void make_query(struct str query)
{
	struct str made = links_query(&arena, query, "lang");

	for (size_t i = 0; i < made.n; i++)
		assert_true(made.p[i] > ' ' && made.p[i] < 127 && !strchr("\"<>#\\", made.p[i]));
	arena_reset(&arena);
}

static void test_all_bytes(void **state)
{
	char bytes[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	guard_prefixes((struct str){bytes, 256}, make_query);
	guard_prefixes(STR_LIT("lang=it&%6&%6c&%6cang=&=&&a%"), make_query);
}

static const struct {
	const char *reference, *absolute;
} REFERENCES[] = {
	{"", ""},
	{"/images/a.png", "https://example.org/images/a.png"},
	{"a.png", "https://example.org/blog/posts/a.png"},
	{"../a.png", "https://example.org/blog/a.png"},
	{"../../../../a.png", "https://example.org/a.png"},
	{"//cdn.example/a.png", "https://cdn.example/a.png"},
	{"https://cdn.example/a.png", "https://cdn.example/a.png"},
	{"mailto:a@b", "mailto:a@b"},
	{"data:image/png;base64,x", "data:image/png;base64,x"},
	{"?lang=it", "https://example.org/blog/posts/x?lang=it"},
	{"#a", "https://example.org/blog/posts/x?lang=de#a"},
};

static void test_absolute(void **state)
{
	struct str page = STR_LIT("https://example.org/blog/posts/x?lang=de");

	(void)state;
	for (size_t i = 0; i < sizeof(REFERENCES) / sizeof(REFERENCES[0]); i++)
		assert_string_equal(links_absolute(&arena, &config, page, str_from(REFERENCES[i].reference)).p,
				    REFERENCES[i].absolute);
	/* Without an address of its own, a site cannot make any absolute. */
	config.base_url = "";
	assert_string_equal(links_absolute(&arena, &config, STR_LIT("/posts/x"), STR_LIT("a.png")).p, "a.png");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_addresses),
		TEST(test_with),
		TEST(test_queries),
		TEST(test_all_bytes),
		TEST(test_absolute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
