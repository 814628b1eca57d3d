/* test_fragment.c: an article's HTML made fit for another page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "../lib/testarena.h"
#include "fragment.h"

static struct config config = {.base_url = "https://example.org/blog", .mount = "/blog"};

#define PAGE STR_LIT("/blog/posts/x?lang=it")
#define BASE STR_LIT("https://example.org/blog/posts/x?lang=it")

/* In another page: no ids, every "#x" leads to the article. */
static struct str foreign(const char *html)
{
	return fragment_make(&arena, str_from(html), &(struct fragment_options){
		.config = &config, .drop_ids = true, .all_anchors = true, .page = PAGE});
}

/* An excerpt on a page of the site itself. */
static struct str excerpt(const char *html)
{
	return fragment_make(&arena, str_from(html), &(struct fragment_options){.config = &config, .page = PAGE});
}

/* With base=absolute. */
static struct str absolute(const char *html)
{
	return fragment_make(&arena, str_from(html), &(struct fragment_options){.config = &config, .base = BASE});
}

static void test_nothing_to_do(void **state)
{
	static const char *const same[] = {
		"", "text & text", "<p class=x>a</p>", "<p  title = 'a\"b' >", "<br/><br />", "<!-- <a href='#x' id=x> -->",
		"<script>'<a href=\"#x\" id=\"x\">'</script>", "<p", "<a href=\"#x", "</p id=x>", "<a href=\"/y\">y</a>",
		"<a href=https://example.com/?a=1&b=2>", "<A HREF='#'>top</A>", "<p title='#x'>", "<>", "a < b",
		"<img src=data:image/png;base64,xx>", "<p data-id=x>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_string_equal(foreign(same[i]).p, same[i]);
		assert_string_equal(excerpt(same[i]).p, same[i]);
	}
}

static void test_ids_and_anchors(void **state)
{
	static const struct {
		const char *html, *made;
	} cases[] = {
		{"<h2 id=\"a\">A</h2>", "<h2>A</h2>"},
		{"<h2 ID='a' class=b>A</h2>", "<h2 class=b>A</h2>"},
		{"<h2 id=a id=b>A</h2>", "<h2>A</h2>"},
		{"<br id=a />", "<br />"},
		{"<a href=\"#a\">", "<a href=\"/blog/posts/x?lang=it#a\">"},
		{"<a href='#a'>", "<a href=\"/blog/posts/x?lang=it#a\">"},
		{"<a href=#a>", "<a href=\"/blog/posts/x?lang=it#a\">"},
		{"<a href=\" #a \">", "<a href=\"/blog/posts/x?lang=it#a\">"},
		{"<a href=\"&#35;a\">", "<a href=\"/blog/posts/x?lang=it#a\">"},
		{"<a title=b href=\"#a&amp;b&quot;\" rel=c>",
		 "<a title=b href=\"/blog/posts/x?lang=it#a&amp;b&quot;\" rel=c>"},
		{"<sup id=\"fnref:1\"><a href=\"#fn:1\">1</a></sup>",
		 "<sup><a href=\"/blog/posts/x?lang=it#fn:1\">1</a></sup>"},
		{"<a href=x.html#a>", "<a href=x.html#a>"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(foreign(cases[i].html).p, cases[i].made);
}

static void test_anchors_of_an_excerpt(void **state)
{
	static const struct {
		const char *html, *made;
	} cases[] = {
		{"<a href=#a>to</a><h2 id=a>A</h2>", "<a href=#a>to</a><h2 id=a>A</h2>"},
		{"<h2 id=a>A</h2><a href=#a>to</a>", "<h2 id=a>A</h2><a href=#a>to</a>"},
		{"<a name=a></a><a href=#a>", "<a name=a></a><a href=#a>"},
		{"<p name=a></p><a href=#a>", "<p name=a></p><a href=\"/blog/posts/x?lang=it#a\">"},
		{"<a href=#a><h2 id=A>", "<a href=\"/blog/posts/x?lang=it#a\"><h2 id=A>"},
		{"<!-- <p id=a> --><a href=#a>", "<!-- <p id=a> --><a href=\"/blog/posts/x?lang=it#a\">"},
		{"<h2 id=perch\xc3\xa9><a href=#perch%C3%A9>", "<h2 id=perch\xc3\xa9><a href=#perch%C3%A9>"},
		{"<h2 id='a&amp;b'><a href='#a&amp;b'>", "<h2 id='a&amp;b'><a href='#a&amp;b'>"},
		{"<h2 id='100%'><a href='#100%'>", "<h2 id='100%'><a href='#100%'>"},
		{"<a href='#'>", "<a href='#'>"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(excerpt(cases[i].html).p, cases[i].made);
}

static void test_absolute_addresses(void **state)
{
	static const struct {
		const char *html, *made;
	} cases[] = {
		{"<a href=y>", "<a href=\"https://example.org/blog/posts/y\">"},
		{"<img src='/a.png' alt=x>", "<img src=\"https://example.org/a.png\" alt=x>"},
		{"<a href='?a=1&amp;b=2'>", "<a href=\"https://example.org/blog/posts/x?a=1&amp;b=2\">"},
		{"<a href='?a=1&copy=2'>", "<a href=\"https://example.org/blog/posts/x?a=1&amp;copy=2\">"},
		{"<video poster=p.jpg src=v.mp4>",
		 "<video poster=\"https://example.org/blog/posts/p.jpg\" src=\"https://example.org/blog/posts/v.mp4\">"},
		{"<a href=https://example.com/>", "<a href=https://example.com/>"},
		{"<a href=mailto:a@b>", "<a href=mailto:a@b>"},
		{"<p id=a>", "<p id=a>"},
		{"<a href=#a>", "<a href=#a>"}, /* page is for those */
		{"<img srcset='a.png, b.png 2x'>",
		 "<img srcset=\"https://example.org/blog/posts/a.png, https://example.org/blog/posts/b.png 2x\">"},
		{"<img srcset=' a.png  100w ,b.png 200w,'>",
		 "<img srcset=\"https://example.org/blog/posts/a.png 100w, https://example.org/blog/posts/b.png 200w\">"},
		/* Commas in an address end it only before a space. */
		{"<img srcset='/w_1,h_2/a.png 1x, /w_3,h_4/a.png 2x'>",
		 "<img srcset=\"https://example.org/w_1,h_2/a.png 1x, https://example.org/w_3,h_4/a.png 2x\">"},
		{"<img srcset='https://cdn.example/a,b.png'>", "<img srcset='https://cdn.example/a,b.png'>"},
		{"<img srcset='a.png, b.png'>",
		 "<img srcset=\"https://example.org/blog/posts/a.png, https://example.org/blog/posts/b.png\">"},
		{"<source srcset='a\" onerror=\"x'>",
		 "<source srcset=\"https://example.org/blog/posts/a&quot; onerror=&quot;x\">"},
		{"<img srcset='?a&amp;b 2x'>", "<img srcset=\"https://example.org/blog/posts/x?a&amp;b 2x\">"},
		{"<img srcset=''>", "<img srcset=''>"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(absolute(cases[i].html).p, cases[i].made);
}

/* The prefix law survives: token by token, the fragment of a part is a part of
 * the fragment. */
static void test_prefix_law(void **state)
{
	static const char html[] = "<h2 id=a>A &amp; B</h2>\n<p><a href='#fn'>1</a> <img src=a.png id=x srcset='b 2x'>"
				   "<!-- x --><b title='>'>c</b></p>\n";
	struct str whole = foreign(html);

	(void)state;
	for (size_t n = 0; n < sizeof(html); n++) {
		if (n && html[n - 1] != '>')
			continue;
		struct str part = foreign(arena_z(&arena, (struct str){html, n}));
		assert_true(str_starts(whole, part.p) || html[n] == '\'');
	}
}

static void make_all(struct str html)
{
	struct fragment_options options = {.config = &config, .drop_ids = true, .page = PAGE, .base = BASE};

	fragment_make(&arena, html, &options);
	options.all_anchors = true;
	fragment_make(&arena, html, &options);
	arena_reset(&arena);
}

static void test_hostile(void **state)
{
	(void)state;
	guard_prefixes(STR_LIT("<a href='#x' id=\"a\" srcset=', ,a,b 2x ,,'><p id=><a name=&amp href=\"&#x110000;\"/><!--"),
		       make_all);
	hostile_time("fragment", make_all);
}

/* As many links as words, as many targets as headings: not each times each. */
static void test_many_anchors(void **state)
{
	struct buf html = BUF_EMPTY;

	(void)state;
	for (int i = 0; i < 50000; i++)
		buf_printf(&html, "<a href=#n%d>x</a>%s", i, i % 2 ? "" : "<i id=other>");
	double took = hostile_seconds(buf_view(&html), make_all);
	print_message("%zu bytes with 50,000 links to nowhere: %.3f s\n", html.n, took);
	assert_true(took < 2);
	buf_release(&html);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, testarena_set_up, testarena_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_to_do),
		TEST(test_ids_and_anchors),
		TEST(test_anchors_of_an_excerpt),
		TEST(test_absolute_addresses),
		TEST(test_prefix_law),
		TEST(test_hostile),
		TEST(test_many_anchors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
