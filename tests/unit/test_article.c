/* test_article.c: a post's Markdown through the whole pipeline: what is shown,
 * what is said about it, and the three views. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "article.h"
#include "text.h"
#include "value.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct {
	struct arena arena;
	struct config config;
	struct post post;
	struct buf problems;
} t;

static int begin(void **state)
{
	static struct config_language english = {.tag = "en", .name = "", .dir = "", .title = ""};

	(void)state;
	arena_init(&t.arena, 0);
	t.problems = BUF_EMPTY;
	t.config = (struct config){
		.content = "", .content_shown = "", .mount = "", .base_url = "",
			.languages = &english,
		.language_count = 1, .max_post_size = 1000000, .typographer = true,
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

static void read_text(struct str text)
{
	buf_reset(&t.problems);
	if (post_read(&t.arena, &t.config, STR_LIT("x.md"), text, 0, &t.post, &t.problems))
		fail_msg("%s", buf_z(&t.problems));
}

static void read_post(const char *yaml, const char *body)
{
	read_text(arena_printf(&t.arena, "---\n%s\n---\n%s", yaml, body));
}

static struct str view(bool excerpt, bool rest)
{
	return article_view(&t.arena, &t.post.head, &t.post.body, excerpt, rest);
}

static void check(struct str got, const char *want)
{
	if (!str_is(got, want))
		fail_msg("got [%.*s], want [%s]", STR_ARG(got), want);
}

static struct str plain(struct str html)
{
	struct buf out = BUF_EMPTY;

	text_from_html(html, &out);
	struct str text = arena_str(&t.arena, buf_view(&out));
	buf_release(&out);
	return text;
}

static void describes_by_the_first_that_is_there(void **state)
{
	static const char body[] = "Body *text*.\n\n<!--more-->\n\nMore.\n";
	static const char *const cases[][2] = {
		{"{description: D, twittercard: T, summary: S}", "D"},
		{"{description: '', twittercard: T, summary: S}", "T"},
		{"{twittercard: ~, summary: 'S *s* \"q\"'}", "S s “q”"},
		{"summary: '![](/x.png)'", "Body text."},
		{"title: t", "Body text."},
		{"description: ' two  <b>\n\n  lines '", "two <b> lines"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		read_post(cases[i][0], body);
		check(t.post.head.description, cases[i][1]);
	}
	read_post("title: t", "<!--more-->\n\nAll after it.\n");
	check(t.post.head.description, "");
}

static void shortens_descriptions(void **state)
{
	struct buf long_text = BUF_EMPTY;

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_puts(&long_text, "perch\xc3\xa9 ");
	for (int i = 0; i < 3; i++) {
		const char *keys[] = {"description: ", "twittercard: ", "title: "};
		read_post(arena_printf(&t.arena, "%s%s", keys[i], buf_z(&long_text)).p,
			buf_z(&long_text));
		struct str d = t.post.head.description;
		size_t characters = 0;
		for (size_t k = 0; k < d.n; k++)
			characters += ((unsigned char)d.p[k] & 0xc0) != 0x80;
		assert_in_range(characters, 190, 200);
		assert_true(str_ends(d, "perch\xc3\xa9\xe2\x80\xa6"));
	}
	buf_release(&long_text);
}

/* The author's divider goes before the author's summary, both before ours. */
static void chooses_the_excerpt(void **state)
{
	struct buf lots = BUF_EMPTY;

	(void)state;
	for (int i = 0; i < 80; i++)
		buf_puts(&lots, "word ");
	buf_puts(&lots, "\n\nend\n");
	static const struct {
		const char *yaml, *body; /* body NULL: lots of words */
		enum excerpt_source source;
		bool truncated;
		const char *excerpt, *rest; /* NULL: not looked at */
	} cases[] = {
		{"title: t", "One.\n", EXCERPT_FULL, false, "<p>One.</p>\n", ""},
		{"title: t", NULL, EXCERPT_AUTO, true, NULL, "\n<p>end</p>\n"},
		{"title: t", "One.\n\n<!--more-->\n\nTwo.\n", EXCERPT_DIVIDER, true,
		 "<p>One.</p>\n", "<p>Two.</p>\n"},
		{"title: t", "One.\n\n<!--more-->\n", EXCERPT_DIVIDER, false, "<p>One.</p>\n", ""},
		{"summary: S *s*", "One.\n\n<!--more-->\n\nTwo.\n", EXCERPT_DIVIDER, true,
		 "<p>One.</p>\n", "<p>Two.</p>\n"},
		{"summary: S *s*", "One.\n", EXCERPT_SUMMARY, true, "<p>S <em>s</em></p>\n",
		 "<p>One.</p>\n"},
		{"summary: S", NULL, EXCERPT_SUMMARY, true, "<p>S</p>\n", NULL},
		{"summary: S", "", EXCERPT_SUMMARY, false, "<p>S</p>\n", ""},
		{"summary: S", "![](/x.png)\n", EXCERPT_SUMMARY, true, "<p>S</p>\n", NULL},
		{"summary: \"<!--more-->\"", "One.\n", EXCERPT_SUMMARY, true, NULL,
		 "<p>One.</p>\n"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		read_post(cases[i].yaml, cases[i].body ? cases[i].body : buf_z(&lots));
		if (t.post.head.excerpt_source != cases[i].source ||
			t.post.head.truncated != cases[i].truncated)
			fail_msg("%s, %s: %d, %d", cases[i].yaml, cases[i].body,
				(int)t.post.head.excerpt_source,
				 (int)t.post.head.truncated);
		if (cases[i].excerpt)
			check(view(true, false), cases[i].excerpt);
		if (cases[i].rest)
			check(view(false, true), cases[i].rest);
		check(view(false, false), t.post.body.html.p);
	}
	buf_release(&lots);
}

/* Reference links and footnotes may be defined after the divider. */
static void links_reach_across_the_divider(void **state)
{
	(void)state;
	for (int engine = 0; engine < 2; engine++) {
		t.config.markdown.engine = engine ? MARKDOWN_COMMONMARK : MARKDOWN_DISCOUNT;
		read_post("title: t",
			"A [link][r] and a note[^n].\n\n<!--more-->\n\n[r]: https://example.org/\n\n[^n]: Note.\n");
		struct str excerpt = view(true, false), rest = view(false, true);
		assert_true(str_find(excerpt, "href=\"https://example.org/\"") < excerpt.n);
		assert_true(str_find(excerpt, "#fn") < excerpt.n);
		assert_true(str_find(rest, "Note.") < rest.n);
	}
}

static void keeps_the_divider_when_html_is_not_trusted(void **state)
{
	(void)state;
	t.config.markdown.safe = true;
	for (int engine = 0; engine < 2; engine++) {
		t.config.markdown.engine = engine ? MARKDOWN_COMMONMARK : MARKDOWN_DISCOUNT;
		read_post("title: t",
			"One <script>x</script>.\n\n<!--more-->\n\n<p onclick=x>Two.</p>\n");
		assert_int_equal(t.post.head.excerpt_source, EXCERPT_DIVIDER);
		assert_true(str_find(view(false, false), "<script") == view(false, false).n);
		assert_true(str_find(view(false, false), "<p onclick") == view(false, false).n);
	}
}

static void measures_what_readers_read(void **state)
{
	(void)state;
	read_post("title: t",
		"One two `three`.\n\n<!-- not this -->\n<script>nor this</script>\n\n- four\n");
	assert_int_equal(t.post.head.words, 4);
	assert_int_equal(t.post.head.minutes, 1);
	read_post("title: t", "");
	assert_int_equal(t.post.head.words, 0);
	assert_int_equal(t.post.head.minutes, 0);
	read_post("title: t", "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\n");
	assert_int_equal(t.post.head.words, 2);
}

static struct str listed(bool excerpt, bool rest)
{
	return article_view_in_list(&t.arena, &t.post.head, &t.post.body, excerpt, rest);
}

/* What an author leaves open ends with the article where another one follows. */
static void ends_what_is_open_in_a_list(void **state)
{
	static const char *const cases[][2] = {
		{"a *b*\n", ""},
		{"a <b>b\n", "</b>"},
		{"<div>\n\na\n", "</div>"},
		{"<div>\n<ul><li>a\n", "</li></ul></div>"},
		{"a</b>\n\n</div>\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		read_post("title: t", cases[i][0]);
		struct str html = t.post.body.html;
		check(view(false, false), arena_z(&t.arena, html));
		check(listed(false, false), arena_printf(&t.arena, "%.*s%s", STR_ARG(html), cases[i][1]).p);
	}
	read_post("title: t", "a\n\n<!-- note\n");
	check(listed(false, false), "<p>a</p>\n");
	read_post("title: t", "a\n\n<!--more-->\n\n<div>\n\n<p class=\"x\n");
	check(listed(true, false), arena_z(&t.arena, view(true, false)));
	check(listed(false, true), "<div>\n</div>");
	read_post("title: t\nsummary: a <b>b", "c\n");
	check(view(true, false), "<p>a <b>b</p>\n</b>");
	check(listed(true, false), "<p>a <b>b</p>\n</b>");
}

static void lists_the_headings(void **state)
{
	(void)state;
	read_post("title: t", "## One \"x\"\n\n### Two {#zwei}\n\n## One \"x\"\n");
	value_pool(&t.arena);
	const struct value *outline = value_read(t.post.body.outline, &t.problems);
	assert_int_equal(value_count(outline), 3);
	assert_int_equal(value_number(value_get(value_at(outline, 1), STR_LIT("level"))), 3);
	check(value_text(value_get(value_at(outline, 1), STR_LIT("id"))), "zwei");
	check(value_text(value_get(value_at(outline, 1), STR_LIT("text"))), "Two");
	assert_false(str_eq(value_text(value_get(value_at(outline, 0), STR_LIT("id"))),
			    value_text(value_get(value_at(outline, 2), STR_LIT("id")))));
	read_post("title: t", "no headings\n");
	check(t.post.body.outline, "[]");
}

static void typographs_by_the_posts_language(void **state)
{
	(void)state;
	read_post("title: t", "\"Quoted\" -- it's `\"code\"`...\n");
	check(t.post.body.html, "<p>“Quoted” – it’s <code>&quot;code&quot;</code>…</p>\n");
	t.config.typographer = false;
	read_post("title: t", "\"Quoted\" -- it's...\n");
	check(plain(t.post.body.html), "\"Quoted\" -- it's...");
}

/* What a reader and what a feed of each real post holds, if the posts are here. */
static void check_real_post(const char *folder, const char *name)
{
	struct buf text = BUF_EMPTY;
	int fd = open(arena_printf(&t.arena, "%s/%s", folder, name).p, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(buf_read_fd(&text, fd), 0);
	close(fd);
	for (int engine = 0; engine < 2; engine++) {
		t.config.markdown.engine = engine ? MARKDOWN_COMMONMARK : MARKDOWN_DISCOUNT;
		read_text(buf_view(&text));
		struct post_body *b = &t.post.body;
		struct str all = plain(b->html), first = plain(view(true, false)),
			last = plain(view(false, true));
		assert_int_equal(t.post.head.excerpt_source, EXCERPT_DIVIDER);
		assert_true(t.post.head.truncated);
		assert_true(str_starts(all, first.p) && str_ends(all, last.p));
		assert_int_equal(first.n + 1 + last.n, all.n);
		assert_int_equal(t.post.head.use_excerpt, TRISTATE_TRUE);
		assert_int_equal(t.post.head.twitter_large, 1);
		assert_true(str_starts(str_skip(b->source, (size_t)b->source_cut), "<!--more-->"));
		assert_true(str_find(b->html, "more-->") == b->html.n);
		assert_true(str_find(all,
			"\\'") == all.n); /* an escape that one engine does not know */
	}
	buf_release(&text);
}

static void keeps_the_law_on_the_seeds(void **state)
{
	const char *shared = getenv("CARTOLINA_SHARED") ? getenv("CARTOLINA_SHARED") : "../shared";
	const char *folder = arena_printf(&t.arena, "%s/seeds", shared).p;
	DIR *dir = opendir(folder);
	int count = 0;

	(void)state;
	if (!dir) {
		fprintf(stderr, "test_article: no %s: the seeds are not looked at\n", folder);
		skip();
	}
	for (struct dirent *entry; (entry = readdir(dir)); )
		if (post_is_source(str_from(entry->d_name))) {
			check_real_post(folder, entry->d_name);
			count++;
		}
	closedir(dir);
	assert_true(count > 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(describes_by_the_first_that_is_there),
		TEST(shortens_descriptions),
		TEST(chooses_the_excerpt),
		TEST(links_reach_across_the_divider),
		TEST(keeps_the_divider_when_html_is_not_trusted),
		TEST(measures_what_readers_read),
		TEST(ends_what_is_open_in_a_list),
		TEST(lists_the_headings),
		TEST(typographs_by_the_posts_language),
		TEST(keeps_the_law_on_the_seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
