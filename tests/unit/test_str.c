/* test_str.c: slices; and the hashes of slices, which are two functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "hash.h"

static void check(struct str got, const char *want)
{
	if (!str_is(got, want))
		fail_msg("got [%.*s], want [%s]", STR_ARG(got), want);
}

static void compares(void **state)
{
	static const struct {
		struct str a, b;
		int order; /* of str_compare */
		bool fold;
	} cases[] = {
		{STR_LIT(""), STR_LIT(""), 0, true},
		{{NULL, 0}, STR_LIT(""), 0, true},
		{STR_LIT(""), STR_LIT("a"), -1, false},
		{STR_LIT("a"), STR_LIT("ab"), -1, false},
		{STR_LIT("b"), STR_LIT("ab"), 1, false},
		{STR_LIT("It-CH"), STR_LIT("it-ch"), -1, true},
		{STR_LIT("a\0b"), STR_LIT("a\0c"), -1, false},
		{STR_LIT("\xc3\x89"), STR_LIT("\xc3\xa9"), -1, false}, /* É, é: ASCII only */
		{STR_LIT("["), STR_LIT("{"), -1, false},             /* 32 apart, no letters */
		{STR_LIT("\xff"), STR_LIT("a"), 1, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int order = str_compare(cases[i].a, cases[i].b);
		assert_int_equal((order > 0) - (order < 0), cases[i].order);
		assert_int_equal(str_eq(cases[i].a, cases[i].b), cases[i].order == 0);
		assert_int_equal(str_eq_fold(cases[i].a, cases[i].b), cases[i].fold);
	}
	assert_false(str_is(STR_LIT("a\0b"), "a"));
	assert_true(str_is_fold(STR_LIT("MORE"), "more"));
	assert_true(str_is(str_last(STR_LIT("a/b/c"), '/'), "c") && str_is(str_last(STR_LIT("c"), '/'), "c"));
	assert_true(str_is(str_last(STR_LIT("a/"), '/'), "") && str_is(str_last(STR_LIT(""), '/'), ""));
	static const char *const words[] = {"less", "more", NULL}, *const none[] = {NULL};
	assert_true(str_among(STR_LIT("Less"), words) && str_among(STR_LIT("MORE"), words));
	assert_false(str_among(STR_LIT("mor"), words) || str_among(STR_LIT(""), words) ||
		     str_among(STR_LIT("more"), none));
	assert_true(str_is(str_from(NULL), ""));
}

static void finds_beginnings_and_ends(void **state)
{
	struct str none = {NULL, 0}, s = STR_LIT("ab");

	(void)state;
	assert_true(str_starts(s, "") && str_starts(s, "a") && str_starts(s, "ab"));
	assert_false(str_starts(s, "b") || str_starts(s, "abc"));
	assert_true(str_ends(s, "") && str_ends(s, "b") && str_ends(s, "ab"));
	assert_false(str_ends(s, "a") || str_ends(s, "xab"));
	assert_true(str_starts(none, "") && str_ends(none, ""));
	assert_false(str_starts(none, "a") || str_ends(none, "a"));
}

static void takes_parts(void **state)
{
	struct str s = STR_LIT("abc");

	(void)state;
	check(str_skip(s, 0), "abc");
	check(str_skip(s, 2), "c");
	check(str_skip(s, 3), "");
	check(str_skip(s, SIZE_MAX), "");
	check(str_head(s, 2), "ab");
	check(str_head(s, SIZE_MAX), "abc");
	check(str_trim(STR_LIT(" \t\r\n\v\fa b\n ")), "a b");
	check(str_trim(STR_LIT(" \n")), "");
	check(str_trim(STR_LIT("\xc2\xa0")), "\xc2\xa0"); /* no ASCII space */
	check(str_trim((struct str){NULL, 0}), "");
}

static void cuts_at_separators(void **state)
{
	struct str rest = STR_LIT("a//b/"), none = {NULL, 0};

	(void)state;
	check(str_cut(&rest, '/'), "a");
	check(str_cut(&rest, '/'), "");
	check(str_cut(&rest, '/'), "b");
	check(str_cut(&rest, '/'), "");
	assert_int_equal(rest.n, 0);
	check(str_cut(&none, '/'), "");
}

static void reads_lines(void **state)
{
	struct str rest = STR_LIT("a\r\n\nb\rc\r\n\r"), line;

	(void)state;
	static const char *const want[] = {"a", "", "b\rc", ""};
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(str_line(&rest, &line));
		check(line, want[i]);
	}
	assert_false(str_line(&rest, &line));
}

static void finds(void **state)
{
	static const struct {
		struct str s;
		const char *needle;
		size_t at;
	} cases[] = {
		{STR_LIT("abcabc"), "ca", 2}, {STR_LIT("abc"), "abcd", 3}, {STR_LIT("abc"), "", 0},
		{STR_LIT(""), "a", 0},        {STR_LIT("a\0b"), "b", 2},   {{NULL, 0}, "a", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(str_find(cases[i].s, cases[i].needle), cases[i].at);
	assert_int_equal(str_find_char(STR_LIT("a\0b"), 0), 1);
	assert_int_equal(str_find_char(STR_LIT("abc"), 'x'), 3);
}

/* A slice is not terminated: nothing may look behind it. */
static void never_reads_behind_the_end(void **state)
{
	struct str s = guard_copy(STR_LIT("a b\r")), rest = s, line;

	(void)state;
	assert_false(str_ends(s, "b\r\n") || str_starts(s, "a b\r\n") || str_is(s, "a b\r\n"));
	assert_int_equal(str_find(s, "b\r\n"), s.n);
	assert_true(str_line(&rest, &line));
	check(str_trim(s), "a b");
	guard_free(s);
}

static void classifies_ascii(void **state)
{
	size_t punctuation = 0, alphanumeric = 0, spaces = 0;

	(void)state;
	for (int c = -128; c < 128; c++) {
		punctuation += ascii_punct((char)c);
		alphanumeric += ascii_alnum((char)c);
		spaces += ascii_space((char)c);
	}
	assert_int_equal(punctuation, 32);
	assert_int_equal(alphanumeric, 62);
	assert_int_equal(spaces, 6);
}

static void hashes_chain_by_parts(void **state)
{
	char hex[HASH_HEX_SIZE], other[HASH_HEX_SIZE];

	(void)state;
	assert_true(hash64(STR_LIT("")) == hash64((struct str){NULL, 0}));
	assert_true(hash64(STR_LIT("a")) != hash64(STR_LIT("b")));
	assert_true(hash64_add(hash64_add(0, STR_LIT("ab")), STR_LIT("c")) !=
		    hash64_add(hash64_add(0, STR_LIT("a")), STR_LIT("bc")));
	assert_true(hash64_add(hash64_add(0, STR_LIT("a")), STR_LIT("")) !=
		    hash64_add(0, STR_LIT("a")));
	hash128_hex(STR_LIT("a"), hex);
	hash128_hex(STR_LIT("b"), other);
	assert_int_equal(strlen(hex), 32);
	assert_int_equal(strspn(hex, "0123456789abcdef"), 32);
	assert_string_not_equal(hex, other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares),
		cmocka_unit_test(finds_beginnings_and_ends),
		cmocka_unit_test(takes_parts),
		cmocka_unit_test(cuts_at_separators),
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(finds),
		cmocka_unit_test(never_reads_behind_the_end),
		cmocka_unit_test(classifies_ascii),
		cmocka_unit_test(hashes_chain_by_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
