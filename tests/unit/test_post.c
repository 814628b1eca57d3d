/* test_post.c: a file's name and text -> language, group, path, fields, problems. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "date.h"
#include "post.h"
#include "post_path.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct config_language languages[] = {
	{.tag = "en", .name = "", .dir = "", .title = "The Site"},
	{.tag = "it", .name = "", .dir = "", .title = "Il sito"},
	{.tag = "pt-BR", .name = "", .dir = "", .title = ""},
};

static struct {
	struct arena arena;
	struct config config;
	struct post post;
	struct buf problems;
} t;

static int begin(void **state)
{
	(void)state;
	arena_init(&t.arena, 0);
	t.problems = BUF_EMPTY;
	t.config = (struct config){
		.content = "", .content_shown = "content", .mount = "", .base_url = "",
			.languages = languages,
		.language_count = COUNT(languages), .max_post_size = 100000, .typographer = true,
	};
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&t.arena);
	buf_release(&t.problems);
	return 0;
}

static int read_post(const char *file, struct str text)
{
	arena_reset(&t.arena);
	buf_reset(&t.problems);
	return post_read(&t.arena, &t.config, str_from(file), text, 1234, &t.post, &t.problems);
}

static void read_well(const char *file, const char *text)
{
	if (read_post(file, str_from(text)))
		fail_msg("%s: %s\n%s", file, text, buf_z(&t.problems));
}

static void check(struct str got, const char *want)
{
	if (!str_is(got, want))
		fail_msg("got [%.*s], want [%s]", STR_ARG(got), want);
}

static const char *iso(int64_t seconds)
{
	static char out[DATE_ISO_SIZE];

	date_format_iso(seconds, out);
	return seconds == TIME_ABSENT ? "" : out;
}

static void knows_sources_by_their_names(void **state)
{
	static const char *const yes[] = {"a.md", "a.markdown", "_index.md", "a b.it.md",
		"a.md.md"};
	static const char *const no[] = {"", ".md", ".a.md", "a.MD", "a.txt", "md", "a.md~",
		"a.md.swp", "#a.md#"};

	(void)state;
	for (size_t i = 0; i < COUNT(yes); i++)
		assert_true(post_is_source(str_from(yes[i])));
	for (size_t i = 0; i < COUNT(no); i++)
		assert_false(post_is_source(str_from(no[i])));
}

static void reads_names(void **state)
{
	static const struct {
		const char *file, *lang, *folder, *stem, *group, *date;
	} cases[] = {
		{"x.md", "", "", "x", "x", ""},
		{"x.markdown", "", "", "x", "x", ""},
		{"posts/x.md", "", "posts", "x", "posts/x", ""},
		{"posts/x.it.md", "it", "posts", "x", "posts/x", ""},
		{"posts/x.IT.md", "it", "posts", "x", "posts/x", ""},
		{"posts/x.pt-br.md", "pt-BR", "posts", "x", "posts/x", ""},
		/* not configured: part of the name */
		{"posts/x.fr.md", "", "posts", "x.fr", "posts/x.fr", ""},
		{"posts/v1.2.md", "", "posts", "v1.2", "posts/v1.2", ""},
		{"posts/v1.2.it.md", "it", "posts", "v1.2", "posts/v1.2", ""},
		{"it/posts/x.md", "it", "posts", "x", "posts/x", ""},
		{"it/x.md", "it", "", "x", "x", ""},
		{"fr/posts/x.md", "", "fr/posts", "x", "fr/posts/x", ""},
		/* the suffix goes before the folder */
		{"it/posts/x.en.md", "en", "posts", "x", "posts/x", ""},
		{"posts/it/x.md", "", "posts/it", "x", "posts/it/x", ""},
		{"it.md", "", "", "it", "it", ""},
		{"posts/it.it.md", "it", "posts", "it", "posts/it", ""},
		{"posts/x/index.md", "", "posts", "x", "posts/x", ""},
		{"posts/x/index.it.md", "it", "posts", "x", "posts/x", ""},
		{"it/posts/x/index.md", "it", "posts", "x", "posts/x", ""},
		{"index.md", "", "", "", "", ""},
		{"it/index.md", "it", "", "", "", ""},
		{"about/index.md", "", "", "about", "about", ""},
		{"_index.md", "", "", "", "_index", ""},
		{"posts/_index.it.md", "it", "posts", "", "posts/_index", ""},
		{"it/posts/_index.md", "it", "posts", "", "posts/_index", ""},
		{"posts/2020-04-28-x.md", "", "posts", "x", "posts/2020-04-28-x",
		 "2020-04-28T00:00:00Z"},
		{"posts/2020-04-28-x.it.md", "it", "posts", "x", "posts/2020-04-28-x",
		 "2020-04-28T00:00:00Z"},
		{"posts/2020-04-28-x/index.md", "", "posts", "x", "posts/2020-04-28-x",
		 "2020-04-28T00:00:00Z"},
		{"2020-02-30-x.md", "", "", "2020-02-30-x", "2020-02-30-x", ""},
		{"2020-04-28.md", "", "", "2020-04-28", "2020-04-28", ""},
		{"2020-04-28-.md", "", "", "2020-04-28-", "2020-04-28-", ""},
		{"2020/04/28-x.md", "", "2020/04", "28-x", "2020/04/28-x", ""},
		{"posts/perch\xc3\xa9 no.md", "", "posts", "perch\xc3\xa9 no",
		 "posts/perch\xc3\xa9 no", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct post_name n;
		struct str file = guard_copy(str_from(cases[i].file));
		post_parse_name(&t.arena, &t.config, file, &n);
		if (!str_is(n.lang, cases[i].lang) || !str_is(n.folder, cases[i].folder) ||
		    !str_is(n.stem, cases[i].stem) || !str_is(n.group, cases[i].group) ||
		    strcmp(iso(n.date), cases[i].date) ||
		    n.kind != (strstr(cases[i].file, "_index") ? POST_SECTION : POST_ARTICLE))
			fail_msg("%s: lang %.*s, folder %.*s, stem %.*s, group %.*s, date %s",
				cases[i].file, STR_ARG(n.lang), STR_ARG(n.folder), STR_ARG(n.stem),
				 STR_ARG(n.group), iso(n.date));
		guard_free(file);
	}
}

/* The path by file name, front matter and the pattern of "posts". */
static void finds_paths(void **state)
{
	static const struct {
		const char *file, *yaml, *pattern, *path;
	} cases[] = {
		{"x.md", "", NULL, "/x"},
		{"posts/x.it.md", "", NULL, "/posts/x"},
		{"posts/2020-04-28-x.md", "", NULL, "/posts/x"},
		{"posts/x/index.it.md", "", NULL, "/posts/x"},
		{"posts/a/b/x.md", "", NULL, "/posts/a/b/x"},
		{"index.md", "", NULL, "/"},
		{"_index.md", "", NULL, "/"},
		{"posts/_index.md", "", NULL, "/posts/"},
		{"posts/_index.md", "slug: s", "/:year/:slug", "/posts/"},
		{"posts/x.md", "slug: y", NULL, "/posts/y"},
		{"posts/x.md", "slug: ' Perch\xc3\xa9 no '", NULL, "/posts/Perch\xc3\xa9 no"},
		{"posts/x.md", "slug: /y", NULL, "/posts/y"},
		{"posts/x.md", "url: /a/b/", NULL, "/a/b/"},
		{"posts/x.md", "url: a/./b", "/:year/:slug", "/a/b"},
		{"posts/x.md", "{url: /u, slug: s}", "/:slug", "/u"},
		{"posts/x.md", "date: 2020-04-08", "/:year/:month/:day/:slug", "/2020/04/08/x"},
		{"posts/2021-05-09-x.md", "", "/:year-:month-:day-:slug", "/2021-05-09-x"},
		{"posts/2021-05-09-x.it.md", "", "/p/:filename", "/p/2021-05-09-x"},
		{"posts/x.md", "slug: y", "/p/:section/:slug/:filename.html", "/p/posts/y/x.html"},
		{"posts/a/x.md", "", "/:section/:slug/", "/posts/x/"},
		{"posts/x.md", "title: Hello, W\xc3\x89rld -- again!", "/:title",
		 "/hello-w\xc3\xa9rld-again"},
		{"posts/x.md", "title: 'A/B: v1.2... \xe6\xbc\xa2\xe5\xad\x97?'", "/:title",
		 "/ab-v1.2-\xe6\xbc\xa2\xe5\xad\x97"},
		{"posts/x.md", "title: ../../etc", "/a/:title", "/a/etc"},
		{"posts/x.md", "title: '? ! ?'", "/:title", "/x"},
		{"posts/x.md", "", "/:year/:slug", "/posts/x"}, /* without a date: by the file */
		{"posts/x.md", "", "/fixed/:slug", "/fixed/x"},
		{"pages/x.md", "", "/:slug", "/pages/x"},       /* a pattern for another section */
		{"posts/100%.md", "", NULL, "/posts/100%"},
		{"posts/x.md", "url: https://example.org/x", NULL, NULL},
		{"posts/x.md", "url: mailto:x", NULL, NULL},
		{"posts/x.md", "url: /../x", NULL, NULL},
		{"posts/x.md", "slug: ../../../x", NULL, NULL},
		{"posts/x.md", "slug: .", NULL, NULL},
		{"posts/x.md", "slug: ..", "/:section/:slug", NULL},
		{"posts/x.md", "slug: a/./b", NULL, NULL},
		{"posts/x.md", "{url: /u, slug: ..}", NULL, "/u"},
		{"posts/x.md", "slug: 'a\\b'", NULL, NULL},
		{"posts/x.md", "slug: \"a\\nb\"", NULL, NULL},
		{"posts/a\nb.md", "", NULL, NULL},
		{"posts/x.md", "url: /-/health", NULL, NULL},
		{"posts/x.md", "url: /-", NULL, NULL},
		{"posts/x.md", "url: feed.atom", NULL, NULL},
		{"sitemap.xml.md", "", NULL, NULL},
		{"-/x.md", "", NULL, NULL},
		{"posts/x.md", "url: //robots.txt/", NULL, NULL},
		{"posts/x.md", "url: /posts/feed.atom", NULL, "/posts/feed.atom"},
		{"posts/x.md", "url: /-x", NULL, "/-x"},
		{"tags/x.md", "", NULL, "/tags/x"},
		{"2020.md", "", NULL, "/2020"},
	};
	struct config_permalink link = {.section = "posts"};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[200];
		link.pattern = cases[i].pattern;
		t.config.permalinks = &link;
		t.config.permalink_count = cases[i].pattern != NULL;
		snprintf(text, sizeof(text), "---\n%s\n---\nx\n", cases[i].yaml);
		int result = read_post(cases[i].file, str_from(text));
		if (result != (cases[i].path ? 0 : -1) ||
		    (!result && !str_is(t.post.head.path, cases[i].path)))
			fail_msg("%s, %s, %s: %.*s %s", cases[i].file, cases[i].yaml,
				cases[i].pattern,
				 STR_ARG(t.post.head.path), buf_z(&t.problems));
	}
}

static void settles_a_path_by_a_date_that_comes_later(void **state)
{
	struct config_permalink link = {.section = "posts", .pattern = "/:year-:month-:day/:slug"};

	(void)state;
	t.config.permalinks = &link;
	t.config.permalink_count = 1;
	read_well("posts/x.it.md", "---\nslug: ':year'\n---\nx");
	check(t.post.head.path, "/posts/:year");
	t.post.head.date = 1583020800;
	post_path_settle(&t.arena, &t.post.head);
	check(t.post.head.path, "/2020-03-01/:year");
	t.post.head.date = TIME_ABSENT;
	post_path_settle(&t.arena, &t.post.head);
	check(t.post.head.path, "/posts/:year");
	read_well("posts/x.it.md", "---\ndate: 2020-01-02\n---\nx");
	t.post.head.date = 0;
	post_path_settle(&t.arena, &t.post.head);
	check(t.post.head.path, "/2020-01-02/x");
	read_well("posts/x.it.md", "---\nurl: /y\n---\nx");
	t.post.head.date = 0;
	post_path_settle(&t.arena, &t.post.head);
	check(t.post.head.path, "/y");
}

static void puts_aliases_as_requests_name_them(void **state)
{
	(void)state;
	read_well("x.md", "---\naliases: [2020/01/30/x.html, //a, /b//c/../d/, 'https://e.org/x', '/?p=1', ../x, '/é']\n---\n");
	check(t.post.head.aliases, "[\"/2020/01/30/x.html\",\"/b/d/\",\"/é\"]");
	/* as Hugo has it, and as Zola has it */
	read_well("docs/posts/x.md", "---\naliases: [old, ../y, ./z, ../../../z]\n---\n");
	check(t.post.head.aliases, "[\"/docs/posts/old\",\"/old\",\"/docs/y\",\"/docs/posts/z\"]");
	read_well("docs/posts/_index.md", "---\naliases: [old, robots.txt]\n---\n");
	check(t.post.head.aliases, "[\"/docs/old\",\"/old\",\"/docs/robots.txt\"]");
}

static void chooses_language_and_group(void **state)
{
	static const char *const cases[][4] = {
		{"posts/x.md", "", "en", "posts/x"},
		{"posts/x.it.md", "", "it", "posts/x"},
		{"posts/x.it.md", "lang: PT-br", "pt-BR", "posts/x"},
		{"it/posts/x.md", "lang: en", "en", "posts/x"},
		{"posts/ics.md", "{lang: it, translationKey: posts/x}", "it", "posts/x"},
		{"posts/2020-04-28-x.it.md", "", "it", "posts/2020-04-28-x"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[200];
		snprintf(text, sizeof(text), "---\n%s\n---\nx\n", cases[i][1]);
		read_well(cases[i][0], text);
		check(t.post.head.lang, cases[i][2]);
		check(t.post.head.group, cases[i][3]);
		check(t.post.head.file, cases[i][0]);
	}
}

static void finds_a_title(void **state)
{
	static const char *const cases[][3] = {
		{"posts/x.md", "---\ntitle: 'T: t'\n---\n# H\n", "T: t"},
		{"posts/x.md", "---\ntitle: |\n  one\n  two\n---\n", "one two"},
		{"posts/x.md", "\n\n# From the *text*\n", "From the *text*"},
		{"posts/my-first_post.md", "Text\n# No\n", "My first post"},
		{"posts/my-trip/index.md", "", "My trip"},
		{"posts/2020-04-28-x.it.md", "", "X"},
		{"docs/user-guide/_index.md", "", "User guide"},
		{"_index.md", "", "The Site"},
		{"it/index.md", "", "Il sito"},
		{"_index.pt-BR.md", "", ""},
		{"posts/\xc3\xa8.md", "", "\xc3\xa8"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		read_well(cases[i][0], cases[i][1]);
		check(t.post.head.title, cases[i][2]);
	}
}

static void fills_the_head(void **state)
{
	const struct post_head *h = &t.post.head;

	(void)state;
	read_well("posts/x.md",
		"---\ndate: 2020-01-02\nlastmod: 2020-01-03\npublishDate: 2020-01-04\n"
				"expiryDate: 2020-01-05\ndraft: yes\nuseexcerpt: 'false'\ntwitterlargeimage: 'true'\n"
				"twitterimage: /i.jpg\nweight: -2\naliases: /old\ntags: [a, b]\ncategories: c\n"
				"author: {name: Anna}\nimages: [i.png]\nseries: s\nlayout: l\nrobots: noindex\n"
				"colour: red\n---\nOne two.\n\n<!--more Go on-->\n\nThree.\n");
	assert_int_equal(h->kind, POST_ARTICLE);
	assert_string_equal(iso(h->date), "2020-01-02T00:00:00Z");
	assert_string_equal(iso(h->lastmod), "2020-01-03T00:00:00Z");
	assert_string_equal(iso(h->publish), "2020-01-04T00:00:00Z");
	assert_string_equal(iso(h->expiry), "2020-01-05T00:00:00Z");
	assert_int_equal(h->mtime, 1234);
	assert_int_equal(h->draft, 1);
	assert_int_equal(h->use_excerpt, TRISTATE_FALSE);
	assert_int_equal(h->twitter_large, 1);
	assert_int_equal(h->weight, -2);
	check(h->section, "posts");
	check(h->aliases, "[\"/old\"]");
	check(h->tags, "[\"a\",\"b\"]");
	check(h->categories, "[\"c\"]");
	check(h->authors, "[\"Anna\"]");
	check(h->images, "[\"i.png\"]");
	check(h->twitter_image, "/i.jpg");
	check(h->series, "s");
	check(h->layout, "l");
	check(h->robots, "noindex");
	check(h->params, "{\"colour\":\"red\"}");
	check(h->more_text, "Go on");
	check(h->description, "One two.");
	assert_int_equal(h->inherits, 0);
	assert_int_equal(h->excerpt_source, EXCERPT_DIVIDER);
	assert_int_equal(h->truncated, 1);
	assert_int_equal(h->words, 3);
	assert_int_equal(h->minutes, 1);
	check(t.post.body.html, "<p>One two.</p>\n<p>Three.</p>\n");
	check(t.post.body.source, "One two.\n\n<!--more Go on-->\n\nThree.\n");
	assert_int_equal(t.post.body.source_cut, 10);
	assert_int_equal(t.post.body_line, 21);
}

/* Date, images and tags may come from a sibling; a date in the name is one. */
static void says_what_it_inherits(void **state)
{
	static const struct {
		const char *file, *yaml;
		int inherits;
	} cases[] = {
		{"x.it.md", "", INHERIT_DATE | INHERIT_IMAGES | INHERIT_TAGS},
		{"2020-04-28-x.it.md", "", INHERIT_IMAGES | INHERIT_TAGS},
		{"x.it.md", "date: 2020-01-01", INHERIT_IMAGES | INHERIT_TAGS},
		{"x.it.md", "{images: a.jpg, tags: a}", INHERIT_DATE},
		{"x.it.md", "{twitterimage: a.jpg, tags: []}", INHERIT_DATE | INHERIT_TAGS},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[200];
		snprintf(text, sizeof(text), "---\n%s\n---\nx\n", cases[i].yaml);
		read_well(cases[i].file, text);
		assert_int_equal(t.post.head.inherits, cases[i].inherits);
	}
}

static void reports_problems_with_their_place(void **state)
{
	static const struct {
		struct str text;
		const char *problem;
	} cases[] = {
		{STR_LIT("a\n\xc3\xa9\0b"), "2:2: error: a NUL byte: this is no text [post/nul]"},
		{STR_LIT("a\n\xc3\xa9 caf\xe9\0"), "2:6: error: not UTF-8 [post/encoding]"},
		{STR_LIT("\xff\xfe" "a\0"), "1:1: error: not UTF-8 [post/encoding]"},
		{STR_LIT("---\r\ntitle: \xc3\xa8\r\nlang: fr\r\n---\r\n"),
		 "3:7: error: lang names a language that is not configured [post/language]"},
		{STR_LIT("---\nMarkdown: gfm\n---\n"),
		 "2:11: error: markdown must be discount or commonmark [post/markdown]"},
		{STR_LIT("---\na: b\nurl: /../x\n---\n"),
		 "3:6: error: this gives no path [post/path]"},
		{STR_LIT("---\ntitle: x\nurl: /-/x\n---\n"), "3:6: error: this address is the program's own [post/path]"},
		{STR_LIT("---\naliases: [/a, /feed.rss]\n---\n"),
		 "2:10: error: an alias is the program's own address [post/path]"},
		{STR_LIT("---\ndate: soon\n---\n"),
		 "2:7: error: date is not a date such as 2020-04-28 or "
						     "2020-04-28T10:30:00Z [frontmatter/date]"},
		{STR_LIT("---\rtitle: Old Mac\rdate: soon\r---\r"),
		 "3:7: error: date is not a date such as 2020-04-28 or "
								    "2020-04-28T10:30:00Z [frontmatter/date]"},
		{STR_LIT("---\ntitle: x\n"),
		 "1:1: error: the front matter has no closing --- line [frontmatter/unclosed]"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char want[300];
		struct str text = guard_copy(cases[i].text);
		snprintf(want, sizeof(want), "content/posts/x.md:%s\n", cases[i].problem);
		assert_int_equal(read_post("posts/x.md", text), -1);
		assert_string_equal(buf_z(&t.problems), want);
		guard_free(text);
	}
}

static void keeps_limits(void **state)
{
	struct str big = hostile_repeat("word ", 100001);
	struct buf title = BUF_EMPTY;

	(void)state;
	assert_int_equal(read_post("x.md", str_head(big, 100000)), 0);
	assert_int_equal(read_post("x.md", big), -1);
	assert_string_equal(buf_z(&t.problems),
		"content/x.md:1:1: error: larger than max_post_size allows [post/size]\n");
	buf_puts(&title, "---\ntitle: ");
	for (int i = 0; i < 1001; i++)
		buf_char(&title, 'x');
	buf_puts(&title, "\n---\n");
	assert_int_equal(read_post("x.md", buf_view(&title)), -1);
	assert_string_equal(buf_z(&t.problems),
		"content/x.md:2:8: error: the title is longer than 1000 bytes [post/title]\n");
	buf_release(&title);
	free((char *)big.p);
}

/* The same post whatever ends its lines. */
static void knows_every_line_end(void **state)
{
	static const char *const texts[] = {
		"---\ntitle: a\n---\n\n```c\nx\n```\n\nOne\ntwo\n\n<!--more-->\n\n- three\n",
		"\xef\xbb\xbf---\r\ntitle: a\r\n---\r\n\r\n```c\r\nx\r\n```\r\n\r\n"
		"One\r\ntwo\r\n\r\n<!--more-->\r\n\r\n- three\r\n",
		"---\rtitle: a\r---\r\r```c\rx\r```\r\rOne\rtwo\r\r<!--more-->\r\r- three\r",
	};
	char html[500] = "";

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		read_well("x.md", texts[i]);
		check(t.post.head.title, "a");
		assert_int_equal(t.post.head.excerpt_source, EXCERPT_DIVIDER);
		if (i)
			check(t.post.body.html, html);
		snprintf(html, sizeof(html), "%.*s", STR_ARG(t.post.body.html));
	}
}

static void chooses_the_engine(void **state)
{
	(void)state;
	read_well("x.md", "a\n");
	assert_int_equal(t.post.engine, MARKDOWN_DISCOUNT);
	read_well("x.md", "---\nmarkdown: CommonMark\n---\na\n");
	assert_int_equal(t.post.engine, MARKDOWN_COMMONMARK);
	t.config.markdown.engine = MARKDOWN_COMMONMARK;
	read_well("x.md", "a\n");
	assert_int_equal(t.post.engine, MARKDOWN_COMMONMARK);
	read_well("x.md", "---\nmarkdown: discount\n---\na\n");
	assert_int_equal(t.post.engine, MARKDOWN_DISCOUNT);
}

static void names_files_on_one_line(void **state)
{
	(void)state;
	assert_string_equal(post_shown_path(&t.arena, &t.config, STR_LIT("posts/\xc3\xa8 x.md")),
		"content/posts/\xc3\xa8 x.md");
	assert_string_equal(post_shown_path(&t.arena, &t.config, STR_LIT("a\nb\x1b.md")),
		"content/a\\x0Ab\\x1B.md");
	t.config.content_shown = "";
	assert_string_equal(post_shown_path(&t.arena, &t.config, STR_LIT("a.md")), "a.md");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(knows_sources_by_their_names),
		TEST(reads_names),
		TEST(finds_paths),
		TEST(settles_a_path_by_a_date_that_comes_later),
		TEST(puts_aliases_as_requests_name_them),
		TEST(chooses_language_and_group),
		TEST(finds_a_title),
		TEST(fills_the_head),
		TEST(says_what_it_inherits),
		TEST(reports_problems_with_their_place),
		TEST(keeps_limits),
		TEST(knows_every_line_end),
		TEST(chooses_the_engine),
		TEST(names_files_on_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
