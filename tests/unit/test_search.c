/* test_search.c: what is indexed, what a query asks for, how a hit is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/testarena.h"
#include "arena.h"
#include "buf.h"
#include "search.h"
#include "utf8.h"

#define Z "\xe2\x80\x8b" /* U+200B */

struct pair {
	struct str in, out;
};
#define PAIR(in, out) {{(in), sizeof(in) - 1}, {(out), sizeof(out) - 1}}

static void check(struct str in, struct str wanted, struct str got)
{
	if (str_eq(wanted, got))
		return;
	print_error("in:     %.*s\nwanted: %.*s\ngot:    %.*s\n", STR_ARG(in), STR_ARG(wanted), STR_ARG(got));
	fail();
}

/* --- texts ------------------------------------------------------------------------- */

static void indexes_words_of_every_script(void **state)
{
	static const struct pair cases[] = {
		PAIR("", ""),
		PAIR("Città, naïve: Straße", "Città, naïve: Straße"),
		PAIR("東京", "東" Z "京"),
		PAIR("東京へ。行く", "東" Z "京" Z "へ。行" Z "く"),
		PAIR("iPhone発売2024年", "iPhone" Z "発" Z "売" Z "2024" Z "年"),
		PAIR("東 京", "東 京"),
		PAIR("か\u3099く", "か\u3099" Z "く"), /* a mark stays with its base */
		PAIR("กินข้าว", "กิ" Z "น" Z "ข้" Z "า" Z "ว"),
		PAIR("한국어 말", "한국어 말"), /* Hangul has spaces */
		PAIR("مرحبا بالعالم", "مرحبا بالعالم"),
		PAIR("a\001b\002c\003d\0e\nf", "a b c d e f"),
		PAIR("a\xff" "b", "a\ufffd" "b"),
		PAIR("𠀋𠮷", "𠀋" Z "𠮷"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_IN(&arena);
		search_text(cases[i].in, &out);
		check(cases[i].in, cases[i].out, buf_view(&out));
	}
}

/* --- queries ------------------------------------------------------------------------- */

static void makes_expressions(void **state)
{
	static const struct pair cases[] = {
		PAIR("", ""),
		PAIR(" \t\n ", ""),
		PAIR("città", "(\"città\"*)"),
		PAIR("città ", "(\"città\")"),
		PAIR("one two", "(\"one\" \"two\"*)"),
		PAIR("one\u00a0two", "(\"one\u00a0two\"*)"),
		PAIR("one\u3000two", "(\"one\" \"two\"*)"),
		PAIR("one \"two three\"", "(\"one\" \"two three\")"),
		PAIR("one \"two thr", "(\"one\" \"two thr\")"),
		PAIR("“one two” x", "(\"one two\" \"x\")"),
		PAIR("«one two»", "(\"one two\")"),
		PAIR("one\"two\"three", "(\"one\" \"two\" \"three\"*)"),
		PAIR("one -two", "(\"one\") NOT (\"two\")"),
		PAIR("-two one", "(\"one\"*) NOT (\"two\")"),
		PAIR("one -\"two three\" -four", "(\"one\") NOT (\"two three\" OR \"four\")"),
		PAIR("-one", ""),
		PAIR("-one -\"two\"", ""),
		PAIR("- one", "(\"one\"*)"),
		PAIR("well-known", "(\"well known\"*)"),
		PAIR("don't", "(\"don t\")"), /* one letter begins too much */
		PAIR("C++", "(\"C  \")"),
		PAIR("a", "(\"a\")"),
		PAIR("ab", "(\"ab\"*)"),
		PAIR("what?", "(\"what \")"),
		PAIR("東京", "(\"東" Z "京\")"),
		PAIR("東京tower", "(\"東" Z "京" Z "tower\"*)"),
		PAIR("東京 大阪", "(\"東" Z "京\" \"大" Z "阪\")"),
		PAIR("กิน", "(\"กิ" Z "น\")"),
		PAIR("مرحبا", "(\"مرحبا\"*)"),
		/* nothing that means something to FTS5 is left */
		PAIR("NOT AND OR", "(\"NOT\" \"AND\" \"OR\"*)"),
		PAIR("NEAR(one two, 3)", "(\"NEAR one\" \"two \" \"3 \")"),
		PAIR("title:one", "(\"title one\"*)"),
		PAIR("{title}:^one*", "(\" title   one \")"),
		PAIR("one*", "(\"one \")"),
		PAIR("* ^ : ( ) { } + , \\ ' -", ""),
		PAIR("\"", ""),
		PAIR("\"\"\"\"", ""),
		PAIR("\"\\\"\" one", "(\" one\")"),
		PAIR("-\"", ""),
		PAIR("one\0two", "(\"one\" \"two\"*)"),
		PAIR("\002one\003", "(\"one\")"),
		PAIR("\xff\xfe", ""),
		PAIR("one\xff", "(\"one\ufffd\")"),
		PAIR("🎉", ""),
		PAIR("🎉 one 🎉", "(\"one\")"),
		PAIR("— … – «»", ""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].in, cases[i].out, search_match(&arena, cases[i].in));
}

static struct str repeated(const char *piece, size_t times)
{
	struct buf out = BUF_IN(&arena);

	for (size_t i = 0; i < times; i++)
		buf_puts(&out, piece);
	return buf_view(&out);
}

static size_t occurrences(struct str s, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < s.n; i++)
		count += s.p[i] == c;
	return count;
}

static void limits_what_it_looks_for(void **state)
{
	(void)state;
	struct str match = search_match(&arena, repeated("a", 10000));
	assert_int_equal(match.n, SEARCH_TERM_LENGTH + 5); /* ("…"*) */

	match = search_match(&arena, repeated("a ", 1000));
	assert_int_equal(occurrences(match, '"'), 2 * SEARCH_TERMS);

	match = search_match(&arena, repeated("-a ", 1000));
	assert_int_equal(match.n, 0);

	match = search_match(&arena, repeated("京", 1000));
	assert_int_equal(match.n, SEARCH_TERM_LENGTH * 6 - 3 + 4);

	assert_int_equal(search_match(&arena, repeated("\"", 10000)).n, 0);
	assert_int_equal(search_match(&arena, repeated("(", 10000)).n, 0);
	check(STR_LIT("quotes, then a word"), STR_LIT("(\"word\"*)"),
	      search_match(&arena, arena_printf(&arena, "%.*sword", STR_ARG(repeated("\"\"", 5000)))));
}

static void takes_the_last_word_as_whole(void **state)
{
	static const struct pair cases[] = {
		PAIR("one two", "(\"one\" \"two\")"),
		PAIR("-two one", "(\"one\") NOT (\"two\")"),
		PAIR("one ", ""),
		PAIR("", ""),
		PAIR("\"*\" *one* t*o two", "(\" one \" \"t o\" \"two\")"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].in, cases[i].out, search_match_whole(&arena, search_match(&arena, cases[i].in)));
}

/* --- snippets -------------------------------------------------------------------------- */

static void shows_snippets(void **state)
{
	static const struct {
		struct str in, html;
	} cases[] = {
#define SHOWN(in, html) {{(in), sizeof(in) - 1}, {(html), sizeof(html) - 1}}
		SHOWN("", ""),
		SHOWN("a \002b\003 c", "a <mark>b</mark> c"),
		SHOWN("<b> & \002\"x\"\003", "&lt;b&gt; &amp; <mark>&quot;x&quot;</mark>"),
		SHOWN("\002東" Z "京\003" Z "へ", "<mark>東京</mark>へ"),
		SHOWN("a \002b", "a <mark>b</mark>"),
		SHOWN("a\003 b", "a b"),
		SHOWN("\002a\002b\003c\003", "<mark>ab</mark>c"),
		SHOWN("a\0b\nc", "a b c"),
		SHOWN("a\xff", "a\ufffd"),
		SHOWN("\002مرحبا\003 <", "<mark>مرحبا</mark> &lt;"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].in, cases[i].html, search_snippet_html(&arena, cases[i].in));
}

/* Whatever comes in: UTF-8 without marks in texts and queries, quotes in pairs,
 * <mark> in turns. */
static void holds_for_random_bytes(void **state)
{
	static const char *const pieces[] = {"\"", "-", "*", "(", ")", " ", "AND ", "NOT ", "NEAR(", "^", ":", "a", "wor",
					     "東", "ก", "\xcc\x81", "\xff", "\002", "\003", "\n", Z, "é", "<", "&", "🎉"};
	uint64_t x = 88172645463325252u;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct buf in = BUF_IN(&arena), text = BUF_IN(&arena);
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		for (uint64_t k = 0, r = x; k < x % 14; k++, r = r * 6364136223846793005u + 1)
			buf_puts(&in, pieces[(r >> 33) % (sizeof(pieces) / sizeof(pieces[0]))]);
		struct str match = search_match(&arena, buf_view(&in));
		assert_true(utf8_valid(match));
		assert_int_equal(occurrences(match, '"') % 2, 0);
		assert_true(occurrences(match, '*') <= 1);
		search_text(buf_view(&in), &text);
		assert_true(utf8_valid(buf_view(&text)));
		assert_int_equal(occurrences(buf_view(&text), SEARCH_OPEN), 0);
		struct str html = search_snippet_html(&arena, buf_view(&in));
		assert_true(utf8_valid(html));
		assert_int_equal(occurrences(html, '<'), occurrences(html, '/') * 2);
		arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(indexes_words_of_every_script, testarena_set_up, testarena_tear_down),
		cmocka_unit_test_setup_teardown(makes_expressions, testarena_set_up, testarena_tear_down),
		cmocka_unit_test_setup_teardown(limits_what_it_looks_for, testarena_set_up, testarena_tear_down),
		cmocka_unit_test_setup_teardown(takes_the_last_word_as_whole, testarena_set_up, testarena_tear_down),
		cmocka_unit_test_setup_teardown(shows_snippets, testarena_set_up, testarena_tear_down),
		cmocka_unit_test_setup_teardown(holds_for_random_bytes, testarena_set_up, testarena_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
