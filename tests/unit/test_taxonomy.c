/* test_taxonomy.c: which terms are one, and at what address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "taxonomy.h"
#include "utf8.h"

static void keys(void **state)
{
	static const struct {
		const char *term, *key;
	} cases[] = {
		{"sea", "sea"},
		{"Sea", "sea"},
		{"  Open \t Source  ", "open-source"},
		{"open-source", "open-source"},
		{"open - source", "open-source"},
		{"a/b", "a-b"},
		{"a\\b", "a-b"},
		{"-a-", "a"},
		{"C++", "c++"},
		{"C#", "c#"},
		{".NET", ".net"},
		{".", "-."},
		{"..", "-.."},
		{"%2F", "%2f"},
		{"?q=1#x", "?q=1#x"},
		{"<b>&amp;", "<b>&amp;"},
		{"Città", "città"},
		{"ΣΊΣΥΦΟΣ", "σίσυφοσ"},
		{"no\xc2\xa0" "break", "no-break"},
		{"日本語", "日本語"},
		{"שלום עולם", "שלום-עולם"},
		{"🎉 Party", "🎉-party"},
		{"a\x01\x7f" "b\nc", "ab-c"},
		{"", ""},
		{" / - \\ ", ""},
	};
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str term = guard_copy(str_from(cases[i].term));
		struct str key = taxonomy_key(&arena, term);
		assert_string_equal(arena_z(&arena, key), cases[i].key);
		guard_free(term);
		/* A key is its own: whoever has an address stays there. */
		assert_true(str_eq(taxonomy_key(&arena, key), key) || key.p[0] == '-');
	}
	arena_release(&arena);
}

static void malformed(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	assert_true(utf8_valid(taxonomy_key(&arena, STR_LIT("a\xff\xfe z"))));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(keys), cmocka_unit_test(malformed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
