/* test_view_oembed.c: whom a request for a card is about, and the card. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/viewfacts.h"
#include "html.h"
#include "view_oembed.h"

#define AT "https://example.org/blog"

/* --- whom it is about ------------------------------------------------------------------------ */

static const struct {
	const char *url, *path, *lang; /* path NULL: not ours */
} TARGETS[] = {
	{AT "/posts/x", "/posts/x", ""},
	{AT "/posts/x?lang=it", "/posts/x", "it"},
	{AT "/posts/x?lang=IT_ch&utm=1#top", "/posts/x", "it-ch"},
	{AT "/posts/x?view=excerpt&format=json", "/posts/x", ""},
	{AT "/posts/caff%C3%A8", "/posts/caffè", ""},
	{AT "/posts/caffè", "/posts/caffè", ""},
	{"HTTPS://Example.ORG/blog/posts/x", "/posts/x", ""},
	{AT, "/", ""}, {AT "/", "/", ""}, {AT "?lang=it", "/", "it"}, {AT "#x", "/", ""},
	{AT "/a/../b", "/b", ""},

	{"http://example.org/blog/posts/x", NULL, NULL},
	{"https://example.org/posts/x", NULL, NULL},
	{"https://example.org/Blog/posts/x", NULL, NULL},
	{"https://example.org/blogger/x", NULL, NULL},
	{"https://example.org.evil.example/blog/x", NULL, NULL},
	{"https://example.org@evil.example/blog/x", NULL, NULL},
	{"https://evil.example/https://example.org/blog/x", NULL, NULL},
	{"//example.org/blog/posts/x", NULL, NULL}, {"/blog/posts/x", NULL, NULL}, {"", NULL, NULL},
	{"https://example.org/blog/../../x", NULL, NULL},
	{AT "/%2e%2e/%2e%2e/x", NULL, NULL}, {AT "/%zz", NULL, NULL}, {AT "/a%00b", NULL, NULL},
	{AT "/a%0d%0ab", NULL, NULL},
	{AT "/posts/x?lang=nonsense1", NULL, NULL}, {AT "/posts/x?lang=it&lang=en", NULL, NULL},
};

static void finds_the_post_by_its_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(TARGETS) / sizeof(TARGETS[0]); i++) {
		struct request target;
		int found = view_oembed_target(&f.arena, &f.config, &f.request, str_from(TARGETS[i].url), &target);
		if ((found == 0) != (TARGETS[i].path != NULL))
			fail_msg("%s: %d", TARGETS[i].url, found);
		if (found)
			continue;
		if (!str_is(target.path, TARGETS[i].path) || !str_is(target.lang, TARGETS[i].lang))
			fail_msg("%s: '%.*s' '%.*s'", TARGETS[i].url, STR_ARG(target.path), STR_ARG(target.lang));
		assert_int_equal(target.view, VIEW_ABSENT);
		assert_int_equal(target.format, FORMAT_HTML);
		assert_true(target.included && target.readable);
		assert_int_equal(target.now, f.request.now);
	}
}

static void language_prefixes_are_read(void **state)
{
	struct request target;

	(void)state;
	f.config.urls = URLS_PREFIX;
	assert_int_equal(view_oembed_target(&f.arena, &f.config, &f.request, STR_LIT(AT "/it/posts/x"), &target), 0);
	assert_true(str_is(target.path, "/posts/x") && str_is(target.lang, "it"));
}

static void a_site_without_address_has_no_cards(void **state)
{
	struct request target;

	(void)state;
	viewfacts_item(&f, viewfacts_head(&f, VIEWFACTS_IT, "posts/x", "X"), "x");
	f.view.post = f.items[0];
	assert_string_equal(view_oembed_url(&f.view).p,
			    AT "/-/oembed?url=https%3A%2F%2Fexample.org%2Fblog%2Fposts%2Fx%3Flang%3Dit");
	f.config.base_url = "/blog";
	assert_int_equal(view_oembed_url(&f.view).n, 0);
	assert_int_equal(view_oembed_target(&f.arena, &f.config, &f.request, STR_LIT("/blog/posts/x"), &target), -1);
	f.config.base_url = f.config.mount = "";
	assert_int_equal(view_oembed_target(&f.arena, &f.config, &f.request, STR_LIT("/posts/x"), &target), -1);
}

/* --- the answer ---------------------------------------------------------------------------------- */

static struct post_head *fill(void)
{
	struct post_head *head = viewfacts_head(&f, VIEWFACTS_AR, "posts/x", "<b>\"X\"</b>");

	head->description = STR_LIT("1 < 2");
	head->authors = STR_LIT("[\"Ann\", \"\", \"<Bob>\"]");
	f.view.post = (struct view_item){.head = head, .language = VIEWFACTS_AR, .view = VIEW_FULL};
	f.view.language = VIEWFACTS_AR;
	return head;
}

static const struct value *answer(struct view_oembed asked)
{
	struct buf err = BUF_IN(&f.arena);

	value_pool(&f.arena);
	const struct value *all = value_read(view_oembed(&f.view, &asked), &err);
	assert_non_null(all);
	return all;
}

static struct str member(const struct value *all, const char *key)
{
	return value_text(value_get(all, str_from(key)));
}

static void answers_in_json(void **state)
{
	(void)state;
	fill();
	const struct value *all = answer((struct view_oembed){.max_width = 0});
	assert_true(str_is(member(all, "version"), "1.0"));
	assert_true(str_is(member(all, "type"), "rich"));
	assert_true(str_is(member(all, "title"), "<b>\"X\"</b>"));
	assert_true(str_is(member(all, "author_name"), "Ann, <Bob>"));
	assert_true(str_is(member(all, "provider_name"), "كل"));
	assert_true(str_is(member(all, "provider_url"), AT "/?lang=ar"));
	assert_int_equal(value_number(value_get(all, STR_LIT("cache_age"))), 60);
	assert_int_equal(value_number(value_get(all, STR_LIT("width"))), 600);
	assert_int_equal(value_number(value_get(all, STR_LIT("height"))), 240);
	assert_string_equal(arena_z(&f.arena, member(all, "html")),
		"<blockquote lang=\"ar\" dir=\"rtl\" style=\"box-sizing:border-box;max-width:600px;"
		"max-height:240px;margin:0;overflow:auto\" cite=\"" AT "/posts/x?lang=ar\">"
		"<p><strong><a href=\"" AT "/posts/x?lang=ar\">&lt;b&gt;&quot;X&quot;&lt;/b&gt;</a></strong></p>"
		"<p>1 &lt; 2</p><footer><cite>Ann, &lt;Bob&gt;</cite> · كل</footer></blockquote>");
}

static void keeps_within_the_box(void **state)
{
	struct post_head *head = fill();

	(void)state;
	const struct value *all = answer((struct view_oembed){.max_width = 320, .max_height = 100});
	assert_int_equal(value_number(value_get(all, STR_LIT("width"))), 320);
	assert_int_equal(value_number(value_get(all, STR_LIT("height"))), 100);
	assert_true(str_find(member(all, "html"), "max-width:320px;max-height:100px") < member(all, "html").n);
	all = answer((struct view_oembed){.max_width = 10000, .max_height = 10000});
	assert_int_equal(value_number(value_get(all, STR_LIT("width"))), 600);
	head->twitter_image = STR_LIT("/blog/a&b.png");
	all = answer((struct view_oembed){.max_width = 0});
	assert_int_equal(value_number(value_get(all, STR_LIT("height"))), 480);
	assert_true(str_find(member(all, "html"), "<img src=\"https://example.org/blog/a&amp;b.png\"") <
		    member(all, "html").n);
	assert_null(value_get(all, STR_LIT("thumbnail_url"))); /* it would need a size */
	head->image_width = 300, head->image_height = 200;
	all = answer((struct view_oembed){.max_width = 300, .max_height = 200});
	assert_true(str_is(member(all, "thumbnail_url"), "https://example.org/blog/a&b.png"));
	assert_int_equal(value_number(value_get(all, STR_LIT("thumbnail_width"))), 300);
	assert_int_equal(value_number(value_get(all, STR_LIT("thumbnail_height"))), 200);
	assert_null(value_get(answer((struct view_oembed){.max_width = 299}), STR_LIT("thumbnail_url")));
	assert_null(value_get(answer((struct view_oembed){.max_height = 199}), STR_LIT("thumbnail_url")));
	head->twitter_image = STR_LIT("data:image/png;base64,x");
	assert_null(value_get(answer((struct view_oembed){.max_width = 0}), STR_LIT("thumbnail_url")));
}

static void answers_in_xml(void **state)
{
	struct post_head *head = fill();

	(void)state;
	head->title = STR_LIT("a\x01]]>&");
	struct str xml = view_oembed(&f.view, &(struct view_oembed){.xml = true});
	assert_int_equal(str_find(xml, "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<oembed>\n"
				       "<version>1.0</version>\n<type>rich</type>\n<title>a]]&gt;&amp;</title>\n"), 0);
	assert_true(str_find(xml, "<width>600</width>\n") < xml.n);
	assert_true(str_find(xml, "<html>&lt;blockquote lang=&quot;ar&quot;") < xml.n);
	assert_true(str_ends(xml, "</html>\n</oembed>\n"));
	assert_string_equal(view_oembed_type(&(struct view_oembed){.xml = true}), "text/xml; charset=utf-8");
	assert_string_equal(view_oembed_type(&(struct view_oembed){.xml = false}), "application/json");
}

/* Whatever is in the texts: the same tags, and no address but the web's. */
static void the_card_is_safe(void **state)
{
	static const char *const texts[] = {"<script>alert(1)</script>", "\" onload=\"x", "'><img src=x onerror=y>",
					    "</blockquote><script>", "&lt;script&gt;", "<!--", "]]>", "\x01\xff", ""};
	static const char *const images[] = {"javascript:alert(1)", "data:text/html,x", "vbscript:x",
					     "https://x/\"onerror=\"y", "x\" onerror=\"y"};
	struct post_head *head = fill();

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t k = 0; k < sizeof(images) / sizeof(images[0]); k++) {
			struct html_reader reader;
			struct html_token token;
			struct str ignored;
			head->title = head->description = str_from(texts[i]);
			head->twitter_image = str_from(images[k]);
			struct str html = member(answer((struct view_oembed){.max_width = 0}), "html");
			for (html_start(&reader, html); html_next(&reader, &token);) {
				assert_true(token.kind == HTML_TEXT || token.kind == HTML_OPEN || token.kind == HTML_CLOSE);
				assert_false(html_is(&token, "script"));
				assert_false(html_attribute_find(&token, "onerror", &ignored));
				assert_false(html_attribute_find(&token, "onload", &ignored));
				if (html_is(&token, "img") && html_attribute_find(&token, "src", &ignored))
					assert_true(str_starts(ignored, "https://"));
			}
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, viewfacts_set_up, viewfacts_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_the_post_by_its_address),
		TEST(language_prefixes_are_read),
		TEST(a_site_without_address_has_no_cards),
		TEST(answers_in_json),
		TEST(keeps_within_the_box),
		TEST(answers_in_xml),
		TEST(the_card_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
