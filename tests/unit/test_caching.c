/* test_caching.c: RFC 9110 §13.2.2 as a table, and how long an answer may be kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "caching.h"

/* Last modified on this day; asked two days later. */
#define BEFORE "Sun, 31 Dec 2023 23:59:59 GMT"
#define THEN "Mon, 01 Jan 2024 00:00:00 GMT"
#define AFTER "Mon, 01 Jan 2024 00:00:01 GMT"
#define FUTURE "Fri, 01 Jan 2100 00:00:00 GMT"
enum { MODIFIED = 1704067200, NOW = MODIFIED + 2 * 86400 };

static const struct {
	const char *match, *unmodified, *none_match, *modified;
	int status;
} PRECONDITIONS[] = {
	{"", "", "", "", 200},

	/* Step 1: If-Match compares strongly. */
	{"\"e\"", "", "", "", 200},
	{"\"x\"", "", "", "", 412},
	{"*", "", "", "", 200},
	{" * ", "", "", "", 200},
	{"W/\"e\"", "", "", "", 412},
	{"\"x\", \"e\"", "", "", "", 200},
	{"\"x\",\"e\"", "", "", "", 200},
	{"\"x\" , ,\t\"e\" ,", "", "", "", 200},
	{"\"x,\", \"e\"", "", "", "", 200},
	{"\"x, \"e\"\"", "", "", "", 412},
	{"\"x\", *", "", "", "", 412},
	{"e", "", "", "", 412},
	{"\"e", "", "", "", 412},
	{"\"", "", "", "", 412},
	{"W/", "", "", "", 412},
	{",", "", "", "", 412},
	{"\"E\"", "", "", "", 412},
	{"\"e\"\"x\"", "", "", "", 200},

	/* Step 2: If-Unmodified-Since, only without If-Match. */
	{"", BEFORE, "", "", 412},
	{"", THEN, "", "", 200},
	{"", AFTER, "", "", 200},
	{"", FUTURE, "", "", 200},
	{"", "yesterday", "", "", 200},
	{"\"e\"", BEFORE, "", "", 200},
	{"\"x\"", AFTER, "", "", 412},

	/* Step 3: If-None-Match compares weakly. */
	{"", "", "\"e\"", "", 304},
	{"", "", "W/\"e\"", "", 304},
	{"", "", "\"x\"", "", 200},
	{"", "", "*", "", 304},
	{"", "", "\"x\", W/\"y\", W/\"e\"", "", 304},
	{"", "", "W/\"x,\\\",\"e\"", "", 304},
	{"", "", "w/\"e\"", "", 200},
	{"", "", "W/ \"e\"", "", 200},
	{"", "", "e", "", 200},
	{"", "", "\"e--gzip\"", "", 200},

	/* Step 4: If-Modified-Since, only without If-None-Match. */
	{"", "", "", BEFORE, 200},
	{"", "", "", THEN, 304},
	{"", "", "", "  " THEN " ", 304},
	{"", "", "", AFTER, 304},
	{"", "", "", FUTURE, 304},
	{"", "", "", "Monday, 01-Jan-24 00:00:00 GMT", 304},
	{"", "", "", "Mon Jan  1 00:00:00 2024", 304},
	{"", "", "", "yesterday", 200},
	{"", "", "", "1704067200", 200},
	{"", "", "", THEN ", " AFTER, 200},
	{"", "", "", "Mon, 01 Jan 2024 00:00:00 +0000", 200},
	{"", "", "\"x\"", AFTER, 200},
	{"", "", "\"e\"", BEFORE, 304},
	{"", "", "e", AFTER, 200},

	/* The first two go before the others. */
	{"\"x\"", "", "\"e\"", "", 412},
	{"\"e\"", "", "\"e\"", "", 304},
	{"\"e\"", "", "\"x\"", AFTER, 200},
	{"", BEFORE, "\"e\"", "", 412},
	{"", AFTER, "\"e\"", "", 304},
	{"", AFTER, "", AFTER, 304},
	{"*", BEFORE, "*", BEFORE, 304},
};

static void test_preconditions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(PRECONDITIONS) / sizeof(PRECONDITIONS[0]); i++) {
		struct request request = {
			.now = NOW,
			.if_match = str_from(PRECONDITIONS[i].match),
			.if_unmodified_since = str_from(PRECONDITIONS[i].unmodified),
			.if_none_match = str_from(PRECONDITIONS[i].none_match),
			.if_modified_since = str_from(PRECONDITIONS[i].modified),
		};
		int status = caching_status(&request, STR_LIT("\"e\""), MODIFIED);
		if (status != PRECONDITIONS[i].status)
			fail_msg("row %zu (%s|%s|%s|%s): %d, not %d", i, PRECONDITIONS[i].match,
				 PRECONDITIONS[i].unmodified, PRECONDITIONS[i].none_match,
				 PRECONDITIONS[i].modified, status, PRECONDITIONS[i].status);
	}
}

/* Every beginning of a list, at the end of a page. */
static void compare(struct str list)
{
	struct request request = {.now = NOW, .if_none_match = list, .if_match = list};
	int status = caching_status(&request, STR_LIT("\"e\""), MODIFIED);

	assert_true(status == 200 || status == 304 || status == 412);
	request = (struct request){.now = NOW, .if_modified_since = list, .if_unmodified_since = list};
	(void)caching_status(&request, STR_LIT("\"e\""), MODIFIED);
}

static void test_guard_page(void **state)
{
	(void)state;
	guard_prefixes(STR_LIT("\"a\", W/\"b\\\" , , \"c,d\"W/ \"e"), compare);
	guard_prefixes(STR_LIT(THEN), compare);
	guard_prefixes(STR_LIT(" * "), compare);
}

static void test_etags(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	struct str a = caching_etag(&arena, STR_LIT("a")), empty = caching_etag(&arena, STR_LIT(""));
	assert_int_equal(a.n, 34);
	assert_true(a.p[0] == '"' && a.p[33] == '"');
	for (size_t i = 1; i < 33; i++)
		assert_true(ascii_digit(a.p[i]) || (a.p[i] >= 'a' && a.p[i] <= 'f'));
	assert_true(str_eq(a, caching_etag(&arena, STR_LIT("a"))));
	assert_false(str_eq(a, caching_etag(&arena, STR_LIT("b"))));
	assert_false(str_eq(a, empty));
	assert_false(str_eq(empty, caching_etag(&arena, STR_LIT("\0"))));
	arena_release(&arena);
}

static const struct {
	unsigned max_age;
	int64_t next_change; /* in seconds from now; 0 for none */
	const char *control;
} CONTROLS[] = {
	{60, 0, "public, max-age=60, stale-while-revalidate=600"},
	{0, 0, "public, max-age=0, stale-while-revalidate=600"},
	{31536000, 0, "public, max-age=31536000, stale-while-revalidate=600"},
	{60, 1, "public, max-age=1"},
	{60, 59, "public, max-age=59"},
	{60, 60, "public, max-age=60"},
	{60, 61, "public, max-age=60, stale-while-revalidate=1"},
	{60, 659, "public, max-age=60, stale-while-revalidate=599"},
	{60, 660, "public, max-age=60, stale-while-revalidate=600"},
	{60, 1000000, "public, max-age=60, stale-while-revalidate=600"},
	{0, 5, "public, max-age=0, stale-while-revalidate=5"},
};

static void test_control(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(CONTROLS) / sizeof(CONTROLS[0]); i++) {
		int64_t next = CONTROLS[i].next_change ? NOW + CONTROLS[i].next_change : INT64_MAX;
		assert_string_equal(caching_control(&arena, CONTROLS[i].max_age, NOW, next).p, CONTROLS[i].control);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_preconditions),
		cmocka_unit_test(test_guard_page),
		cmocka_unit_test(test_etags),
		cmocka_unit_test(test_control),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
