/* test_check_fix.c: texts and what was found in them -> mended texts, diffs, files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/tempsite.h"
#include "../lib/testarena.h"
#include "check_fix.h"

#define AT(line, column, rule) "x.md:" #line ":" #column ": error: m [" rule "]\n"
#define COLON(line, column) AT(line, column, "yaml/colon")
#define KEY(line, column) AT(line, column, "frontmatter/unknown-key")

static void mends_texts(void **state)
{
	static const struct {
		const char *name, *text, *findings, *expected; /* NULL: left alone */
	} cases[] = {
		{"a colon", "---\ntitle: a: b\n---\n", COLON(2, 9), "---\ntitle: 'a: b'\n---\n"},
		{"with quotes in it", "---\ntitle: it's: \"b\"\n---\n", COLON(2, 12), "---\ntitle: 'it''s: \"b\"'\n---\n"},
		{"with an apostrophe", "---\ntitle: it's: b\n---\n", COLON(2, 12), "---\ntitle: \"it's: b\"\n---\n"},
		{"at the end, behind spaces", "---\ntitle:   a:  \nx: y\n---\n", COLON(2, 11), "---\ntitle:   'a:'  \nx: y\n---\n"},
		{"several, with \\r\\n and a byte order mark", "\xef\xbb\xbf---\r\na: b: c\r\nd: e: f\r\n---\r\nx", COLON(2, 5),
		 "\xef\xbb\xbf---\r\na: 'b: c'\r\nd: 'e: f'\r\n---\r\nx"},
		{"in a list", "---\nauthors:\n  - name: a: b\n---\n", COLON(3, 12), "---\nauthors:\n  - name: 'a: b'\n---\n"},
		{"letters of two bytes", "---\ntitle: è: ü: b\n---\n", COLON(2, 9), "---\ntitle: 'è: ü: b'\n---\n"},
		{"a comment: may be one or not", "---\ntitle: a: b # c\n---\n", COLON(2, 9), NULL},
		{"a value of several lines", "---\ntitle: a: b\n  c\n---\n", COLON(2, 9), NULL},
		{"an indentation gone wrong", "---\ntitle: a\n  b: c\n---\n", COLON(3, 4), NULL},
		{"quoted already", "---\ntitle: 'a' b: c\n---\n", COLON(2, 14), NULL},
		{"not there any more", "---\ntitle: a\n---\n", COLON(7, 9), NULL},
		{"a key", "---\ntitel: x\n---\n", KEY(2, 1), "---\ntitle: x\n---\n"},
		{"a key in quotes, another in JSON", "---\n\"titel\" : x\n---\n", KEY(2, 1), "---\n\"title\" : x\n---\n"},
		{"JSON", "{\n\t\"taggs\": [\"x\"]\n}\n", KEY(2, 2), "{\n\t\"tags\": [\"x\"]\n}\n"},
		{"what was meant is there", "---\ntitle: y\ntitel: x\n---\n", KEY(3, 1), NULL},
		{"twice the same mistake", "---\ntitel: x\ntilte: y\n---\n", KEY(2, 1) KEY(3, 1), "---\ntitle: x\ntilte: y\n---\n"},
		{"a key that only looks so", "---\n\"t\\x69tel\": x\n---\n", KEY(2, 1), NULL},
		{"a divider", "---\ntitle: x\n---\n\n<!--more-->\n\na\n", AT(5, 1, "divider/first"), "---\ntitle: x\n---\n\n\na\n"},
		{"between lines", "a\n<!--more-->\nb\n  <!-- more -->  \nc\n", AT(4, 3, "divider/second"), "a\n<!--more-->\nb\n\nc\n"},
		{"at the end of the file", "a\n\n<!--more-->", AT(3, 1, "divider/second"), "a\n\n"},
		{"with other things on its line", "a <!--more-->\n", AT(1, 3, "divider/second"), NULL},
		{"all at once", "---\ntitel: x\n---\n<!--more-->\n\na\n\n<!--more-->\n",
		 KEY(2, 1) AT(4, 1, "divider/first") AT(8, 1, "divider/second"), "---\ntitle: x\n---\n\na\n\n"},
		{"rules that it does not know", "a\n", AT(1, 1, "link/broken") "what?\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct check_fix fix;
		bool changed = check_fix_text(&arena, str_from(cases[i].text), str_from(cases[i].findings), &fix);
		const char *expected = cases[i].expected ? cases[i].expected : cases[i].text;
		assert_true(str_is(fix.before, cases[i].text));
		if (changed != (cases[i].expected != NULL) || !str_is(fix.after, expected))
			fail_msg("%s: %.*s", cases[i].name, STR_ARG(fix.after));
	}
}

static void shows_differences(void **state)
{
	static const char text[] = "<!--more-->\n1\n2\n3\n4\n5\n6\n<!--more-->\n7\n8\n9\n10\n11\n12\n13\n\n<!--more-->";
	static const char findings[] = AT(1, 1, "divider/first") AT(8, 1, "divider/second") AT(17, 1, "divider/second");
	static const char expected[] =
		"--- a/content/x.md\n+++ b/content/x.md\n"
		"@@ -1,11 +1,10 @@\n-<!--more-->\n 1\n 2\n 3\n 4\n 5\n 6\n-<!--more-->\n+\n 7\n 8\n 9\n"
		"@@ -14,4 +13,3 @@\n 12\n 13\n \n-<!--more-->\n\\ No newline at end of file\n";
	struct config config = {.content_shown = "content"};
	struct check_fix fix;
	struct buf diff = BUF_EMPTY;

	(void)state;
	assert_true(check_fix_text(&arena, str_from(text), str_from(findings), &fix));
	fix.file = "x.md";
	check_fix_diff(&arena, &config, &fix, &diff);
	assert_string_equal(buf_z(&diff), expected);
	buf_reset(&diff);
	assert_true(check_fix_text(&arena, STR_LIT("<!--more-->\n"), STR_LIT(AT(1, 1, "divider/first")), &fix));
	fix.file = "x.md";
	check_fix_diff(&arena, &config, &fix, &diff);
	assert_non_null(strstr(buf_z(&diff), "@@ -1,1 +0,0 @@\n-<!--more-->\n"));
	buf_release(&diff);
}

/* --- files ------------------------------------------------------------------------ */

static struct tempsite t;

static int make_site(void **state)
{
	(void)state;
	tempsite_make(&t, "");
	tempsite_write(&t, "content/x.md", "---\ntitel: x\n---\na\n");
	return 0;
}

static int remove_site(void **state)
{
	(void)state;
	tempsite_release(&t);
	return 0;
}

static size_t plan(const char *findings, struct check_fix **fixes)
{
	struct check_file file = {.file = "x.md"};
	struct buf err = BUF_EMPTY;
	size_t count = 0;

	buf_puts(&file.findings, findings);
	assert_int_equal(check_fix_plan(&arena, &t.config, &file, 1, fixes, &count, &err), 0);
	assert_string_equal(buf_z(&err), "");
	buf_release(&file.findings);
	buf_release(&err);
	return count;
}

static void keeps_what_belongs_to_the_file(void **state)
{
	struct check_fix *fixes;
	struct buf err = BUF_EMPTY;
	struct stat before, after;

	(void)state;
	tempsite_age(&t, "content/x.md");
	assert_int_equal(chmod(tempsite_path(&t, "content/x.md"), 0640), 0);
	assert_int_equal(rename(tempsite_path(&t, "content/x.md"), tempsite_path(&t, "real.md")), 0);
	assert_int_equal(symlink("../real.md", tempsite_path(&t, "content/x.md")), 0);
	if (!geteuid())
		assert_int_equal(chown(tempsite_path(&t, "real.md"), 12345, 23456), 0);
	assert_int_equal(stat(tempsite_path(&t, "real.md"), &before), 0);
	assert_int_equal(plan(KEY(2, 1), &fixes), 1);
	assert_int_equal(check_fix_write(&arena, &t.config, fixes, &err), 0);
	assert_int_equal(stat(tempsite_path(&t, "real.md"), &after), 0);
	assert_int_equal(after.st_mode, before.st_mode);
	assert_int_equal(after.st_uid, before.st_uid);
	assert_int_equal(after.st_gid, before.st_gid);
	assert_int_equal(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
	assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	assert_int_equal(lstat(tempsite_path(&t, "content/x.md"), &after), 0);
	assert_true(S_ISLNK(after.st_mode));
	struct buf text = tempsite_read(&t, "real.md");
	assert_string_equal(buf_z(&text), "---\ntitle: x\n---\na\n");
	buf_release(&text);
	buf_release(&err);
}

static void leaves_other_files_alone(void **state)
{
	struct check_fix *fixes;
	struct buf err = BUF_EMPTY;

	(void)state;
	assert_int_equal(plan(KEY(2, 1), &fixes), 1);
	assert_int_equal(link(tempsite_path(&t, "content/x.md"), tempsite_path(&t, "y.md")), 0);
	assert_int_equal(check_fix_write(&arena, &t.config, fixes, &err), -1);
	assert_non_null(strstr(buf_z(&err), "hard links"));
	tempsite_remove(&t, "y.md");
	tempsite_write(&t, "content/x.md", "---\ntitel: other\n---\na\n");
	assert_int_equal(check_fix_write(&arena, &t.config, fixes, &err), -1);
	assert_non_null(strstr(buf_z(&err), "another file"));
	tempsite_remove(&t, "content/x.md");
	assert_int_equal(check_fix_write(&arena, &t.config, fixes, &err), -1);
	assert_false(tempsite_exists(&t, "content/x.md"));
	buf_release(&err);
}

static void leaves_a_folder_alone_that_it_may_not_write(void **state)
{
	struct check_fix *fixes;
	struct buf err = BUF_EMPTY;

	(void)state;
	assert_int_equal(plan(KEY(2, 1), &fixes), 1);
	assert_int_equal(chmod(tempsite_path(&t, "content"), 0555), 0);
	if (!tempsite_be_nobody(&t))
		skip();
	int result = check_fix_write(&arena, &t.config, fixes, &err);
	tempsite_be_somebody();
	assert_int_equal(chmod(tempsite_path(&t, "content"), 0755), 0);
	assert_int_equal(result, -1);
	struct buf text = tempsite_read(&t, "content/x.md");
	assert_string_equal(buf_z(&text), "---\ntitel: x\n---\na\n");
	buf_release(&text);
	buf_release(&err);
}

/* In a folder that anybody may write in: a rename would ask nobody. */
static void leaves_a_file_alone_that_it_may_not_write(void **state)
{
	struct check_fix *fixes;
	struct buf err = BUF_EMPTY;

	(void)state;
	assert_int_equal(plan(KEY(2, 1), &fixes), 1);
	assert_int_equal(chmod(tempsite_path(&t, "content"), 0777), 0);
	assert_int_equal(chmod(tempsite_path(&t, "content/x.md"), 0444), 0);
	if (!tempsite_be_nobody(&t))
		skip();
	int result = check_fix_write(&arena, &t.config, fixes, &err);
	tempsite_be_somebody();
	assert_int_equal(result, -1);
	assert_non_null(strstr(buf_z(&err), "Permission denied"));
	struct buf text = tempsite_read(&t, "content/x.md");
	assert_string_equal(buf_z(&text), "---\ntitel: x\n---\na\n");
	buf_release(&text);
	buf_release(&err);
}

/* A divider that keeps two lists apart is more than a divider. */
static void changes_nothing_that_readers_see(void **state)
{
	struct check_fix *fixes;

	(void)state;
	tempsite_write(&t, "content/x.md", "---\ntitle: x\n---\n<!--more-->\n\n- a\n\n<!--more-->\n\n- b\n");
	assert_int_equal(plan(AT(8, 1, "divider/second"), &fixes), 0);
	tempsite_write(&t, "content/x.md", "---\ntitle: x\n---\n<!--more-->\n\n- a\n\n<!--more-->\n\nb\n");
	assert_int_equal(plan(AT(8, 1, "divider/second"), &fixes), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mends_texts),
		cmocka_unit_test(shows_differences),
		cmocka_unit_test_setup_teardown(keeps_what_belongs_to_the_file, make_site, remove_site),
		cmocka_unit_test_setup_teardown(leaves_other_files_alone, make_site, remove_site),
		cmocka_unit_test_setup_teardown(leaves_a_folder_alone_that_it_may_not_write, make_site, remove_site),
		cmocka_unit_test_setup_teardown(leaves_a_file_alone_that_it_may_not_write, make_site, remove_site),
		cmocka_unit_test_setup_teardown(changes_nothing_that_readers_see, make_site, remove_site),
	};

	return cmocka_run_group_tests(tests, testarena_set_up, testarena_tear_down);
}
