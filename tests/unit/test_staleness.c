/* test_staleness.c: which changes of a source make its translations stale. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "staleness.h"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	value_pool(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static const char *hash_of(const char *text)
{
	struct frontmatter fm;
	struct buf err = BUF_EMPTY;
	char hash[STALENESS_HASH_SIZE];
	struct str copy = arena_str(&arena, str_from(text));

	assert_int_equal(frontmatter_read(&arena, "f.md", copy, &fm, &err), 0);
	staleness_hash(&arena, &fm, hash);
	return arena_z(&arena, str_from(hash));
}

#define FIELDS "title: One\ndescription: Two\nsummary: Three\ntwittercard: Four\n"
#define FRONT "---\n" FIELDS "---\n"
#define BODY "A line\nand one\n\nEnd\n"
#define POST FRONT BODY

/* Written into authors' files: the same for ever. */
static void test_known(void **state)
{
	(void)state;
	assert_string_equal(hash_of(""), "76a61a434bf85062");
	assert_string_equal(hash_of(POST), "5da3cdf2712fe255");
}

static void test_form(void **state)
{
	const char *hash = hash_of(POST);

	(void)state;
	assert_int_equal(strlen(hash), 16);
	assert_int_equal(strspn(hash, "0123456789abcdef"), 16);
}

static void test_same(void **state)
{
	static const char *const texts[] = {
		FRONT "A line  \nand one\t\n   \nEnd",
		FRONT "A line\nand one\n\nEnd\n\n \n\n",
		"---\r\ntitle: One\r\ndescription: Two\r\nsummary: Three\r\n"
		"twittercard: Four\r\n---\r\n"
		"A line\r\nand one\r\n\r\nEnd\r\n",
		FRONT "A line\rand one\r\rEnd\r",
		"---\ntwittercard: 'Four'\nsummary: \"Three\"\ntitle: |\n  One\n"
		"description:  Two \n---\n" BODY,
		"---\ntitle: One\ndate: 2020-01-01\ntags: [x]\ndraft: true\nslug: s\n"
		"mine: y\ntranslatedFrom: z\n"
		"description: Two\nsummary: Three\ntwittercard: Four\n---\n" BODY,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(hash_of(texts[i]), hash_of(POST));
}

static void test_different(void **state)
{
	static const char *const texts[] = {
		"---\ntitle: One!\ndescription: Two\nsummary: Three\ntwittercard: Four\n---\n" BODY,
		"---\ntitle: One\ndescription: two\nsummary: Three\ntwittercard: Four\n---\n" BODY,
		"---\ntitle: One\ndescription: Two\nsummary: Thre\ntwittercard: Four\n---\n" BODY,
		"---\ntitle: One\ndescription: Two\nsummary: Three\n---\n" BODY,
		"---\ntitle: Two\ndescription: One\nsummary: Three\ntwittercard: Four\n---\n" BODY,
		"---\ntitle: OneTwo\nsummary: Three\ntwittercard: Four\n---\n" BODY,
		FRONT "A line and one\n\nEnd\n",
		FRONT "A line\nand one\nEnd\n",
		FRONT "  " BODY,
		FRONT "A line\nand one\n\nEnd\xc2\xa0\n",
		FRONT "A line\nand one\n\nEnd\n.\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_string_not_equal(hash_of(texts[i]), hash_of(POST));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(hash_of(texts[i]), hash_of(texts[k]));
	}
}

static void test_states(void **state)
{
	struct str hash = STR_LIT("0123456789abcdef");

	(void)state;
	assert_int_equal(staleness_of(hash, hash), STALENESS_CURRENT);
	assert_int_equal(staleness_of(hash, STR_LIT("0123456789ABCDEF")), STALENESS_CURRENT);
	assert_int_equal(staleness_of(hash, STR_LIT("0123456789abcdee")), STALENESS_STALE);
	assert_int_equal(staleness_of(hash, STR_LIT("0123456789abcdef0")), STALENESS_STALE);
	assert_int_equal(staleness_of(hash, STR_LIT("yes")), STALENESS_STALE);
	assert_int_equal(staleness_of(hash, STR_LIT("")), STALENESS_UNKNOWN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_known),     TEST(test_form),   TEST(test_same),
		TEST(test_different), TEST(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
