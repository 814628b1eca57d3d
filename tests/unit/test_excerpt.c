/* test_excerpt.c: where the excerpt ends: the prefix law with the divider at
 * every place, through both engines; automatic excerpts; the cut in the source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "excerpt.h"
#include "html.h"
#include "markdown.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const SOURCES[] = {"divider", "summary", "auto", "full"};
static const char *const ENGINES[] = {"discount", "commonmark"};

static struct arena arena;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct str joined(struct str a, struct str b)
{
	return arena_printf(&arena, "%.*s%.*s", STR_ARG(a), STR_ARG(b));
}

static struct str text_of(struct str html)
{
	struct buf out = BUF_EMPTY;

	text_from_html(html, &out);
	struct str text = arena_str(&arena, buf_view(&out));
	buf_release(&out);
	return text;
}

static struct str rendered(const char *markdown, int engine)
{
	struct markdown_options options = {.engine = engine ? MARKDOWN_COMMONMARK : MARKDOWN_DISCOUNT};
	struct buf html = BUF_EMPTY, err = BUF_EMPTY;

	if (markdown_render(str_from(markdown), &options, &html, &err))
		fail_msg("%s: %s", markdown, buf_z(&err));
	struct str result = arena_str(&arena, buf_view(&html));
	buf_release(&html);
	buf_release(&err);
	return result;
}

/* Every end tag ends the element opened last, and nothing stays open. */
static bool balanced(struct str html)
{
	struct str open[100];
	size_t depth = 0;
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (token.unfinished)
			return false;
		if (token.kind == HTML_OPEN && !html_is_void(token.name) && depth < COUNT(open))
			open[depth++] = token.name;
		else if (token.kind == HTML_CLOSE &&
			 (!depth || !str_eq_fold(open[--depth], token.name)))
			return false;
	}
	return depth == 0;
}

/* The law, for HTML that is itself balanced and has a divider. */
static void check_law(const char *what, const char *engine, struct str html)
{
	struct excerpt e;

	assert_true(balanced(html));
	excerpt_find(&arena, html, &e);
	struct str head = joined(str_head(e.html, e.cut), e.owed);
	struct str rest = joined(e.reopened, str_skip(e.html, e.cut));
	if (e.source != EXCERPT_DIVIDER)
		fail_msg("%s (%s): no divider in\n%s", what, engine, html.p);
	if (!balanced(head) || !balanced(rest))
		fail_msg("%s (%s):\n%s\n--\n%s", what, engine, head.p, rest.p);
	struct str all = text_of(e.html), shown = text_of(head), after = text_of(rest);
	/* nothing is lost, nothing comes twice */
	if (!str_eq(all, text_of(html)) || !str_starts(all, shown.p) || !str_ends(all, after.p) ||
	    all.n > shown.n + after.n + 1 || shown.n + after.n > all.n)
		fail_msg("%s (%s): [%s] is not [%s] and [%s]", what, engine, all.p, shown.p,
			after.p);
	if (str_find(e.html, "more") < e.html.n || str_find(rest, " id=") < e.reopened.n)
		fail_msg("%s (%s): left in %s", what, engine, e.html.p);
	assert_int_equal(e.truncated, after.n > 0);
}

static void the_law_holds_between_any_blocks(void **state)
{
	static const char *const blocks[] = {
		"A paragraph with *emphasis* and a [link][r].",
		"## Heading {#h}",
		"- one\n- two\n\n  and a half",
		"1. a\n2. b",
		"> quote\n>\n> - list in a quote",
		"```c\nint x;\n```",
		"| a | b |\n|---|---|\n| 1 | 2 |",
		"<div id=\"d\" class=\"x\">\n<p>raw</p>\n</div>",
		"A note[^1].",
		"[r]: /r",
		"[^1]: The note.",
		"---",
		"    indented",
		"Last.",
	};

	(void)state;
	for (size_t at = 0; at <= COUNT(blocks); at++) {
		for (int engine = 0; engine < 2; engine++) {
			struct buf text = BUF_EMPTY;
			for (size_t i = 0; i <= COUNT(blocks); i++) {
				buf_puts(&text, i == at ? "<!--more-->\n\n" : "");
				buf_printf(&text, "%s\n\n", i < COUNT(blocks) ? blocks[i] : "");
			}
			check_law(at < COUNT(blocks) ? blocks[at] : "(end)", ENGINES[engine],
				  rendered(buf_z(&text), engine));
			buf_release(&text);
		}
	}
}

static void the_law_holds_inside_blocks(void **state)
{
	static const char *const cases[] = {
		"- one\n- two <!--more--> two\n- three\n",
		"- one\n\n  <!--more-->\n\n  one\n- two\n",
		"- one\n  - two <!--more-->\n  - three\n",
		"3. one\n\n<!--more-->\n\n4. two\n",
		"> quote <!--more-->\n> quote\n",
		"> one\n>\n> <!--more-->\n>\n> two\n",
		"> - one\n>   <!--more-->\n> - two\n",
		"| a | b <!--more--> b |\n|---|---|\n| 1 | 2 |\n",
		"| a | b |\n|---|---|\n| 1 <!--more--> | 2 |\n",
		"**bold *and <!--more--> emphatic* text**\n",
		"[a <!--more--> link](/x \"t\")\n",
		"one\ntwo<!--more-->\nthree\n",
		"one <!--more--> two <!--more--> three\n",
		"## Head <!--more--> ing\n\ntext\n",
		"<div id=\"x\" class=\"y\">\n<!--more-->\n<p>raw</p>\n</div>\n",
		"<p>raw <b id='x'>a <!-- MORE go on --> b</b></p>\n",
		"<table><tr><td>a <!--more--> b</td></tr></table>\n",
		"text[^1]\n\n[^1]: note <!--more--> note\n",
		"before\n\n<!--more-->\n",
		"<!--more-->\n\nafter\n",
		"one\n\n<!--more-->\n\n```\n<!--more-->\n```\n",
	};

	(void)state;
	for (size_t i = 0; i + 1 < COUNT(cases); i++)
		for (int engine = 0; engine < 2; engine++)
			check_law(cases[i], ENGINES[engine], rendered(cases[i], engine));
}

/* All ways to write a divider so that a reader sees it. */
static void is_never_found_in_code(void **state)
{
	static const char *const cases[] = {
		"```\n<!--more-->\n```\n",
		"```html\na\n\n<!--more-->\n\nb\n```\n",
		"~~~\n<!--more-->\n~~~\n",
		"````\n```\n<!--more-->\n```\n````\n",
		"~~~\n```\n<!--more-->\n~~~\n",
		"- item\n\n  ```\n  <!--more-->\n  ```\n",
		"> ```\n> <!--more-->\n> ```\n",
		"text\n\n    <!--more-->\n",
		"Write `<!--more-->` here.\n",
		"Write `` `<!--more-->` `` here.\n",
		/* these two only for the first half: references, and a fence that nobody closes */
		"<pre>\n&lt;!--more--&gt;\n</pre>\n",
		"```\n<!--more-->\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (int engine = 0; engine < 2; engine++) {
			struct excerpt e;
			struct str html = rendered(cases[i], engine);
			excerpt_find(&arena, html, &e);
			if (e.source != EXCERPT_FULL || !str_eq(e.html, html) ||
			    str_find(text_of(html), "<!--more-->") == text_of(html).n)
				fail_msg("%s (%s): %s\n%s", cases[i], ENGINES[engine],
					SOURCES[e.source], html.p);
			/* and a divider after it is found, in the HTML and in the source */
			if (i + 2 >= COUNT(cases))
				continue;
			struct str source = arena_printf(&arena, "%s\n\n%s", cases[i],
				"after\n\n<!-- more -->\n\nend\n");
			excerpt_find(&arena, rendered(source.p, engine), &e);
			struct str text = text_of(str_head(e.html, e.cut));
			struct str after = str_skip(source, excerpt_source_cut(source, e.source, text));
			if (e.source != EXCERPT_DIVIDER || !str_starts(after, "<!-- more -->"))
				fail_msg("%s (%s): %s", cases[i], ENGINES[engine], after.p);
		}
	}
}

static void knows_dividers(void **state)
{
	static const struct {
		const char *comment, *text; /* text NULL: none */
	} cases[] = {
		{"more", ""},          {" MORE ", ""},           {"\n\tMore\n", ""},
		{"more Read on", "Read on"}, {"more\n  a  b ", "a  b"}, {"more \xc3\xa8",
		 "\xc3\xa8"},
		{"", NULL},            {"mor", NULL},            {"moreover", NULL},
		{"no more", NULL},     {"more-", NULL},          {"mo re", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str text = {NULL, 0}, comment = guard_copy(str_from(cases[i].comment));
		if (excerpt_is_divider(comment, &text) != (cases[i].text != NULL) ||
		    (cases[i].text && !str_is(text, cases[i].text)))
			fail_msg("%s", cases[i].comment);
		guard_free(comment);
	}
}

/* HTML -> the excerpt with what it owes | the rest with what it opens. */
static void cuts_html(void **state)
{
	static const struct {
		const char *html, *shown, *rest;
		enum excerpt_source source;
		bool truncated;
		const char *more_text;
	} cases[] = {
		{"", "", "", EXCERPT_FULL, false, ""},
		{"<p>a</p>\n", "<p>a</p>\n", "", EXCERPT_FULL, false, ""},
		{"<p>a</p>\n<!--more-->\n<p>b</p>\n", "<p>a</p>\n", "<p>b</p>\n", EXCERPT_DIVIDER,
		 true, ""},
		{"<p>a</p>\n<p><!--more--></p>\n<p>b</p>", "<p>a</p>\n", "<p>b</p>",
		 EXCERPT_DIVIDER, true, ""},
		{"<p>a <!--MORE Read on--> b</p>", "<p>a </p>", "<p> b</p>", EXCERPT_DIVIDER, true,
		 "Read on"},
		{"<ol start=\"3\" id=x><li>a<!--more-->b", "<ol start=\"3\" id=x><li>a</li></ol>",
		 "<ol start=\"3\"><li>b", EXCERPT_DIVIDER, true, ""},
		{"<p>a</p><!--more--><!-- b --><p> &nbsp;</p>\n", "<p>a</p>",
		 "<!-- b --><p> &nbsp;</p>\n",
		 EXCERPT_DIVIDER, false, ""},
		{"<p>a</p><!--more--><p>&#8203;\xc2\xa0</p>", "<p>a</p>", "<p>&#8203;\xc2\xa0</p>",
		 EXCERPT_DIVIDER, false, ""},
		{"<p>a</p><!--more--><p>&#33;</p>", "<p>a</p>", "<p>&#33;</p>", EXCERPT_DIVIDER,
		 true, ""},
		{"<p>a</p><!--more--><img src=x>", "<p>a</p>", "<img src=x>", EXCERPT_DIVIDER, true,
		 ""},
		{"<p>a</p><!--more--><script>b</script>", "<p>a</p>", "<script>b</script>",
		 EXCERPT_DIVIDER, false, ""},
		{"<p><!--more x--><!--more y--></p>a", "", "a", EXCERPT_DIVIDER, true, "x"},
		{"a<p<p><!--more--></p>b", "a<p<p></p<p>", "<p<p></p>b", EXCERPT_DIVIDER, true, ""},
		{"a<!--more x-->b<!--more y-->c", "a", "bc", EXCERPT_DIVIDER, true, "x"},
		{"<script><!--more--></script>a", "<script><!--more--></script>a", "", EXCERPT_FULL,
		 false, ""},
		{"<p title='<!--more-->'>a</p>", "<p title='<!--more-->'>a</p>", "", EXCERPT_FULL,
		 false, ""},
		{"<p>a</p><!--more", "<p>a</p>", "<!--more", EXCERPT_FULL, false, ""},
		{"<p>a</p><p>b <a href=\"", "<p>a</p><p>b </p>", "<p><a href=\"", EXCERPT_FULL,
		 false, ""},
		{"<div>a", "<div>a</div>", "<div>", EXCERPT_FULL, false, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str html = guard_copy(str_from(cases[i].html));
		struct excerpt e;
		excerpt_find(&arena, html, &e);
		struct str shown = joined(str_head(e.html, e.cut), e.owed);
		struct str rest = joined(e.reopened, str_skip(e.html, e.cut));
		if (!str_is(shown, cases[i].shown) || !str_is(rest, cases[i].rest) ||
			e.source != cases[i].source ||
		    e.truncated != cases[i].truncated || !str_is(e.more_text, cases[i].more_text))
			fail_msg("%s\n%s | %s | %s, %d, %s", cases[i].html, shown.p, rest.p,
				SOURCES[e.source],
				 e.truncated, e.more_text.p);
		guard_free(html);
	}
}

static struct str words(const char *before, const char *word, size_t n, const char *after)
{
	struct buf out = BUF_EMPTY;

	buf_puts(&out, before);
	for (size_t i = 0; i < n; i++)
		buf_puts(&out, word);
	buf_puts(&out, after);
	struct str s = arena_str(&arena, buf_view(&out));
	buf_release(&out);
	return s;
}

/* The automatic excerpt is what stands before "|" (a comment, which it never ends at). */
static void ends_after_whole_blocks(void **state)
{
	static const char x[] = "<p>x</p>";
	const struct {
		const char *what;
		struct str shown;
		const char *rest;
		enum excerpt_source source;
	} cases[] = {
		{"enough", words("<p>", "word ", 70, "</p>"), x, EXCERPT_AUTO},
		{"one too few", words("<p>", "word ", 69, "</p><p>x</p>"), x, EXCERPT_AUTO},
		{"all of it", words("<p>", "word ", 69, "</p>"), "", EXCERPT_FULL},
		{"enough and nothing after", words("<p>", "word ", 99, "</p>"), " \n<p>&nbsp;</p>",
		 EXCERPT_FULL},
		{"a long block", words("<ul>", "<li><p>word</p></li>", 500, "</ul>"), x,
		 EXCERPT_AUTO},
		{"nested blocks", words("<div><div>", "<p>word</p>", 100, "</div></div>"), x,
		 EXCERPT_AUTO},
		{"an image besides", words("<img src=a alt='b c'>\n<p>", "word ", 68, "</p>"), x,
		 EXCERPT_AUTO},
		{"not on a heading", words("<p>", "word ", 69, "</p><h2>one more</h2><p>y</p>"), x,
		 EXCERPT_AUTO},
		{"not on headings", words("<h1>", "word ", 80, "</h1><h2>x</h2><p>y</p>"), x,
		 EXCERPT_AUTO},
		{"Chinese", words("<p>", "\xe6\xbc\xa2", 140, "</p>"), x, EXCERPT_AUTO},
		{"Chinese, too few", words("<p>", "\xe6\xbc\xa2", 138, "</p><p>\xe6\xbc\xa2</p>"),
		 x, EXCERPT_AUTO},
		{"Thai", words("<p>", "\xe0\xb8\x81", 140, "</p>"), x, EXCERPT_AUTO},
		{"code counts", words("<pre><code>", "word\n", 70, "</code></pre>"), x,
		 EXCERPT_AUTO},
		{"a table", words("<table><tr><td>", "word ", 70, "</td></tr></table>"), x,
		 EXCERPT_AUTO},
		{"no blocks at all", words("", "word ", 200, "<br>end"), "", EXCERPT_FULL},
		{"end tags left out", words("<p>", "word ", 40, "<p>word"), "", EXCERPT_FULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct excerpt e;
		excerpt_find(&arena, joined(cases[i].shown, str_from(cases[i].rest)), &e);
		size_t want = cases[i].source == EXCERPT_FULL ? e.html.n : cases[i].shown.n;
		if (e.source != cases[i].source || e.cut != want)
			fail_msg("%s: %s, %zu of %zu, not %zu", cases[i].what, SOURCES[e.source],
				e.cut, e.html.n, want);
		assert_int_equal(e.truncated, e.source == EXCERPT_AUTO);
	}
}

/* The source up to "|", which is taken out, for the excerpt's text. */
static void cuts_the_source(void **state)
{
	static const struct {
		const char *source, *text;
		enum excerpt_source from;
	} cases[] = {
		{"one two\n\n|<!--more-->\n\nthree", "one two", EXCERPT_DIVIDER},
		{"one |<!-- MORE\nRead on --> two", "one", EXCERPT_DIVIDER},
		{"`<!--more-->` one |<!--more--> two", "<!--more--> one", EXCERPT_DIVIDER},
		{"one <!-- two --> |<!--more-->", "one", EXCERPT_DIVIDER},
		{"one|", "one", EXCERPT_DIVIDER}, /* lost: all of it */
		{"One two.|\n\nThree.\n", "One two.", EXCERPT_AUTO},
		{"One\ntwo|\n \t\nThree.\n", "One two", EXCERPT_AUTO},
		{"\n\nOne|\n\nTwo", "One", EXCERPT_AUTO},
		{"One two\n|", "One two", EXCERPT_AUTO},
		{"[one](/two) three|\n\nfour", "one three", EXCERPT_AUTO},
		{"t**he** one|\n\ntwo", "the one", EXCERPT_AUTO},
		{"a b c d e t**he** end|\n\nbefore the next paragraph", "a b c d e the end",
		 EXCERPT_AUTO},
		{"caf&eacute; noir|\n\nblanc", "caf\xc3\xa9 noir", EXCERPT_AUTO},
		{"don't \"stop\"...|\n\nnow",
		 "don\xe2\x80\x99t \xe2\x80\x9cstop\xe2\x80\x9d\xe2\x80\xa6", EXCERPT_AUTO},
		{"\xe4\xbd\xa0**\xe5\xa5\xbd**\xe4\xb8\x96[\xe7\x95\x8c](/x)|\n\n\xe4\xbd\xa0",
		 "\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c", EXCERPT_AUTO},
		{"\xe4\xb8\x80**\xe4\xba\x8c**\n\n\xe4\xb8\x89**\xe5\x9b\x9b**|\n\n\xe4\xba\x94",
		 "\xe4\xb8\x80\xe4\xba\x8c\n\xe4\xb8\x89\xe5\x9b\x9b", EXCERPT_AUTO},
		{"one\n\n```c\nx = 1;\n\n}\n```|\n\ntwo", "one\nx = 1;\n\n}", EXCERPT_AUTO},
		{"~~~\nx\n\n```\n\n~~~~|\n\ntwo", "x\n\n```", EXCERPT_AUTO},
		{"``` x ``` one|\n\ntwo", "x one", EXCERPT_AUTO},
		{"one\n\ntwo|", "", EXCERPT_FULL},
		{"one\n\ntwo|", "short", EXCERPT_SUMMARY},
		{"|", "", EXCERPT_AUTO},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str before = str_from(cases[i].source), after = before;
		size_t want = str_find_char(before, '|');
		after = str_skip(before, want + 1);
		struct str source = guard_copy(joined(str_head(before, want), after));
		size_t cut = excerpt_source_cut(source, cases[i].from, str_from(cases[i].text));
		if (cut != want)
			fail_msg("%s: [%.*s]", cases[i].source, STR_ARG(str_head(source, cut)));
		guard_free(source);
	}
}

/* A drawing or an embedded picture holds hundreds of "words". */
static void finds_the_source_behind_much_markup(void **state)
{
	struct str before = words("<svg><path d=\"", "M10 20 L30 ", 2000, "\"/></svg>\n\n");
	struct str text = words("The first words of it. ", "word ", 70, "The end.");
	struct str source = arena_printf(&arena, "%s%s\n\nNot this.\n", before.p, text.p);

	(void)state;
	assert_int_equal(excerpt_source_cut(source, EXCERPT_AUTO, text), before.n + text.n);
}

static void find_and_cut(struct str s)
{
	struct arena own;
	struct excerpt e;
	struct buf text = BUF_EMPTY;

	arena_init(&own, 0);
	excerpt_find(&own, s, &e);
	assert_true(e.cut <= e.html.n);
	text_from_html(s, &text);
	assert_true(excerpt_source_cut(s, EXCERPT_DIVIDER, buf_view(&text)) <= s.n);
	assert_true(excerpt_source_cut(s, EXCERPT_AUTO, buf_view(&text)) <= s.n);
	/* words that the source does not have */
	assert_true(excerpt_source_cut(s, EXCERPT_AUTO, words("", "z ", 10000, "")) <= s.n);
	buf_release(&text);
	arena_release(&own);
}

static void survives_hostile_texts(void **state)
{
	(void)state;
	guard_prefixes(STR_LIT("<p id=x>\xc3\xa9 <!-- more \xe6\xbc\xa2 -->&#65;<pre>\n```\n\n<!--more"), find_and_cut);
	for (size_t i = 0; i < HOSTILE_COUNT; i++) {
		struct str s = hostile_repeat(HOSTILE[i], 200 * 1000);
		double seconds = hostile_seconds(s, find_and_cut);
		if (seconds > 2)
			fail_msg("200 kB of %s: %.1f s", HOSTILE[i], seconds);
		free((char *)s.p);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_law_holds_between_any_blocks),
		TEST(the_law_holds_inside_blocks),
		TEST(is_never_found_in_code),
		TEST(knows_dividers),
		TEST(cuts_html),
		TEST(ends_after_whole_blocks),
		TEST(cuts_the_source),
		TEST(finds_the_source_behind_much_markup),
		TEST(survives_hostile_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
