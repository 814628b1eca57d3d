/* The prefix law with a divider wherever an author could put one.
 *
 * Every post of the shared corpus, with either engine, gets a divider after
 * each blank line and, in a second round, inside each kind of construct; the
 * excerpt must be a byte prefix of the article plus the tags it owes, and the
 * rest must be the rest.
 */
#include "article.h"
#include "config.h"
#include "excerpt.h"
#include "html.h"
#include "htmlstack.h"
#include "markdown.h"
#include "value.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST_DIVIDERS = 12, MOST_POSTS = 2000, PATH_SIZE = 1024 };

static char paths[MOST_POSTS][PATH_SIZE];
static size_t path_count;

static size_t depth_after(struct arena *arena, struct str html)
{
	struct htmlstack stack;

	htmlstack_read(&stack, arena, html);
	return stack.depth;
}

static bool has_divider(struct str html)
{
	struct html_reader reader;
	struct html_token token;
	struct str text;

	html_start(&reader, html);
	while (html_next(&reader, &token))
		if (token.kind == HTML_COMMENT && str_starts(token.bytes, "<!--") && token.bytes.n >= 7 &&
		    excerpt_is_divider((struct str){token.bytes.p + 4, token.bytes.n - 7}, &text))
			return true;
	return false;
}

static void assert_law(struct arena *arena, struct str markdown, enum markdown_engine engine, const char *what)
{
	struct article_source source = {
		.body = markdown, .lang = "en", .mount = "", .markdown = {.engine = engine}, .typographer = true,
	};
	struct post_head head = {.description = STR_LIT("x")};
	struct post_body body;
	struct str text;
	struct buf err = BUF_EMPTY;

	value_pool(arena);
	if (article_render(arena, &source, &head, &body, &text, &err))
		fail_msg("%s: %s", what, buf_z(&err));
	struct str full = article_view(arena, &head, &body, false, false);
	struct str excerpt = article_view(arena, &head, &body, true, false);
	struct str rest = article_view(arena, &head, &body, false, true);
	size_t cut = (size_t)body.cut;

	assert_true(cut <= full.n);
	if (!str_eq(str_head(excerpt, cut), str_head(full, cut)) || !str_eq(str_skip(excerpt, cut), body.owed))
		fail_msg("%s: the excerpt is no prefix of the article", what);
	if (!str_eq(str_skip(rest, body.reopened.n), str_skip(full, cut)))
		fail_msg("%s: the rest is not what the excerpt leaves", what);
	if (depth_after(arena, excerpt))
		fail_msg("%s: the excerpt owes more than it pays", what);
	if (has_divider(full))
		fail_msg("%s: a divider is left in the article", what);
	buf_release(&err);
}

/* markdown with a divider on lines of its own at an offset. */
static struct str divided(struct arena *arena, struct str markdown, size_t at)
{
	return arena_printf(arena, "%.*s\n<!--more-->\n\n%.*s", STR_ARG(str_head(markdown, at)),
			    STR_ARG(str_skip(markdown, at)));
}

static struct str without_front_matter(struct str text)
{
	struct str rest = text, line;

	if (!str_line(&rest, &line) || (!str_is(str_trim(line), "---") && !str_is(str_trim(line), "+++")))
		return text;
	struct str fence = str_trim(line);
	while (str_line(&rest, &line))
		if (str_eq(str_trim(line), fence))
			return rest;
	return text;
}

static void test_constructs(void **state)
{
	static const char *const sources[] = {
		"- a\n- b <!--more--> c\n- d\n",
		"- a\n\n  <!--more-->\n\n  b\n- c\n",
		"1. a\n2. b\n\n   <!--more-->\n\n3. c\n",
		"> a\n>\n> <!--more-->\n>\n> b\n",
		"> a <!--more--> b\n",
		"| a | b |\n|---|---|\n| c <!--more--> | d |\n| e | f |\n",
		"a [b <!--more--> c](http://x.y) d\n",
		"a **b <!--more--> c** d\n",
		"a *b **c <!--more--> d** e* f\n",
		"# a <!--more--> b\n\nc\n",
		"<div class=\"x\">\n\na\n\n<!--more-->\n\nb\n\n</div>\n",
		"<div><p>a <!--more--> b</p></div>\n",
		"<p>a\n<p>b\n\n<!--more-->\n\n<p>c\n",
		"<details>\n<summary>s</summary>\n\na <!-- MORE Go on --> b\n\n</details>\n",
		"a[^1]\n\n<!--more-->\n\nb\n\n[^1]: note\n",
		"a [b][c]\n\n<!--more-->\n\nd\n\n[c]: http://x.y\n",
		"<!--more-->\n\na\n",
		"a\n\n<!--more-->\n",
		"<!--more-->",
		"a\n<!--more-->\nb\n",
		"a\n\n<!--more-->\n\nb\n\n<!--more-->\n\nc\n",
		"<b>a\n\n<!--more-->\n\nb</b>\n",
		"</div></p>a\n\n<!--more-->\n\nb",
		"<svg><path d=\"M0\"/><!--more--><g></g></svg>\n",
	};
	struct arena arena;
	(void)state;

	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		assert_law(&arena, str_from(sources[i]), MARKDOWN_DISCOUNT, sources[i]);
		assert_law(&arena, str_from(sources[i]), MARKDOWN_COMMONMARK, sources[i]);
		arena_reset(&arena);
	}
	arena_release(&arena);
}

/* A divider in code is code: it does not cut, and it is shown. */
static void test_code(void **state)
{
	static const char *const sources[] = {
		"a\n\n```\n<!--more-->\n```\n\nb\n",
		"a\n\n~~~~ html\n<!--more-->\n~~~~\n\nb\n",
		"a\n\n    <!--more-->\n\nb\n",
		"a `<!--more-->` b\n",
		"- a\n\n  ```\n  <!--more-->\n  ```\n",
		"a ``x ` <!--more-->`` b\n",
	};
	struct arena arena;
	(void)state;

	arena_init(&arena, 0);
	for (size_t i = 0; i < 2 * sizeof(sources) / sizeof(sources[0]); i++) {
		struct article_source source = {
			.body = str_from(sources[i / 2]), .lang = "en", .mount = "",
			.markdown = {.engine = i % 2 ? MARKDOWN_COMMONMARK : MARKDOWN_DISCOUNT},
		};
		struct post_head head = {.description = STR_LIT("x")};
		struct post_body body;
		struct str text;
		struct buf err = BUF_EMPTY;
		value_pool(&arena);
		assert_int_equal(article_render(&arena, &source, &head, &body, &text, &err), 0);
		assert_int_equal(head.excerpt_source, EXCERPT_FULL);
		assert_true(str_find(body.html, "&lt;!--more--&gt;") < body.html.n);
		arena_reset(&arena);
	}
	arena_release(&arena);
}

static int collect(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)where;
	if (type == FTW_F && str_ends(str_from(path), ".md") && path_count < MOST_POSTS &&
	    strlen(path) < PATH_SIZE)
		strcpy(paths[path_count++], path);
	return 0;
}

static void examine(struct arena *arena, const char *path, struct str text)
{
	struct str body = without_front_matter(text), rest = body, line;
	size_t boundaries = 0, step, seen = 0;

	if (memchr(body.p, '\r', body.n))
		return; /* the post reader turns these into lines first */
	while (str_line(&rest, &line))
		boundaries += line.n == 0;
	step = boundaries / MOST_DIVIDERS + 1;
	rest = body;
	for (enum markdown_engine engine = MARKDOWN_DISCOUNT; engine <= MARKDOWN_COMMONMARK; engine++)
		assert_law(arena, body, engine, path);
	while (str_line(&rest, &line)) {
		if (line.n || seen++ % step)
			continue;
		size_t at = (size_t)(line.p - body.p);
		struct str with = divided(arena, body, at);
		assert_law(arena, with, seen % 2 ? MARKDOWN_DISCOUNT : MARKDOWN_COMMONMARK,
			   arena_printf(arena, "%s, divider at byte %zu", path, at).p);
		arena_reset(arena);
	}
}

static void test_corpus(void **state)
{
	const char *shared = getenv("CARTOLINA_SHARED");
	struct arena arena;
	char folder[PATH_SIZE];
	(void)state;

	snprintf(folder, sizeof(folder), "%s/corpus", shared ? shared : "../shared");
	if (nftw(folder, collect, 16, FTW_PHYS) || !path_count) {
		fprintf(stderr, "no posts at %s: the prefix law is not tried on them\n", folder);
		skip();
	}
	arena_init(&arena, 0);
	for (size_t i = 0; i < path_count; i++) {
		struct buf text = BUF_EMPTY;
		int fd = open(paths[i], O_RDONLY);
		assert_true(fd >= 0);
		assert_int_equal(buf_read_fd(&text, fd), 0);
		close(fd);
		examine(&arena, paths[i], buf_view(&text));
		buf_release(&text);
		arena_reset(&arena);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_constructs),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_corpus),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
