/* test_check_report.c: findings and facts, written and read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check_language.h"
#include "check_report.h"

static void reads_lines(void **state)
{
	static const struct {
		const char *line, *path, *level, *message, *rule;
		unsigned at, column;
	} cases[] = {
		{"a.md:1:2: error: it is wrong [x/y]", "a.md", "error", "it is wrong", "x/y", 1, 2},
		{"c:/a: b.md:10:200: warning: [a][b] is: odd [x/y-z]", "c:/a: b.md", "warning", "[a][b] is: odd", "x/y-z", 10, 200},
		{"a.md:1:1: warning: unknown key error: warning: x [x/y]", "a.md", "warning", "unknown key error: warning: x", "x/y", 1, 1},
		{"a: error: b.md:3:4: error: x [x/y]", "a: error: b.md", "error", "x", "x/y", 3, 4},
		{"a.md:1:1: warning: says \": error: \" [x/y]", "a.md", "warning", "says \": error: \"", "x/y", 1, 1},
	};
	static const char *const others[] = {"", "nothing", "a.md:1:1: notice: x [y]", "a.md:1:1: error: no rule",
					     ": error: x [y]", "1:1: error: x [y]", "a:1:1: error: [y", "a:1:1: error: ]"};
	struct check_finding f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(check_report_read(str_from(cases[i].line), &f));
		assert_true(str_is(f.path, cases[i].path));
		assert_true(str_is(f.level, cases[i].level));
		assert_true(str_is(f.message, cases[i].message));
		assert_true(str_is(f.rule, cases[i].rule));
		assert_int_equal(f.line, cases[i].at);
		assert_int_equal(f.column, cases[i].column);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (check_report_read(str_from(others[i]), &f))
			fail_msg("%s", others[i]);
}

static void says_where(void **state)
{
	struct arena arena;
	struct buf out = BUF_EMPTY;
	struct config config = {.content_shown = "content"};
	struct post post = {.head.file = STR_LIT("p.md"), .body.source = STR_LIT("ab\nè\tü\n\nx"), .body_line = 5};
	struct check_report r;
	struct check_fact fact;
	static const char expected[] = "content/p.md:5:1: warning: 0 [t]\ncontent/p.md:5:3: warning: 2 [t]\n"
				       "content/p.md:6:1: warning: 3 [t]\ncontent/p.md:6:3: warning: 6 [t]\n"
				       "content/p.md:8:1: warning: 10 [t]\ncontent/p.md:5:2: warning: 1 [t]\n"
				       "content/p.md:8:2: warning: 99 [t]\n";
	static const size_t offsets[] = {0, 2, 3, 6, 10, 1, 99};

	(void)state;
	arena_init(&arena, 0);
	check_report_start(&r, &arena, &config, &post, &out);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		check_report_at(&r, offsets[i], "t", "%zu", offsets[i]);
	assert_string_equal(buf_z(&out), expected);
	buf_reset(&out);
	check_report_fact_at(&r, CHECK_FACT_PROSE, 3, STR_LIT("title\ttwo\nlines: 1 2"));
	assert_true(check_report_read_fact(str_head(buf_view(&out), out.n - 1), &fact));
	assert_int_equal(fact.kind, CHECK_FACT_PROSE);
	assert_int_equal(fact.line, 6);
	assert_int_equal(fact.column, 1);
	assert_true(str_is(fact.text, "title\ttwo lines: 1 2"));
	assert_false(check_report_read_fact(STR_LIT("a:1:1: error: x [y]"), &fact));
	assert_string_equal(check_report_shown(&arena, STR_LIT("a\n\x1b[2Jb")), "a\\x0A\\x1B[2Jb");
	buf_release(&out);
	arena_release(&arena);
}

static void knows_languages(void **state)
{
	static const char *const known[] = {"fr", "FR", "pt-BR", "zh_Hant", "zh-Hant-TW", "es-419", "fil", "zu", "aa"};
	static const char *const unknown[] = {"", "x", "xx", "js", "io", "md", "min", "api", "french", "fr-", "-fr", "en-x-a",
					      "fr-fonipa", "f r", "de.at", " a", "a ", "aa ab"};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!check_language_known(str_from(known[i])))
			fail_msg("%s is not known", known[i]);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		if (check_language_known(str_from(unknown[i])))
			fail_msg("%s is known", unknown[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(says_where),
		cmocka_unit_test(knows_languages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
