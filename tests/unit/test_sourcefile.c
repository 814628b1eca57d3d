/* test_sourcefile.c: an author's file is replaced whole or not at all, and keeps what is its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sourcefile.h"
#include "../lib/tempsite.h"

static struct tempsite site;
static struct sourcefile file;
static struct buf err;

static int set_up(void **state)
{
	(void)state;
	tempsite_make(&site, "");
	tempsite_write(&site, "content/a.md", "before\n");
	tempsite_age(&site, "content/a.md");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sourcefile_release(&file);
	buf_release(&err);
	tempsite_release(&site);
	return 0;
}

static const char *path(void)
{
	return tempsite_path(&site, "content/a.md");
}

static void reads(const char *name)
{
	assert_int_equal(sourcefile_read(tempsite_path(&site, name), "shown", 100, &file, &err), 0);
}

static int replaces(enum sourcefile_time time)
{
	return sourcefile_replace(&file, STR_LIT("after\n"), time, &err);
}

static void holds(const char *name, const char *text)
{
	struct buf b = tempsite_read(&site, name);

	assert_string_equal(buf_z(&b), text);
	buf_release(&b);
}

static void refuses(const char *reason)
{
	assert_int_equal(replaces(SOURCEFILE_NEW_TIME), -1);
	assert_string_equal(buf_z(&err), reason);
}

static struct stat stat_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(tempsite_path(&site, name), &st), 0);
	return st;
}

static void keeps_mode_and_time(void **state)
{
	(void)state;
	assert_int_equal(chmod(path(), 0640), 0);
	struct stat before = stat_of("content/a.md");
	reads("content/a.md");
	assert_int_equal(replaces(SOURCEFILE_SAME_TIME), 0);
	struct stat after = stat_of("content/a.md");
	assert_int_equal(after.st_mode, before.st_mode);
	assert_memory_equal(&after.st_mtim, &before.st_mtim, sizeof(after.st_mtim));
	assert_int_not_equal(after.st_ino, before.st_ino);
	holds("content/a.md", "after\n");

	sourcefile_release(&file);
	reads("content/a.md");
	assert_int_equal(replaces(SOURCEFILE_NEW_TIME), 0);
	assert_true(stat_of("content/a.md").st_mtime > before.st_mtime);
}

static void goes_through_links(void **state)
{
	(void)state;
	assert_int_equal(symlink("a.md", tempsite_path(&site, "content/b.md")), 0);
	reads("content/b.md");
	assert_int_equal(replaces(SOURCEFILE_NEW_TIME), 0);
	holds("content/a.md", "after\n");
	struct stat st;
	assert_int_equal(lstat(tempsite_path(&site, "content/b.md"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void refuses_what_was_changed_meanwhile(void **state)
{
	(void)state;
	reads("content/a.md");
	tempsite_write(&site, "content/a.md", "somebody else's\n");
	refuses("shown: was changed at this moment; try again\n");
	holds("content/a.md", "somebody else's\n");
}

static void refuses_several_names(void **state)
{
	(void)state;
	assert_int_equal(link(path(), tempsite_path(&site, "content/b.md")), 0);
	reads("content/a.md");
	refuses("shown: has several names (hard links)\n");
	holds("content/b.md", "before\n");
}

/* Without its group the file might be closed to those who serve it. */
static void keeps_the_group_or_nothing(void **state)
{
	(void)state;
	if (geteuid() || !tempsite_be_nobody(&site))
		skip();
	tempsite_be_somebody();
	assert_int_equal(chmod(path(), 0666), 0);
	assert_int_equal(chmod(tempsite_path(&site, "content"), 0777), 0);
	assert_int_equal(chown(path(), 1234, 1234), 0);
	reads("content/a.md");
	assert_true(tempsite_be_nobody(&site));
	refuses("shown: Operation not permitted\n");
	tempsite_be_somebody();
	holds("content/a.md", "before\n");

	buf_reset(&err);
	sourcefile_release(&file);
	assert_int_equal(chown(path(), 1234, getegid()), 0); /* nobody's, too: only the user changes */
	reads("content/a.md");
	assert_true(tempsite_be_nobody(&site));
	assert_int_equal(replaces(SOURCEFILE_NEW_TIME), 0);
	tempsite_be_somebody();
	struct stat st = stat_of("content/a.md");
	assert_int_equal(st.st_uid, 65534);
	assert_int_equal(st.st_gid, getegid());
	assert_int_equal(st.st_mode & 0777, 0666);
}

static void leaves_nothing_behind(void **state)
{
	(void)state;
	reads("content/a.md");
	tempsite_write(&site, "content/a.md", "somebody else's\n");
	assert_int_equal(replaces(SOURCEFILE_NEW_TIME), -1);
	tempsite_remove(&site, "content/a.md");
	assert_int_equal(rmdir(tempsite_path(&site, "content")), 0);
}

static void creates_once(void **state)
{
	(void)state;
	const char *fresh = tempsite_path(&site, "content/x/y/z.md");
	assert_int_equal(sourcefile_create(fresh, STR_LIT("new\n"), &err), 0);
	holds("content/x/y/z.md", "new\n");
	assert_int_equal(sourcefile_create(fresh, STR_LIT("newer\n"), &err), -1);
	holds("content/x/y/z.md", "new\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_mode_and_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(goes_through_links, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_what_was_changed_meanwhile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_several_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_the_group_or_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(leaves_nothing_behind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(creates_once, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
