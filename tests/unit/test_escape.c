/* test_escape.c: text made safe for HTML, URLs and log lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "escape.h"

struct pair {
	struct str in;
	const char *out;
};

static void run(const struct pair *cases, size_t count, void (*escape)(struct buf *, struct str))
{
	for (size_t i = 0; i < count; i++) {
		struct buf out = BUF_EMPTY;
		struct str in = guard_copy(cases[i].in);
		escape(&out, in);
		assert_string_equal(buf_z(&out), cases[i].out);
		assert_int_equal(strlen(buf_z(&out)), out.n);
		buf_release(&out);
		guard_free(in);
	}
}
#define RUN(cases, escape) run((cases), sizeof(cases) / sizeof((cases)[0]), (escape))

static void escapes_html(void **state)
{
	static const struct pair cases[] = {
		{STR_LIT(""), ""},
		{STR_LIT("caf\xc3\xa9 a/b"), "caf\xc3\xa9 a/b"},
		{STR_LIT("<a href=\"x\" b='&'>"), "&lt;a href=&quot;x&quot; b=&#39;&amp;&#39;&gt;"},
		{STR_LIT("&amp;"), "&amp;amp;"},
		{STR_LIT("x>"), "x&gt;"},
	};

	(void)state;
	RUN(cases, escape_html);
}

static void escapes_xml(void **state)
{
	static const struct pair cases[] = {
		{STR_LIT(""), ""},
		{STR_LIT("<a b=\"c\" d='&amp;'>"), "&lt;a b=&quot;c&quot; d=&#39;&amp;amp;&#39;&gt;"},
		{STR_LIT("a]]>b"), "a]]&gt;b"},
		{STR_LIT("a\tb\nc\r\nd"), "a\tb\nc&#13;\nd"},
		{STR_LIT("a\0\x01\x08\x0b\x0c\x1f\x1b[1mb"), "a[1mb"},
		{STR_LIT("\x7f"), "\x7f"},
		/* U+FFFD stays, U+FFFE and U+FFFF go, and no plane but the first has such. */
		{STR_LIT("a\xef\xbf\xbd" "b\xef\xbf\xbe" "c\xef\xbf\xbf" "d"), "a\xef\xbf\xbd" "bcd"},
		{STR_LIT("\xf0\x9f\x93\xae \xd7\xa9\xd7\x9c \xe6\x97\xa5"), "\xf0\x9f\x93\xae \xd7\xa9\xd7\x9c \xe6\x97\xa5"},
		/* Malformed: a byte alone, one cut off, a surrogate. */
		{STR_LIT("a\xff" "b\xe6\x97"), "a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd"},
		{STR_LIT("\xed\xa0\x80<"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd&lt;"},
	};

	(void)state;
	RUN(cases, escape_xml);
}

static void escapes_paths(void **state)
{
	static const struct pair cases[] = {
		{STR_LIT("/posts/a-b_c.d~e/"), "/posts/a-b_c.d~e/"},
		{STR_LIT("/caf\xc3\xa9 &+?#%"), "/caf%C3%A9%20%26%2B%3F%23%25"},
		{STR_LIT("a\0b\n\xff"), "a%00b%0A%FF"},
		{STR_LIT("\"'<>:@"), "%22%27%3C%3E%3A%40"},
	};

	(void)state;
	RUN(cases, escape_path);
}

static void escapes_query_values(void **state)
{
	static const struct pair cases[] = {
		{STR_LIT("a/b=c&d e"), "a%2Fb%3Dc%26d%20e"},
		{STR_LIT("-._~09azAZ"), "-._~09azAZ"},
	};

	(void)state;
	RUN(cases, escape_query);
}

static void makes_one_printable_line(void **state)
{
	static const struct {
		struct str in;
		size_t limit;
		const char *out;
	} cases[] = {
		{STR_LIT("perch\xc3\xa9"), 100, "perch\xc3\xa9"},
		{STR_LIT("a\nb\r\t\0\x1b[31m\x7f"), 100, "a\\x0Ab\\x0D\\x09\\x00\\x1B[31m\\x7F"},
		{STR_LIT("\\x0A"), 100, "\\x5Cx0A"},
		{STR_LIT("a\xff\xc3"), 100, "a\\xFF\\xC3"},
		{STR_LIT("\xc2\x85\xc2\x9b"), 100, "\\xC2\\x85\\xC2\\x9B"}, /* C1: NEL, CSI */
		{STR_LIT("a\xe2\x80\xa8" "b\xe2\x80\xa9"), 100, "a\\xE2\\x80\\xA8b\\xE2\\x80\\xA9"},
		{STR_LIT("a\xe2\x80\xae"), 100, "a\\xE2\\x80\\xAE"}, /* turns the direction */
		{STR_LIT("abcdef"), 6, "abcdef"},
		{STR_LIT("abcdef"), 5, "abcde..."},
		{STR_LIT("\xc3\xa9\xc3\xa9"), 3, "\xc3\xa9..."},
		{STR_LIT("\x80\x80\x80\x80\x80\x80"), 5, "\\x80\\x80\\x80\\x80\\x80..."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_EMPTY;
		struct str in = guard_copy(cases[i].in);
		escape_log(&out, in, cases[i].limit);
		assert_string_equal(buf_z(&out), cases[i].out);
		buf_release(&out);
		guard_free(in);
	}
}

static void makes_the_inside_of_a_json_string(void **state)
{
	static const struct {
		struct str in;
		size_t limit;
		const char *out;
	} cases[] = {
		{STR_LIT(""), 9, ""},
		{STR_LIT("caf\xc3\xa9 a/b"), 20, "caf\xc3\xa9 a/b"},
		{STR_LIT("\"\\"), 9, "\\\"\\\\"},
		{STR_LIT("a\nb\r\t\0z"), 9, "a\\u000ab\\u000d\\u0009\\u0000z"},
		{STR_LIT("\x7f\xe2\x80\xa8\xe2\x80\xae"), 9, "\\u007f\\u2028\\u202e"},
		{STR_LIT("\xff\xc3"), 9, "\xef\xbf\xbd\xef\xbf\xbd"},
		{STR_LIT("abc"), 2, "ab..."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_EMPTY;
		struct str in = guard_copy(cases[i].in);
		escape_json(&out, in, cases[i].limit);
		assert_string_equal(buf_z(&out), cases[i].out);
		buf_release(&out);
		guard_free(in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_html),
		cmocka_unit_test(escapes_xml),
		cmocka_unit_test(escapes_paths),
		cmocka_unit_test(escapes_query_values),
		cmocka_unit_test(makes_one_printable_line),
		cmocka_unit_test(makes_the_inside_of_a_json_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
