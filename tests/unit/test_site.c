/* test_site.c: a site that stays open while its content, theme and index change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>

#include "../lib/tempsite.h"
#include "index.h"
#include "indexer.h"
#include "site.h"
#include "theme.h"
#include "themekeep.h"
#include "value.h"

#define YAML "index: cache/index.db\ntheme: theme\nrefresh: 0\n"

static struct tempsite t;
static struct arena arena;
static struct site *site;
static struct buf err;

static int set_up(void **state)
{
	(void)state;
	tempsite_make(&t, YAML);
	tempsite_folder(&t, "theme");
	tempsite_post(&t, "a.md", "A", "x");
	arena_init(&arena, 0);
	site = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	site_free(site);
	tempsite_release(&t);
	arena_release(&arena);
	buf_release(&err);
	return 0;
}

/* --- doing and looking ----------------------------------------------------------- */

/* Opens the site; what was logged meanwhile. */
static const char *open_site(enum site_refresh refresh)
{
	tempsite_listen(&t);
	int result = site_open(&site, &t.config, refresh, &err);
	struct buf heard = tempsite_heard(&t);
	const char *log = arena_z(&arena, buf_view(&heard));

	buf_release(&heard);
	if (result)
		fail_msg("%s", buf_z(&err));
	assert_non_null(site);
	assert_ptr_equal(site_config(site), &t.config);
	return log;
}

static const char *catch_up(void)
{
	tempsite_listen(&t);
	site_catch_up(site);
	struct buf heard = tempsite_heard(&t);
	const char *log = arena_z(&arena, buf_view(&heard));
	buf_release(&heard);
	return log;
}

static bool mend(void)
{
	tempsite_listen(&t);
	bool mended = site_mend(site);
	struct buf heard = tempsite_heard(&t);
	buf_release(&heard);
	return mended;
}

/* The titles of all posts, or what is wrong instead. */
static const char *titles(void)
{
	struct index_list all = INDEX_LIST(.now = time(NULL), .limit = 1000);
	struct index_page page;
	struct buf list = BUF_EMPTY;
	struct index *index = site_index(site);

	if (index_begin(index))
		return "cannot begin";
	if (index_list(index, &arena, &all, &page)) {
		index_end(index);
		return "cannot list";
	}
	for (size_t i = 0; i < page.heads.count; i++)
		buf_printf(&list, "%s%.*s", i ? " " : "", STR_ARG(page.heads.at[i].title));
	index_end(index);
	const char *z = arena_z(&arena, buf_view(&list));
	buf_release(&list);
	return z;
}

static void index_elsewhere(enum indexer_mode mode)
{
	struct indexer_report report;
	struct buf problems = BUF_EMPTY;

	assert_int_equal(indexer_run(&t.config, mode, &report, &problems, &err), 0);
	buf_release(&problems);
}

/* As another process would. */
static const char *reopen_site(void)
{
	site_free(site);
	site = NULL;
	return open_site(SITE_REFRESH_OTHER);
}

static size_t count_files(const char *pattern)
{
	glob_t found;
	int result = glob(tempsite_path(&t, pattern), 0, NULL, &found);
	size_t n = result ? 0 : found.gl_pathc;

	globfree(&found);
	return n;
}

static const char *rendered(const char *template)
{
	struct buf out = BUF_EMPTY, why = BUF_EMPTY;

	value_pool(&arena);
	int result = theme_render(site_theme(site), template, value_object(), &out, &why);
	const char *text = arena_z(&arena, buf_view(result ? &why : &out));
	buf_release(&out);
	buf_release(&why);
	return text;
}

/* --- content ------------------------------------------------------------------------ */

static void test_refreshing_itself(void **state)
{
	(void)state;
	assert_string_equal(open_site(SITE_REFRESH_SELF), "");
	assert_string_equal(titles(), "A");
	tempsite_post(&t, "b.md", "B", "x");
	assert_string_equal(titles(), "A");
	assert_string_equal(catch_up(), "");
	assert_string_equal(titles(), "A B");
	tempsite_remove(&t, "content/a.md");
	catch_up();
	assert_string_equal(titles(), "B");
}

static void test_refreshed_by_another(void **state)
{
	(void)state;
	open_site(SITE_REFRESH_OTHER);
	assert_string_equal(titles(), "A");
	tempsite_post(&t, "b.md", "B", "x");
	catch_up();
	assert_string_equal(titles(), "A");
	index_elsewhere(INDEXER_NOW);
	assert_string_equal(titles(), "A B");
	/* A rebuild is another file: until the next look the old one serves. */
	tempsite_post(&t, "c.md", "C", "x");
	index_elsewhere(INDEXER_REBUILD);
	assert_string_equal(titles(), "A B");
	assert_string_equal(catch_up(), "");
	assert_string_equal(titles(), "A B C");
}

static void test_problems_are_told_once(void **state)
{
	(void)state;
	tempsite_write(&t, "content/b.md", "caff\xe8\n");
	const char *log = open_site(SITE_REFRESH_SELF);
	assert_non_null(strstr(log, "/content/b.md:1:5: error: not UTF-8 [post/encoding]\n"));
	usleep(70 * 1000);
	catch_up();
	assert_string_equal(catch_up(), "");
	assert_string_equal(titles(), "A");
	/* Trouble of the whole site, too; and again after it was gone. */
	assert_int_equal(rename(tempsite_path(&t, "content"), tempsite_path(&t, "away")), 0);
	assert_non_null(strstr(catch_up(), "/content cannot be read"));
	assert_string_equal(catch_up(), "");
	assert_string_equal(titles(), "A");
	assert_int_equal(rename(tempsite_path(&t, "away"), tempsite_path(&t, "content")), 0);
	assert_string_equal(catch_up(), "");
	assert_int_equal(rename(tempsite_path(&t, "content"), tempsite_path(&t, "away")), 0);
	assert_non_null(strstr(catch_up(), "/content cannot be read"));
}

/* --- the index ------------------------------------------------------------------------- */

static void test_opening_what_is_damaged(void **state)
{
	static const enum site_refresh refreshes[] = {SITE_REFRESH_SELF, SITE_REFRESH_OTHER};

	(void)state;
	index_elsewhere(INDEXER_NOW);
	struct buf whole = tempsite_read(&t, "cache/index.db");
	for (int i = 0; i < 2; i++) {
		for (size_t length = 0; length < whole.n; length += whole.n / 5) {
			tempsite_write_str(&t, "cache/index.db", str_head(buf_view(&whole), length));
			assert_string_equal(open_site(refreshes[i]), "");
			assert_string_equal(titles(), "A");
			site_free(site);
		}
		tempsite_write(&t, "cache/index.db", "no database");
		open_site(refreshes[i]);
		assert_string_equal(titles(), "A");
		site_free(site);
		tempsite_remove(&t, "cache/index.db");
		open_site(refreshes[i]);
		assert_string_equal(titles(), "A");
		site_free(site);
	}
	site = NULL;
	buf_release(&whole);
}

static void test_mending(void **state)
{
	(void)state;
	open_site(SITE_REFRESH_OTHER);
	tempsite_write(&t, "cache/index.db", "");
	assert_string_equal(titles(), "cannot begin");
	assert_true(index_damaged(site_index(site)));
	assert_true(mend());
	assert_string_equal(titles(), "A");
	assert_false(index_damaged(site_index(site)));
	assert_string_equal(catch_up(), "");
	assert_string_equal(titles(), "A");
}

static void test_index_deleted_while_open(void **state)
{
	(void)state;
	open_site(SITE_REFRESH_OTHER);
	tempsite_remove(&t, "cache/index.db");
	assert_string_equal(catch_up(), "");
	assert_string_equal(titles(), "A");
	tempsite_post(&t, "b.md", "B", "x");
	index_elsewhere(INDEXER_NOW);
	catch_up();
	assert_string_equal(titles(), "A B");
}

/* Garbage in its place: what is open goes on, and what replaces it is followed. */
static void test_index_replaced_by_garbage(void **state)
{
	(void)state;
	open_site(SITE_REFRESH_OTHER);
	tempsite_write(&t, "cache/garbage", "garbage");
	assert_int_equal(rename(tempsite_path(&t, "cache/garbage"), t.config.index), 0);
	catch_up();
	assert_string_equal(titles(), "A");
	tempsite_post(&t, "b.md", "B", "x");
	index_elsewhere(INDEXER_NOW);
	catch_up();
	assert_string_equal(titles(), "A B");
}

static void test_in_memory(void **state)
{
	(void)state;
	tempsite_configure(&t, "index: cartolina.yaml/index.db\nrefresh: 0\n");
	const char *log = open_site(SITE_REFRESH_SELF);
	assert_non_null(strstr(log, "the index cannot be written: "));
	assert_non_null(strstr(log, "set `index:` in cartolina.yaml to a file in a folder that this user may write to"));
	assert_string_equal(titles(), "A");
	assert_string_equal(catch_up(), "");
	tempsite_post(&t, "b.md", "B", "x");
	assert_true(mend());
	assert_string_equal(titles(), "A B");
	site_free(site);
	open_site(SITE_REFRESH_OTHER);
	assert_string_equal(titles(), "A B");
}

/* An index that only somebody else may write is better than none in memory. */
static void test_read_only_index(void **state)
{
	(void)state;
	index_elsewhere(INDEXER_NOW);
	assert_int_equal(chmod(tempsite_path(&t, "cache"), 0555), 0);
	tempsite_write(&t, "stderr", "");
	assert_int_equal(chmod(tempsite_path(&t, "stderr"), 0666), 0);
	if (!tempsite_be_nobody(&t)) {
		fprintf(stderr, "skipped: this user may write everywhere\n");
		return;
	}
	const char *log = open_site(SITE_REFRESH_SELF);
	const char *seen = titles();
	const char *again = catch_up();
	tempsite_be_somebody();
	assert_int_equal(chmod(tempsite_path(&t, "cache"), 0755), 0);
	assert_non_null(strstr(log, "the index cannot be written: "));
	assert_null(strstr(log, "in memory"));
	assert_string_equal(seen, "A");
	assert_string_equal(again, "");
}

static void test_no_content(void **state)
{
	(void)state;
	assert_int_equal(rename(tempsite_path(&t, "content"), tempsite_path(&t, "away")), 0);
	tempsite_listen(&t);
	assert_int_equal(site_open(&site, &t.config, SITE_REFRESH_SELF, &err), -1);
	struct buf heard = tempsite_heard(&t);
	buf_release(&heard);
	assert_null(site);
	assert_non_null(strstr(buf_z(&err), "/content cannot be read: No such file or directory"));
}

static void test_content_gone_but_index_there(void **state)
{
	(void)state;
	index_elsewhere(INDEXER_NOW);
	assert_int_equal(rename(tempsite_path(&t, "content"), tempsite_path(&t, "away")), 0);
	const char *log = open_site(SITE_REFRESH_SELF);
	assert_non_null(strstr(log, "/content cannot be read: No such file or directory"));
	assert_string_equal(titles(), "A");
}

/* --- the theme ----------------------------------------------------------------------------- */

/* By the indexer process, which has no other way to say that the theme is new. */
static void test_theme_is_looked_at_when_the_index_file_changed(void **state)
{
	static const struct timespec only_access[] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};

	(void)state;
	t.config.refresh = 1000;
	tempsite_write(&t, "theme/hello.mustache", "one");
	open_site(SITE_REFRESH_OTHER);
	catch_up();
	tempsite_write(&t, "theme/hello.mustache", "two");
	catch_up();
	assert_string_equal(rendered("hello"), "one");
	nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL); /* a tick of the file system's clock */
	assert_int_equal(utimensat(AT_FDCWD, t.config.index, only_access, 0), 0);
	catch_up();
	assert_string_equal(rendered("hello"), "two");
	tempsite_write(&t, "theme/hello.mustache", "three");
	catch_up();
	assert_string_equal(rendered("hello"), "two");
}

/* It may have been told of before this process had anything to do. */
static void test_theme_is_looked_at_before_the_first_request(void **state)
{
	(void)state;
	t.config.refresh = 1000;
	tempsite_write(&t, "theme/hello.mustache", "one");
	open_site(SITE_REFRESH_OTHER);
	tempsite_write(&t, "theme/hello.mustache", "two");
	catch_up();
	assert_string_equal(rendered("hello"), "two");
}

static void test_theme_is_followed(void **state)
{
	(void)state;
	tempsite_write(&t, "theme/hello.mustache", "one");
	open_site(SITE_REFRESH_OTHER);
	assert_string_equal(rendered("hello"), "one");
	assert_string_equal(catch_up(), "");
	tempsite_write(&t, "theme/hello.mustache", "two, and {{> more}}");
	tempsite_write(&t, "theme/more.mustache", "more");
	assert_string_equal(catch_up(), "");
	assert_string_equal(rendered("hello"), "two, and more");
	tempsite_remove(&t, "theme/more.mustache");
	catch_up();
	assert_string_equal(rendered("hello"), "two, and ");
	tempsite_remove(&t, "theme/hello.mustache");
	catch_up();
	assert_string_equal(rendered("hello"), "the theme has no hello.mustache\n");
	assert_true(strlen(rendered("error")) > 100); /* the built-in one */
	tempsite_write(&t, "theme/error.mustache", "mine");
	catch_up();
	assert_string_equal(rendered("error"), "mine");
	tempsite_remove(&t, "theme/error.mustache");
	catch_up();
	assert_true(strlen(rendered("error")) > 100);
}

static void test_broken_theme(void **state)
{
	(void)state;
	tempsite_write(&t, "theme/hello.mustache", "good");
	tempsite_write(&t, "theme/other.mustache", "good too");
	open_site(SITE_REFRESH_OTHER);
	tempsite_write(&t, "theme/hello.mustache", "{{#open}} and never closed");
	tempsite_write(&t, "theme/other.mustache", "better");
	assert_non_null(strstr(catch_up(), "/theme/hello.mustache:1:"));
	/* The whole of the last good one: half a new theme fits nothing. */
	assert_string_equal(rendered("hello"), "good");
	assert_string_equal(rendered("other"), "good too");
	assert_string_equal(catch_up(), "");
	tempsite_write(&t, "theme/hello.mustache", "good again");
	assert_string_equal(catch_up(), "");
	assert_string_equal(rendered("hello"), "good again");
	assert_string_equal(rendered("other"), "better");
	assert_int_equal(rename(tempsite_path(&t, "theme"), tempsite_path(&t, "away")), 0);
	assert_non_null(strstr(catch_up(), "the theme's folder cannot be read"));
	assert_string_equal(rendered("hello"), "good again");
	assert_string_equal(catch_up(), "");
	assert_int_equal(rename(tempsite_path(&t, "away"), tempsite_path(&t, "theme")), 0);
	assert_string_equal(catch_up(), "");
	assert_string_equal(rendered("hello"), "good again");
}

/* Broken from the start: the built-in file stands in for that one only. */
static void test_theme_broken_from_the_start(void **state)
{
	(void)state;
	tempsite_write(&t, "theme/error.mustache", "{{/never opened}}");
	tempsite_write(&t, "theme/hello.mustache", "good");
	tempsite_folder(&t, "theme/folder.mustache");
	const char *log = open_site(SITE_REFRESH_OTHER);
	assert_non_null(strstr(log, "/theme/error.mustache:1:"));
	assert_true(strlen(rendered("error")) > 100);
	assert_string_equal(rendered("hello"), "good");
}

/* A CGI process and a new worker know no last good one but the copy. */
static void test_theme_is_kept_for_others(void **state)
{
	(void)state;
	tempsite_write(&t, "theme/hello.mustache", "first");
	tempsite_write(&t, "theme/locale/en.yaml", "strings: {home: My home}\n");
	open_site(SITE_REFRESH_OTHER);
	tempsite_write(&t, "theme/hello.mustache", "second");
	tempsite_write(&t, "theme/other.mustache", "second too");
	assert_string_equal(reopen_site(), "");
	tempsite_write(&t, "theme/hello.mustache", "{{#open}} and never closed");
	tempsite_write(&t, "theme/other.mustache", "half of the third");
	tempsite_write(&t, "theme/locale/en.yaml", "strings: {home: Half of the third}\n");
	assert_non_null(strstr(reopen_site(), "/theme/hello.mustache:1:"));
	assert_string_equal(rendered("hello"), "second");
	assert_string_equal(rendered("other"), "second too");
	assert_true(str_is(locale_string(theme_locale(site_theme(site), 0), "home"), "My home"));
	assert_string_equal(catch_up(), "");
	assert_string_equal(rendered("hello"), "second");
	tempsite_write(&t, "theme/hello.mustache", "third");
	assert_string_equal(catch_up(), "");
	assert_string_equal(rendered("hello"), "third");
	assert_int_equal(count_files("cache/index.db.theme-*"), 1);
	assert_true(themekeep_signature(&t.config) == theme_signature(&t.config));
	tempsite_write(&t, "theme/hello.mustache", "{{/x}}");
	reopen_site();
	assert_string_equal(rendered("hello"), "third");
	/* The copy is derived: without it the built-in files stand in. */
	tempsite_remove(&t, "cache/index.db.theme");
	reopen_site();
	assert_string_equal(rendered("hello"), "the theme has no hello.mustache\n");
	assert_string_equal(rendered("other"), "half of the third");
	/* A link that we did not make is not followed. */
	assert_int_equal(symlink("../theme", tempsite_path(&t, "cache/index.db.theme")), 0);
	reopen_site();
	assert_string_equal(rendered("hello"), "the theme has no hello.mustache\n");
}

static void make_old(const char *path)
{
	const struct timespec times[2] = {{.tv_sec = time(NULL) - 3600}, {.tv_sec = time(NULL) - 3600}};

	assert_int_equal(utimensat(AT_FDCWD, tempsite_path(&t, path), times, AT_SYMLINK_NOFOLLOW), 0);
}

/* What killed processes left beside the index goes when the next copy is made. */
static void test_forgotten_copies_of_a_theme(void **state)
{
	(void)state;
	tempsite_write(&t, "theme/hello.mustache", "first");
	tempsite_write(&t, "cache/index.db.theme-0123456789abcdef/hello.mustache", "forgotten");
	tempsite_write(&t, "cache/index.db.theme-0123456789abcdef/locale/en.yaml", "strings: {}\n");
	tempsite_write(&t, "cache/index.db.theme-Young1/hello.mustache", "somebody is at it");
	tempsite_write(&t, "cache/index.db.theme-foreign", "not a folder");
	tempsite_write(&t, "cache/index.db.themes/hello.mustache", "another's");
	assert_int_equal(symlink("x", tempsite_path(&t, "cache/index.db.theme.123")), 0);
	make_old("cache/index.db.theme-0123456789abcdef");
	make_old("cache/index.db.theme-foreign");
	make_old("cache/index.db.themes");
	make_old("cache/index.db.theme.123");
	open_site(SITE_REFRESH_OTHER);
	assert_int_equal(count_files("cache/index.db.theme-0123456789abcdef"), 0);
	assert_int_equal(count_files("cache/index.db.theme.*"), 0);
	assert_int_equal(count_files("cache/index.db.theme-Young1"), 1);
	assert_int_equal(count_files("cache/index.db.themes"), 1);
	assert_int_equal(count_files("cache/index.db.theme-*"), 3);
}

/* Partials that include each other whatever the data are as broken as a tag without its end. */
static void test_theme_in_a_loop(void **state)
{
	(void)state;
	tempsite_write(&t, "theme/hello.mustache", "good");
	open_site(SITE_REFRESH_OTHER);
	tempsite_write(&t, "theme/hello.mustache", "\n {{> a}}");
	tempsite_write(&t, "theme/a.mustache", "{{> b}}");
	tempsite_write(&t, "theme/b.mustache", "{{#x}}{{> a}}{{/x}} {{> a}}");
	const char *log = catch_up();
	assert_non_null(strstr(log, "partials include each other without an end: {{>"));
	assert_non_null(strstr(log, "[template/partial-loop]"));
	assert_string_equal(rendered("hello"), "good");
	/* Without a last good one the built-in ones stand in. */
	tempsite_write(&t, "theme/error.mustache", "{{> error}}");
	tempsite_remove(&t, "cache/index.db.theme");
	log = reopen_site();
	assert_non_null(strstr(log, "/theme/error.mustache:1:1: error: partials include each other"));
	assert_true(strlen(rendered("error")) > 100);
	/* Inside a section it is how trees are shown. */
	tempsite_remove(&t, "theme/error.mustache");
	tempsite_remove(&t, "theme/hello.mustache");
	tempsite_write(&t, "theme/a.mustache", "{{#children}}{{> a}}{{/children}}");
	assert_string_equal(catch_up(), "");
}

static void test_theme_is_looked_at_when_due(void **state)
{
	(void)state;
	tempsite_configure(&t, "index: cache/index.db\ntheme: theme\nrefresh: 1000\n");
	tempsite_write(&t, "theme/hello.mustache", "one");
	open_site(SITE_REFRESH_OTHER);
	catch_up();
	tempsite_write(&t, "theme/hello.mustache", "two");
	catch_up();
	assert_string_equal(rendered("hello"), "one");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refreshing_itself),
		TEST(test_refreshed_by_another),
		TEST(test_problems_are_told_once),
		TEST(test_opening_what_is_damaged),
		TEST(test_mending),
		TEST(test_index_deleted_while_open),
		TEST(test_index_replaced_by_garbage),
		TEST(test_in_memory),
		TEST(test_read_only_index),
		TEST(test_no_content),
		TEST(test_content_gone_but_index_there),
		TEST(test_theme_is_looked_at_when_the_index_file_changed),
		TEST(test_theme_is_looked_at_before_the_first_request),
		TEST(test_theme_is_followed),
		TEST(test_broken_theme),
		TEST(test_theme_broken_from_the_start),
		TEST(test_theme_is_kept_for_others),
		TEST(test_forgotten_copies_of_a_theme),
		TEST(test_theme_in_a_loop),
		TEST(test_theme_is_looked_at_when_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
