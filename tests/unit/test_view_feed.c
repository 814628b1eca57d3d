/* test_view_feed.c: lists as Atom, RSS and JSON Feed.  tests/integration/test_feeds.py
 * reads whole feeds with real parsers and the rules of the formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/viewfacts.h"
#include "date.h"
#include "view_feed.h"

#define AT "https://example.org/blog"

static int64_t at(const char *iso)
{
	int64_t seconds;

	assert_int_equal(date_parse(str_from(iso), &seconds), 0);
	return seconds;
}

static struct str made(enum route_feed kind)
{
	value_pool(&f.arena);
	f.route.feed = kind;
	return view_feed(&f.view);
}

static size_t times(struct str text, const char *part)
{
	size_t n = 0;

	for (struct str rest = text; str_find(rest, part) < rest.n; n++)
		rest = str_skip(rest, str_find(rest, part) + strlen(part));
	return n;
}

/* Exactly that often. */
static void assert_times(enum route_feed kind, const char *part, size_t expected)
{
	struct str text = made(kind);

	if (times(text, part) != expected)
		fail_msg("%zu times and not %zu: %s\n%.*s", times(text, part), expected, part, STR_ARG(text));
}

static void assert_says(enum route_feed kind, const char *part)
{
	assert_times(kind, part, 1);
}

static void assert_silent(enum route_feed kind, const char *part)
{
	assert_times(kind, part, 0);
}

static void have_their_types(void **state)
{
	(void)state;
	assert_string_equal(view_feed_type(FEED_ATOM), "application/atom+xml; charset=utf-8");
	assert_string_equal(view_feed_type(FEED_RSS), "application/rss+xml; charset=utf-8");
	assert_string_equal(view_feed_type(FEED_JSON), "application/feed+json");
}

/* --- whole feeds --------------------------------------------------------------------------- */

static void fill_one(void)
{
	struct post_head *head = viewfacts_head(&f, VIEWFACTS_EN, "posts/one", "Fish & <b>Chips</b>");

	head->date = at("2020-04-28");
	head->lastmod = at("2020-05-01T10:00:00Z");
	head->description = STR_LIT("1 < 2 & so on");
	head->tags = STR_LIT("[\"food\", \" \", \"a&b\"]");
	head->categories = STR_LIT("[\"food\", \"sea\"]");
	head->authors = STR_LIT("[\"Ann\", \"\", \"B & C\"]");
	viewfacts_item(&f, head, "<p id=\"a\">See <a href=\"#a\">this</a>, <a href=\"two\">that</a>.</p>\n");
}

static void writes_atom(void **state)
{
	(void)state;
	fill_one();
	assert_string_equal(made(FEED_ATOM).p,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		"<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n"
		"<id>" AT "/feed.atom</id>\n"
		"<title>All &amp; Sundry</title>\n"
		"<updated>2020-05-01T10:00:00Z</updated>\n"
		"<link rel=\"alternate\" type=\"text/html\" hreflang=\"en\" href=\"" AT "/\"/>\n"
		"<link rel=\"self\" type=\"application/atom+xml\" href=\"" AT "/feed.atom\"/>\n"
		"<link rel=\"alternate\" type=\"application/atom+xml\" hreflang=\"it\" href=\"" AT "/feed.atom?lang=it\"/>\n"
		"<link rel=\"alternate\" type=\"application/atom+xml\" hreflang=\"ar\" href=\"" AT "/feed.atom?lang=ar\"/>\n"
		"<author><name>All &amp; Sundry</name>\n</author>\n"
		"<generator version=\"" CARTOLINA_VERSION "\">Cartolina</generator>\n"
		"<entry>\n"
		"<id>" AT "/posts/one</id>\n"
		"<title>Fish &amp; &lt;b&gt;Chips&lt;/b&gt;</title>\n"
		"<link rel=\"alternate\" type=\"text/html\" hreflang=\"en\" href=\"" AT "/posts/one\"/>\n"
		"<published>2020-04-28T00:00:00Z</published>\n"
		"<updated>2020-05-01T10:00:00Z</updated>\n"
		"<author><name>Ann</name>\n</author>\n"
		"<author><name>B &amp; C</name>\n</author>\n"
		"<category term=\"food\"/>\n"
		"<category term=\"a&amp;b\"/>\n"
		"<category term=\"sea\"/>\n"
		"<summary>1 &lt; 2 &amp; so on</summary>\n"
		"<content type=\"html\">&lt;p&gt;See &lt;a href=&quot;" AT "/posts/one#a&quot;&gt;this&lt;/a&gt;, "
		"&lt;a href=&quot;" AT "/posts/two&quot;&gt;that&lt;/a&gt;.&lt;/p&gt;\n</content>\n"
		"</entry>\n"
		"</feed>\n");
}

static void writes_rss(void **state)
{
	(void)state;
	fill_one();
	assert_string_equal(made(FEED_RSS).p,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		"<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\""
		" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\""
		" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n"
		"<channel>\n"
		"<title>All &amp; Sundry</title>\n"
		"<link>" AT "/</link>\n"
		"<description>All &amp; Sundry</description>\n"
		"<language>en</language>\n"
		"<lastBuildDate>Fri, 01 May 2020 10:00:00 GMT</lastBuildDate>\n"
		"<generator>Cartolina " CARTOLINA_VERSION "</generator>\n"
		"<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"" AT "/feed.rss\"/>\n"
		"<atom:link rel=\"alternate\" type=\"application/rss+xml\" hreflang=\"it\" href=\"" AT "/feed.rss?lang=it\"/>\n"
		"<atom:link rel=\"alternate\" type=\"application/rss+xml\" hreflang=\"ar\" href=\"" AT "/feed.rss?lang=ar\"/>\n"
		"<item>\n"
		"<title>Fish &amp; &lt;b&gt;Chips&lt;/b&gt;</title>\n"
		"<link>" AT "/posts/one</link>\n"
		"<guid isPermaLink=\"true\">" AT "/posts/one</guid>\n"
		"<pubDate>Tue, 28 Apr 2020 00:00:00 GMT</pubDate>\n"
		"<dc:creator>Ann</dc:creator>\n"
		"<dc:creator>B &amp; C</dc:creator>\n"
		"<category>food</category>\n"
		"<category>a&amp;b</category>\n"
		"<category>sea</category>\n"
		/* HTML inside XML: escaped twice. */
		"<description>1 &amp;lt; 2 &amp;amp; so on</description>\n"
		"<content:encoded>&lt;p&gt;See &lt;a href=&quot;" AT "/posts/one#a&quot;&gt;this&lt;/a&gt;, "
		"&lt;a href=&quot;" AT "/posts/two&quot;&gt;that&lt;/a&gt;.&lt;/p&gt;\n</content:encoded>\n"
		"</item>\n"
		"</channel>\n"
		"</rss>\n");
}

static void writes_json(void **state)
{
	struct buf err = BUF_EMPTY;

	(void)state;
	fill_one();
	const struct value *feed = value_read(made(FEED_JSON), &err);
	assert_non_null(feed);
	const struct value *item = value_at(value_get(feed, STR_LIT("items")), 0);
	static const struct {
		bool of_item;
		const char *key, *expected;
	} cases[] = {
		{false, "version", "https://jsonfeed.org/version/1.1"},
		{false, "title", "All & Sundry"},
		{false, "home_page_url", AT "/"},
		{false, "feed_url", AT "/feed.json"},
		{false, "language", "en"},
		{false, "next_url", ""},
		{true, "id", AT "/posts/one"},
		{true, "url", AT "/posts/one"},
		{true, "title", "Fish & <b>Chips</b>"},
		{true, "content_html", "<p>See <a href=\"" AT "/posts/one#a\">this</a>, "
				       "<a href=\"" AT "/posts/two\">that</a>.</p>\n"},
		{true, "summary", "1 < 2 & so on"},
		{true, "date_published", "2020-04-28T00:00:00Z"},
		{true, "date_modified", "2020-05-01T10:00:00Z"},
		{true, "language", "en"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str is = value_text(value_get(cases[i].of_item ? item : feed, str_from(cases[i].key)));
		if (!str_is(is, cases[i].expected))
			fail_msg("%s: %.*s", cases[i].key, STR_ARG(is));
	}
	assert_int_equal(value_count(value_get(item, STR_LIT("tags"))), 3);
	assert_int_equal(value_count(value_get(item, STR_LIT("authors"))), 2);
	assert_true(str_is(value_text(value_get(value_at(value_get(item, STR_LIT("authors")), 1), STR_LIT("name"))),
			   "B & C"));
	buf_release(&err);
}

static void an_empty_feed_is_one(void **state)
{
	(void)state;
	assert_says(FEED_ATOM, "<updated>1970-01-01T00:00:00Z</updated>"); /* not a file's: hosts would differ */
	assert_silent(FEED_ATOM, "<entry");
	assert_says(FEED_RSS, "<lastBuildDate>Thu, 01 Jan 1970 00:00:00 GMT</lastBuildDate>");
	assert_silent(FEED_RSS, "<item");
	assert_says(FEED_JSON, "\"items\":[]");
}

/* --- times ----------------------------------------------------------------------------------- */

static void dates_are_the_posts_own(void **state)
{
	struct post_head *head = viewfacts_head(&f, VIEWFACTS_EN, "posts/undated", "Undated");

	(void)state;
	viewfacts_item(&f, head, "<p>x</p>");
	assert_silent(FEED_ATOM, "<published>");
	assert_times(FEED_ATOM, "<updated>1970-01-01T00:00:00Z</updated>", 2);
	assert_silent(FEED_RSS, "<pubDate>");
	assert_silent(FEED_JSON, "date_published");
	assert_silent(FEED_JSON, "date_modified");
	head->lastmod = at("2019-01-01");
	assert_times(FEED_ATOM, "<updated>2019-01-01T00:00:00Z</updated>", 2);
	head->date = at("2019-06-01"); /* written later than last changed: the newer one */
	assert_times(FEED_ATOM, "<updated>2019-06-01T00:00:00Z</updated>", 2);
	assert_says(FEED_ATOM, "<published>2019-06-01T00:00:00Z</published>");
	struct str before = made(FEED_ATOM);
	f.request.now += 86400;
	assert_true(str_eq(before, made(FEED_ATOM)));
}

/* --- languages --------------------------------------------------------------------------------- */

static void languages_are_honest(void **state)
{
	(void)state;
	f.view.language = VIEWFACTS_IT;
	f.view.path = STR_LIT("/posts/");
	viewfacts_item(&f, viewfacts_head(&f, VIEWFACTS_IT, "posts/uno", "Uno"), "<p>uno</p>");
	viewfacts_item(&f, viewfacts_head(&f, VIEWFACTS_EN, "posts/one", "One"), "<p>one</p>");
	viewfacts_item(&f, viewfacts_head(&f, VIEWFACTS_AR, "posts/wahid", "واحد"), "<p>واحد</p>\n");
	assert_says(FEED_ATOM, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"it\">");
	assert_says(FEED_ATOM, "rel=\"self\" type=\"application/atom+xml\" href=\"" AT "/posts/feed.atom?lang=it\"");
	assert_says(FEED_ATOM, "hreflang=\"en\" href=\"" AT "/posts/feed.atom\"");
	assert_says(FEED_ATOM, "<id>" AT "/posts/uno?lang=it</id>");
	assert_says(FEED_ATOM, "<entry>\n<id>" AT "/posts/uno?lang=it</id>");
	assert_says(FEED_ATOM, "<entry xml:lang=\"en\">\n<id>" AT "/posts/one</id>");
	assert_says(FEED_ATOM, "<entry xml:lang=\"ar\">\n<id>" AT "/posts/wahid?lang=ar</id>");
	assert_says(FEED_ATOM, "&lt;div lang=&quot;ar&quot; dir=&quot;rtl&quot;&gt;\n&lt;p&gt;واحد&lt;/p&gt;\n&lt;/div&gt;");
	assert_says(FEED_RSS, "<language>it</language>");
	assert_times(FEED_RSS, "<dc:language>", 2);
	assert_says(FEED_RSS, "<dc:language>ar</dc:language>");
	assert_times(FEED_JSON, "\"language\":\"it\"", 2);
	assert_says(FEED_JSON, "\"language\":\"ar\"");
}

/* --- ids ----------------------------------------------------------------------------------------- */

static void ids_outlive_addresses(void **state)
{
	struct post_head *head = viewfacts_head(&f, VIEWFACTS_IT, "posts/uno", "Uno");

	(void)state;
	viewfacts_item(&f, head, "x");
	f.config.urls = URLS_PREFIX;
	head->path = STR_LIT("/2020/uno");
	assert_says(FEED_ATOM, "<id>" AT "/posts/uno?lang=it</id>");
	assert_says(FEED_ATOM, "href=\"" AT "/it/2020/uno\"");
	assert_says(FEED_RSS, "<guid isPermaLink=\"false\">" AT "/posts/uno?lang=it</guid>");
	f.config.feed_id = "http://old.example";
	assert_says(FEED_ATOM, "<id>http://old.example/posts/uno?lang=it</id>");
	assert_says(FEED_ATOM, "<id>http://old.example/feed.atom</id>");
	assert_says(FEED_JSON, "\"id\":\"http://old.example/posts/uno?lang=it\"");
	f.config.feed_id = "";
	f.config.base_url = "/blog"; /* no address: relative links, but ids none the less */
	assert_says(FEED_ATOM, "<id>tag:localhost,2020:/posts/uno?lang=it</id>");
	head->group = STR_LIT("posts/caffè & <tè>");
	assert_says(FEED_ATOM, "<id>tag:localhost,2020:/posts/caff%C3%A8%20%26%20%3Ct%C3%A8%3E?lang=it</id>");
}

/* --- excerpts, pages ---------------------------------------------------------------------------------- */

static void excerpts_are_summaries(void **state)
{
	struct post_head *head = viewfacts_head(&f, VIEWFACTS_EN, "posts/one", "One");
	struct view_item *item = viewfacts_item(&f, head, "<p>First.</p>\n<p>Second.</p>\n");

	(void)state;
	head->description = STR_LIT("About it");
	head->truncated = 1;
	item->view = VIEW_EXCERPT;
	item->body.cut = 14;
	assert_says(FEED_ATOM, "<summary type=\"html\">&lt;p&gt;First.&lt;/p&gt;\n</summary>");
	assert_silent(FEED_ATOM, "<content");
	assert_silent(FEED_ATOM, "About it");
	assert_says(FEED_RSS, "<description>&lt;p&gt;First.&lt;/p&gt;\n</description>");
	assert_silent(FEED_RSS, "<content:encoded>");
	assert_says(FEED_JSON, "\"content_html\":\"<p>First.</p>\\n\"");
	assert_says(FEED_JSON, "\"summary\":\"About it\"");
	head->truncated = 0; /* an excerpt with nothing behind it is the article */
	assert_says(FEED_ATOM, "<content type=\"html\">");
	assert_says(FEED_RSS, "<content:encoded>");
}

static void pages_are_linked(void **state)
{
	(void)state;
	f.view.language = VIEWFACTS_IT;
	f.view.page = 2;
	f.view.pages = 3;
	f.request.view = VIEW_FULL;
	f.request.limit = 5;
#define FIRST "/feed.atom?lang=it&amp;view=full&amp;limit=5\""
#define PAGE(n) "/feed.atom?lang=it&amp;view=full&amp;limit=5&amp;page=" n "\""
	assert_says(FEED_ATOM, "rel=\"self\" type=\"application/atom+xml\" href=\"" AT PAGE("2"));
	assert_says(FEED_ATOM, "rel=\"first\" type=\"application/atom+xml\" href=\"" AT FIRST);
	assert_says(FEED_ATOM, "rel=\"previous\" type=\"application/atom+xml\" href=\"" AT FIRST);
	assert_says(FEED_ATOM, "rel=\"next\" type=\"application/atom+xml\" href=\"" AT PAGE("3"));
	assert_says(FEED_ATOM, "rel=\"last\" type=\"application/atom+xml\" href=\"" AT PAGE("3"));
	/* One feed: one id, and the whole of it in other languages. */
	assert_says(FEED_ATOM, "<id>" AT "/feed.atom?lang=it</id>");
	assert_says(FEED_ATOM, "hreflang=\"en\" href=\"" AT "/feed.atom\"");
	assert_says(FEED_RSS, "<atom:link rel=\"next\"");
	assert_says(FEED_JSON, "\"feed_url\":\"" AT "/feed.json?lang=it&view=full&limit=5&page=2\"");
	assert_says(FEED_JSON, "\"next_url\":\"" AT "/feed.json?lang=it&view=full&limit=5&page=3\"");
	f.view.page = 3;
	assert_silent(FEED_ATOM, "rel=\"next\"");
	assert_silent(FEED_JSON, "next_url");
	f.view.page = f.view.pages = 1;
	assert_silent(FEED_ATOM, "rel=\"first\"");
	f.request.tag = STR_LIT("a&b");
	f.request.search = STR_LIT("c");
	assert_says(FEED_ATOM, "href=\"" AT "/feed.atom?lang=it&amp;tag=a%26b&amp;q=c&amp;view=full&amp;limit=5\"");
}

static void sections_have_their_own(void **state)
{
	struct post_head *section = viewfacts_head(&f, VIEWFACTS_EN, "posts/", "Posts <all>");

	(void)state;
	section->description = STR_LIT("What we write");
	f.view.section = section;
	f.view.path = STR_LIT("/posts/");
	assert_says(FEED_ATOM, "<title>Posts &lt;all&gt; · All &amp; Sundry</title>");
	assert_says(FEED_ATOM, "<subtitle>What we write</subtitle>");
	assert_says(FEED_ATOM, "<updated>1970-01-01T00:00:00Z</updated>");
	assert_says(FEED_RSS, "<description>What we write</description>");
	assert_says(FEED_RSS, "<link>" AT "/posts/</link>");
	assert_says(FEED_JSON, "\"home_page_url\":\"" AT "/posts/\"");
	f.view.path = STR_LIT("/"); /* the home page's own _index says what is there, not what the site is called */
	assert_says(FEED_ATOM, "<title>All &amp; Sundry</title>");
	f.view.section = NULL;
	f.view.path = STR_LIT("/tags/x/");
	f.view.label = STR_LIT("X & Y");
	f.route.scope = SCOPE_CATEGORY;
	assert_says(FEED_ATOM, "<title>X &amp; Y · All &amp; Sundry</title>");
	/* Only where there is such a list. */
	f.view.listed = (const bool[]){true, false, true};
	assert_silent(FEED_ATOM, "hreflang=\"it\"");
	assert_says(FEED_ATOM, "hreflang=\"ar\" href=\"" AT "/tags/x/feed.atom?lang=ar\"");
}

/* --- hostile texts --------------------------------------------------------------------------------- */

static void hostile_texts_stay_texts(void **state)
{
	static const struct {
		const char *title, *xml;
	} cases[] = {
		{"<>&\"'", "<title>&lt;&gt;&amp;&quot;&#39;</title>"},
		{"]]><script>", "<title>]]&gt;&lt;script&gt;</title>"},
		{"</title><entry>", "<title>&lt;/title&gt;&lt;entry&gt;</title>"},
		{"a\x01\x08\x0c\x1f" "b", "<title>ab</title>"},
		{"\xef\xbf\xbe" "a\xef\xbf\xbf", "<title>a</title>"},
		{"📮 \xe2\x80\xae" "rtl", "<title>📮 \xe2\x80\xae" "rtl</title>"},
		{"مرحبا שלום 日本語", "<title>مرحبا שלום 日本語</title>"},
		{"&lt;b&gt;", "<title>&amp;lt;b&amp;gt;</title>"},
		{"a\xff", "<title>a\xef\xbf\xbd</title>"},
		{"", "<title></title>"},
	};
	struct post_head *head = viewfacts_head(&f, VIEWFACTS_EN, "posts/one", "");

	(void)state;
	viewfacts_item(&f, head, "<p>x\x02]]></p>");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		head->title = str_from(cases[i].title);
		head->authors = STR_LIT("[\"\\u0001<\\uFFFF\"]");
		head->tags = STR_LIT("[\"\\\"\\u0000]]>\"]");
		assert_says(FEED_ATOM, cases[i].xml);
		assert_says(FEED_RSS, cases[i].xml);
		assert_says(FEED_ATOM, "<name>&lt;</name>");
		assert_says(FEED_RSS, "<dc:creator>&lt;</dc:creator>");
		assert_says(FEED_ATOM, "&lt;p&gt;x]]&gt;&lt;/p&gt;");
		assert_silent(FEED_ATOM, "]]>");
		assert_silent(FEED_RSS, "]]>");
	}
	head->authors = STR_LIT("{\"not\": \"a list\"}"); /* and what is no list is none */
	head->tags = STR_LIT("[1, null, [\"x\"]]");
	assert_silent(FEED_RSS, "<dc:creator>");
	assert_silent(FEED_RSS, "<category>");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, viewfacts_set_up, viewfacts_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(have_their_types),
		TEST(writes_atom),
		TEST(writes_rss),
		TEST(writes_json),
		TEST(an_empty_feed_is_one),
		TEST(dates_are_the_posts_own),
		TEST(languages_are_honest),
		TEST(ids_outlive_addresses),
		TEST(excerpts_are_summaries),
		TEST(pages_are_linked),
		TEST(sections_have_their_own),
		TEST(hostile_texts_stay_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
