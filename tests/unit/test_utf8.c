/* test_utf8.c: what is UTF-8 and what is not, at a guard page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "buf.h"
#include "utf8.h"

/* Every scalar value comes back from what buf_utf8 makes of it. */
static void decodes_every_character(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		struct buf b = BUF_EMPTY;
		size_t n;
		if (c == 0xd800)
			c = 0xe000;
		buf_utf8(&b, c);
		if (utf8_decode(buf_view(&b), &n) != c || n != b.n || !utf8_valid(buf_view(&b)))
			fail_msg("U+%04X", c);
		/* cut short it is malformed, and one byte is to be skipped */
		struct str cut = str_head(buf_view(&b), b.n - 1);
		if (b.n > 1 && (utf8_decode(cut, &n) != UTF8_INVALID || n != 1))
			fail_msg("U+%04X cut", c);
		buf_release(&b);
	}
}

static void finds_the_first_malformed_byte(void **state)
{
	static const struct {
		struct str s;
		size_t at;
	} cases[] = {
		{STR_LIT(""), 0},
		{STR_LIT("a\0b"), 3},
		{STR_LIT("perch\xc3\xa9"), 7},
		{STR_LIT("a\x80"), 1},             /* a lone continuation */
		{STR_LIT("ab\xc0\xaf"), 2},         /* overlong "/" */
		{STR_LIT("\xc1\xbf"), 0},           /* overlong */
		{STR_LIT("\xe0\x9f\xbf"), 0},       /* overlong */
		{STR_LIT("\xf0\x8f\xbf\xbf"), 0},   /* overlong */
		{STR_LIT("\xed\xa0\x80"), 0},       /* a surrogate */
		{STR_LIT("\xf4\x90\x80\x80"), 0},   /* above U+10FFFF */
		{STR_LIT("\xf5\x80\x80\x80"), 0},
		{STR_LIT("\xff\xfe" "a"), 0},       /* the mark of UTF-16 */
		{STR_LIT("\xe6\xbc" "a"), 0},
		{STR_LIT("\xe6\xbc\xa2\xe6\xbc"), 3},
		{STR_LIT("\xf0\x9f\x98\xc3\xa9"), 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str s = guard_copy(cases[i].s);
		if (utf8_check(s) != cases[i].at)
			fail_msg("case %zu: %zu", i, utf8_check(s));
		guard_free(s);
	}
	size_t n;
	assert_true(utf8_decode(STR_LIT(""), &n) == UTF8_INVALID);
	assert_int_equal(n, 0);
}

static void cuts_between_characters(void **state)
{
	static const struct {
		const char *s;
		size_t limit, n;
	} cases[] = {
		{"abc", 5, 3},
		{"abc", 2, 2},
		{"abc", 0, 0},
		{"\xc3\xa9\xc3\xa9", 1, 0},
		{"\xc3\xa9\xc3\xa9", 2, 2},
		{"\xc3\xa9\xc3\xa9", 3, 2},
		{"a\xf0\x9f\x98\x80", 4, 1},
		{"a\xf0\x9f\x98\x80", 5, 5},
		/* malformed bytes are cut anywhere, not all dropped */
		{"\x80\x80\x80\x80\x80\x80\x80\x80", 6, 6},
		{"a\x80\x80\x80", 2, 2},
		{"\xc3\xa9\x80\x80", 3, 3},
		{"\xe6\xbc" "aa", 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str s = guard_copy(str_from(cases[i].s));
		if (utf8_head(s, cases[i].limit).n != cases[i].n)
			fail_msg("case %zu: %zu", i, utf8_head(s, cases[i].limit).n);
		guard_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_every_character),
		cmocka_unit_test(finds_the_first_malformed_byte),
		cmocka_unit_test(cuts_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
