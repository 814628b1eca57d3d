/* test_spell.c: which word was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "spell.h"

static const char *const KNOWN[] = {"title", "base_url", "languages", "urls", "permalinks",
	"refresh",
				    "a_name_that_is_longer_than_any_word_anybody_types", NULL};

static void suggests_the_nearest(void **state)
{
	static const struct {
		const char *word, *meant;
	} cases[] = {
		{"title", "title"},
		{"titel", "title"}, /* a swap counts once */
		{"Titel", "title"},
		{"tile", "title"},
		{"titles", "title"},
		{"base-url", "base_url"},
		{"baseurl", "base_url"},
		{"language", "languages"},
		{"lagnuages", "languages"},
		{"permalink", "permalinks"},
		{"url", "urls"},
		{"url s", "urls"},
		{"xrlz", NULL},
		{"ur", NULL}, /* too short to be sure */
		{"", NULL},
		{"something", NULL},
		{"\xff\xfe\xfd", NULL},
		{"a_name_that_is_longer_than_any_word_anybody_type", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str word = guard_copy(str_from(cases[i].word));
		const char *got = spell_nearest(word, KNOWN);
		if (got != cases[i].meant &&
		    (!got || !cases[i].meant || strcmp(got, cases[i].meant)))
			fail_msg("%s: %s", cases[i].word, got ? got : "nothing");
		guard_free(word);
	}
	assert_null(spell_nearest(STR_LIT("title"), (const char *const[]){NULL}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(suggests_the_nearest)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
