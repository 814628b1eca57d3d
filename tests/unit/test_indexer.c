/* test_indexer.c: whatever happens to the content, to the index and to the
 * process that works on it, the index is usable and says what the files say.
 *
 * As in test_renderer.c, posts can make the Markdown library misbehave.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/discount.h"
#include "../lib/tempsite.h"
#include "index.h"
#include "indexer.h"

#include <dlfcn.h>
#include <limits.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/resource.h>

#define YAML "index: cache/index.db\nlanguages: [en, it]\nrefresh: 1000\nmarkdown: discount\n"

static struct tempsite t;
static struct arena arena;
static struct indexer_report report;
static struct buf problems, err;

/* What comes while the indexer waits for a file that is away, and how often it waited. */
static const char *comes_back, *comes_as;
static unsigned naps, comes_after;

int nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)time;
	(void)left;
	if (++naps == comes_after && comes_back)
		tempsite_post(&t, comes_back, comes_as, "x");
	return 0;
}

/* In a rendering child: the first line of a post as a command. */
static MMIOT *discount_string(const char *text, int n, mkd_flag_t flags)
{
	struct str s = {text, (size_t)n};

	if (str_starts(s, "please exit"))
		_exit(0);
	if (str_starts(s, "please be slow"))
		usleep(80 * 1000);
	if (str_starts(s, "please delete the last"))
		unlink(tempsite_path(&t, "content/z.md"));
	if (str_starts(s, "please edit the last"))
		tempsite_post(&t, "z.md", "Edited in between", "x");
	return discount_real_string(text, n, flags);
}

static int forks_left;

pid_t fork(void)
{
	pid_t (*real)(void);

	if (forks_left-- <= 0) {
		errno = EAGAIN;
		return -1;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "fork");
	return real();
}

static int set_up(void **state)
{
	(void)state;
	tempsite_make(&t, YAML);
	arena_init(&arena, 0);
	forks_left = INT_MAX;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempsite_release(&t);
	arena_release(&arena);
	buf_release(&problems);
	buf_release(&err);
	return 0;
}

/* --- doing and looking --------------------------------------------------------------- */

static int run(enum indexer_mode mode)
{
	buf_reset(&problems);
	buf_reset(&err);
	return indexer_run(&t.config, mode, &report, &problems, &err);
}

static void refresh(void)
{
	if (run(INDEXER_NOW))
		fail_msg("%s", buf_z(&err));
	assert_int_equal(err.n, 0);
}

/* Until what was written is older than the file system's clock is coarse. */
static void wait_a_tick(void)
{
	usleep(70 * 1000);
}

static void assert_report(size_t files, size_t rendered, size_t removed, size_t errors, bool changed)
{
	assert_int_equal(report.files, files);
	assert_int_equal(report.rendered, rendered);
	assert_int_equal(report.removed, removed);
	assert_int_equal(report.errors, errors);
	assert_int_equal(report.changed, changed);
	assert_false(report.skipped);
}

static struct index *open_it(void)
{
	struct index *index = NULL;

	assert_int_equal(index_open(t.config.index, t.config.fingerprint, &index, &err), INDEX_FINE);
	return index;
}

/* The title of what answers at a path, or "none". */
static const char *title_in(struct index *index, const char *path)
{
	struct index_heads heads;
	struct post_body body;
	struct str group;
	int found = index_find_path(index, &arena, str_from(path), time(NULL), &group);

	assert_true(found >= 0);
	if (!found)
		return "none";
	assert_int_equal(index_group(index, &arena, group, &heads), 0);
	assert_true(heads.count > 0);
	assert_int_equal(index_body(index, &arena, heads.at[0].id, &body), 0);
	assert_true(body.html.n > 0);
	return arena_z(&arena, heads.at[0].title);
}

static const char *title_at(const char *path)
{
	struct index *index = open_it();
	const char *title = title_in(index, path);

	index_close(index);
	return title;
}

static size_t count_public(struct index *index)
{
	struct index_heads heads;
	size_t count = 0;

	assert_int_equal(index_all(index, &arena, &heads), 0);
	for (size_t i = 0; i < heads.count; i++)
		count += heads.at[i].kind == POST_ARTICLE && !heads.at[i].draft;
	return count;
}

static size_t count_posts(void)
{
	struct index *index = open_it();
	size_t count = count_public(index);

	index_close(index);
	return count;
}

static uint64_t generation(void)
{
	struct index *index = open_it();
	uint64_t g = index_generation(index);

	index_close(index);
	return g;
}

/* The only problem is this one, of a file below content/. */
static void assert_problem(const char *expected)
{
	assert_string_equal(buf_z(&problems), tempsite_path(&t, arena_printf(&arena, "content/%s\n", expected).p));
}

/* --- files come, change and go --------------------------------------------------------- */

static void test_files_come_and_go(void **state)
{
	(void)state;
	refresh();
	assert_report(0, 0, 0, 0, true);
	assert_int_equal(count_posts(), 0);
	tempsite_post(&t, "posts/a.md", "A", "one");
	tempsite_post(&t, "posts/b.md", "B", "one");
	wait_a_tick();
	refresh();
	assert_report(2, 2, 0, 0, true);
	assert_string_equal(title_at("/posts/a"), "A");
	assert_string_equal(title_at("/posts/b"), "B");
	uint64_t before = generation();
	refresh();
	assert_report(2, 0, 0, 0, false);
	assert_true(generation() == before);
	tempsite_post(&t, "posts/a.md", "A is longer", "two");
	tempsite_post(&t, "posts/c.md", "C", "new");
	wait_a_tick();
	refresh();
	assert_report(3, 2, 0, 0, true);
	assert_string_equal(title_at("/posts/a"), "A is longer");
	tempsite_remove(&t, "content/posts/b.md");
	assert_int_equal(rename(tempsite_path(&t, "content/posts/c.md"), tempsite_path(&t, "content/posts/d.md")), 0);
	refresh();
	assert_report(2, 1, 2, 0, true);
	assert_string_equal(title_at("/posts/b"), "none");
	assert_string_equal(title_at("/posts/c"), "none");
	assert_string_equal(title_at("/posts/d"), "C");
	assert_int_equal(count_posts(), 2);
}

/* One takes the other's name, as editors and rsync do; a folder gets another. */
static void test_renaming(void **state)
{
	(void)state;
	tempsite_post(&t, "posts/a.md", "A", "x");
	tempsite_post(&t, "posts/b.md", "B", "x");
	wait_a_tick();
	refresh();
	assert_int_equal(rename(tempsite_path(&t, "content/posts/b.md"), tempsite_path(&t, "content/posts/a.md")), 0);
	refresh();
	assert_report(1, 1, 1, 0, true);
	assert_string_equal(title_at("/posts/a"), "B");
	assert_int_equal(rename(tempsite_path(&t, "content/posts"), tempsite_path(&t, "content/notes")), 0);
	refresh();
	assert_report(1, 1, 1, 0, true);
	assert_string_equal(title_at("/notes/a"), "B");
	assert_string_equal(title_at("/posts/a"), "none");
}

/* No facts of the file change that a coarse clock could show. */
static void test_edits_within_a_tick(void **state)
{
	char title[2] = "A";

	(void)state;
	for (int i = 0; i < 26; i++) {
		title[0] = (char)('A' + i);
		tempsite_post(&t, "a.md", title, "x");
		refresh();
		assert_string_equal(title_at("/a"), title);
	}
	wait_a_tick();
	refresh();
	refresh();
	assert_report(1, 0, 0, 0, false);
}

static void see(void *context, const struct index_file *file)
{
	if (!strcmp(file->file, "a.md"))
		*(int64_t *)context = file->changed;
}

/* It could be edited again right after it was read: that the rendering took
 * longer than a tick proves nothing. */
static void test_slow_rendering_of_a_fresh_file(void **state)
{
	int64_t changed = -1;

	(void)state;
	tempsite_write(&t, "content/a.md", "please be slow\n");
	refresh();
	struct index *index = open_it();
	assert_int_equal(index_each_file(index, see, &changed), 0);
	index_close(index);
	assert_int_equal(changed, 0);
	refresh();
	assert_report(1, 1, 0, 0, true);
}

static void test_same_time_and_size(void **state)
{
	struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	const char *path = tempsite_path(&t, "content/a.md");

	(void)state;
	tempsite_post(&t, "a.md", "A", "x");
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	wait_a_tick();
	refresh();
	tempsite_post(&t, "a.md", "B", "x");
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	refresh();
	assert_string_equal(title_at("/a"), "B");
}

static void test_changes_during_a_refresh(void **state)
{
	(void)state;
	for (char name[] = "a.md"; name[0] <= 'z'; name[0]++)
		tempsite_post(&t, name, name, "x");
	wait_a_tick();
	refresh();
	tempsite_write(&t, "content/a.md", "please edit the last\n");
	tempsite_post(&t, "z.md", "To be edited", "x");
	wait_a_tick(); /* or a.md would be read again, and would edit again */
	refresh();
	refresh();
	assert_string_equal(title_at("/z"), "Edited in between");
	tempsite_write(&t, "content/a.md", "please delete the last\n");
	for (char name[] = "b.md"; name[0] <= 'z'; name[0]++)
		tempsite_post(&t, name, "New", "x");
	wait_a_tick();
	refresh();
	assert_int_equal(report.errors, 0);
	assert_string_equal(title_at("/z"), "Edited in between"); /* it might only be away */
	assert_string_equal(title_at("/y"), "New");
	refresh();
	assert_string_equal(title_at("/z"), "none");
	assert_int_equal(count_posts(), 25);
}

/* As git and some editors replace a file: the old one goes, and then the new one comes. */
static void test_away_for_a_moment(void **state)
{
	(void)state;
	tempsite_post(&t, "a.md", "Old", "x");
	tempsite_post(&t, "b.md", "Other", "x");
	wait_a_tick();
	refresh();
	comes_back = "a.md";
	for (comes_after = 1; comes_after <= 7; comes_after += 6) {
		const char *old = title_at("/a");
		comes_as = comes_after == 1 ? "New" : "Newer";
		tempsite_remove(&t, "content/a.md");
		naps = 0;
		refresh();
		assert_int_equal(naps, comes_after);
		assert_int_equal(report.removed, 0);
		/* It may not be whole yet: the old one stays until it is looked at again. */
		assert_string_equal(title_at("/a"), old);
		refresh();
		assert_string_equal(title_at("/a"), comes_as);
	}
	comes_back = NULL;
	tempsite_remove(&t, "content/a.md");
	naps = 0;
	refresh();
	assert_in_range(naps, 5, 20);
	assert_int_equal(report.removed, 1);
	assert_string_equal(title_at("/a"), "none");
}

/* --- what cannot be read or rendered --------------------------------------------------- */

static void test_strange_files(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(tempsite_path(&t, "content/fifo.md"), 0644), 0);
	assert_int_equal(symlink("nowhere", tempsite_path(&t, "content/dangling.md")), 0);
	tempsite_folder(&t, "content/folder.md");
	tempsite_post(&t, "folder.md/inner.md", "Inner", "x");
	tempsite_post(&t, "plain.md", "Plain", "x");
	wait_a_tick();
	refresh();
	assert_report(3, 2, 0, 1, true);
	assert_problem("fifo.md:1:1: error: not a plain file [post/read]");
	assert_string_equal(title_at("/folder.md/inner"), "Inner");
	assert_string_equal(title_at("/plain"), "Plain");
	refresh();
	assert_report(3, 0, 0, 0, false);
	assert_int_equal(problems.n, 0);
	tempsite_remove(&t, "content/fifo.md");
	tempsite_post(&t, "fifo.md", "A file now", "x");
	tempsite_post(&t, "nowhere", "Linked now", "x");
	refresh();
	assert_report(4, 2, 0, 0, true);
	assert_string_equal(title_at("/fifo"), "A file now");
	assert_string_equal(title_at("/dangling"), "Linked now");
}

static void test_unreadable(void **state)
{
	(void)state;
	tempsite_post(&t, "a.md", "A", "x");
	tempsite_post(&t, "b.md", "B", "x");
	tempsite_post(&t, "closed/c.md", "C", "x");
	tempsite_folder(&t, "cache");
	assert_int_equal(chmod(tempsite_path(&t, "cache"), 0777), 0);
	if (!tempsite_be_nobody(&t)) {
		fprintf(stderr, "skipped: this user may read everything\n");
		return;
	}
	refresh();
	tempsite_be_somebody();
	assert_int_equal(count_posts(), 3);
	assert_int_equal(chmod(tempsite_path(&t, "content/a.md"), 0000), 0);
	assert_int_equal(chmod(tempsite_path(&t, "content/closed"), 0000), 0);
	tempsite_post(&t, "b.md", "B is new", "x");
	wait_a_tick();
	assert_true(tempsite_be_nobody(&t));
	refresh();
	tempsite_be_somebody();
	assert_int_equal(report.errors, 1);
	assert_non_null(strstr(buf_z(&problems), "/content/a.md:1:1: error: Permission denied [post/read]\n"));
	assert_non_null(strstr(buf_z(&problems), "/content/closed:1:1: error: Permission denied [content/read]\n"));
	/* What cannot be looked at is served as it was. */
	assert_string_equal(title_at("/a"), "A");
	assert_string_equal(title_at("/b"), "B is new");
	assert_string_equal(title_at("/closed/c"), "C");
	assert_int_equal(chmod(tempsite_path(&t, "content/a.md"), 0644), 0);
	assert_int_equal(chmod(tempsite_path(&t, "content/closed"), 0755), 0);
	assert_true(tempsite_be_nobody(&t));
	refresh();
	tempsite_be_somebody();
	assert_int_equal(report.errors, 0);
	assert_int_equal(problems.n, 0);
	assert_int_equal(count_posts(), 3);
}

static void breaks_and_heals(const char *broken, const char *problem)
{
	tempsite_post(&t, "a.md", "A", "x");
	tempsite_post(&t, "m.md", "The last good version", "x");
	wait_a_tick();
	refresh();
	tempsite_post(&t, "a.md", "A changes too", "x");
	tempsite_write(&t, "content/m.md", broken);
	tempsite_write(&t, "content/n.md", broken); /* which never was well */
	tempsite_post(&t, "z.md", "Z is new", "x");
	wait_a_tick();
	refresh();
	assert_report(4, 2, 0, 2, true);
	assert_non_null(strstr(buf_z(&problems), arena_printf(&arena, "/content/m.md:%s", problem).p));
	assert_non_null(strstr(buf_z(&problems), arena_printf(&arena, "/content/n.md:%s", problem).p));
	assert_string_equal(title_at("/a"), "A changes too");
	assert_string_equal(title_at("/m"), "The last good version");
	assert_string_equal(title_at("/n"), "none");
	assert_string_equal(title_at("/z"), "Z is new");
	refresh(); /* told once, and tried once */
	assert_report(4, 0, 0, 0, false);
	assert_int_equal(problems.n, 0);
	assert_string_equal(title_at("/m"), "The last good version");
	tempsite_post(&t, "m.md", "Healed", "x");
	tempsite_remove(&t, "content/n.md");
	refresh();
	assert_string_equal(title_at("/m"), "Healed");
	assert_int_equal(problems.n, 0);
	assert_int_equal(count_posts(), 3);
}

static void test_broken_front_matter(void **state)
{
	(void)state;
	breaks_and_heals("---\ntitle: [\n---\nx\n", "");
}

static void test_broken_encoding(void **state)
{
	(void)state;
	breaks_and_heals("caff\xe8\n", "1:5: error: not UTF-8 [post/encoding]\n");
}

static void test_crashing_post(void **state)
{
	(void)state;
	breaks_and_heals("please exit\n", "1:1: error: rendering it failed [post/limit]\n");
}

/* A broken post that goes takes its last good version along. */
static void test_broken_and_removed(void **state)
{
	(void)state;
	tempsite_post(&t, "a.md", "A", "x");
	refresh();
	tempsite_write(&t, "content/a.md", "please exit\n");
	refresh();
	assert_string_equal(title_at("/a"), "A");
	tempsite_remove(&t, "content/a.md");
	refresh();
	assert_int_equal(count_posts(), 0);
}

/* --- when, and whether at all --------------------------------------------------------------- */

static void test_when_due(void **state)
{
	(void)state;
	tempsite_post(&t, "a.md", "A", "x");
	assert_int_equal(run(INDEXER_IF_DUE), 0);
	assert_report(1, 1, 0, 0, true);
	tempsite_post(&t, "b.md", "B", "x");
	assert_int_equal(run(INDEXER_IF_DUE), 0);
	assert_true(report.skipped);
	assert_false(report.changed);
	assert_int_equal(count_posts(), 1);
	tempsite_age(&t, "cache/index.db");
	assert_int_equal(run(INDEXER_IF_DUE), 0);
	assert_false(report.skipped);
	assert_int_equal(count_posts(), 2);
	wait_a_tick();
	refresh();
	/* A sweep that finds nothing puts the next one off, too. */
	tempsite_age(&t, "cache/index.db");
	assert_int_equal(run(INDEXER_IF_DUE), 0);
	assert_false(report.changed);
	assert_int_equal(run(INDEXER_IF_DUE), 0);
	assert_true(report.skipped);
	/* A clock that was set back. */
	struct timespec times[2] = {{.tv_sec = time(NULL) + 5000}, {.tv_sec = time(NULL) + 5000}};
	assert_int_equal(utimensat(AT_FDCWD, t.config.index, times, 0), 0);
	assert_int_equal(run(INDEXER_IF_DUE), 0);
	assert_false(report.skipped);
	tempsite_configure(&t, "index: cache/index.db\nlanguages: [en, it]\nrefresh: 0\nmarkdown: discount\n");
	assert_int_equal(run(INDEXER_IF_DUE), 0);
	assert_false(report.skipped);
}

static void test_somebody_else_is_at_it(void **state)
{
	(void)state;
	tempsite_post(&t, "a.md", "A", "x");
	refresh();
	int lock = open(tempsite_path(&t, "cache/index.db.lock"), O_RDWR);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	tempsite_age(&t, "cache/index.db");
	tempsite_post(&t, "b.md", "B", "x");
	assert_int_equal(run(INDEXER_IF_DUE), 0);
	assert_true(report.skipped);
	pid_t child = fork();
	if (!child) {
		close(lock); /* or it would have the lock, too */
		_exit(run(INDEXER_NOW) || report.skipped ? 1 : 0);
	}
	usleep(50 * 1000);
	assert_int_equal(waitpid(child, NULL, WNOHANG), 0); /* it waits */
	assert_int_equal(count_posts(), 1);
	close(lock);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(count_posts(), 2);
}

static void test_content_is_gone(void **state)
{
	(void)state;
	tempsite_post(&t, "a.md", "A", "x");
	refresh();
	assert_int_equal(rename(tempsite_path(&t, "content"), tempsite_path(&t, "away")), 0);
	assert_int_equal(run(INDEXER_NOW), -1);
	assert_non_null(strstr(buf_z(&err), "/content cannot be read: No such file or directory"));
	assert_int_equal(run(INDEXER_REBUILD), -1);
	assert_string_equal(title_at("/a"), "A");
}

static void test_no_processes(void **state)
{
	(void)state;
	tempsite_post(&t, "a.md", "A", "x");
	refresh();
	tempsite_post(&t, "a.md", "Another", "x");
	tempsite_post(&t, "b.md", "B", "x");
	forks_left = 0;
	assert_int_equal(run(INDEXER_NOW), -1);
	assert_non_null(strstr(buf_z(&err), "cannot start a renderer"));
	assert_int_equal(run(INDEXER_REBUILD), -1);
	assert_string_equal(title_at("/a"), "A");
	assert_int_equal(count_posts(), 1);
	forks_left = INT_MAX;
	refresh();
	assert_string_equal(title_at("/a"), "Another");
}

/* --- the index file ---------------------------------------------------------------------------- */

static void make_three(void)
{
	tempsite_post(&t, "a.en.md", "A", "x");
	tempsite_post(&t, "a.it.md", "A italiana", "x");
	tempsite_post(&t, "posts/b.md", "B", "x");
	wait_a_tick();
	refresh();
}

static void assert_three(void)
{
	assert_string_equal(title_at("/a"), "A");
	assert_string_equal(title_at("/posts/b"), "B");
	assert_int_equal(count_posts(), 3);
	assert_false(tempsite_exists(&t, "cache/index.db.new"));
}

static void test_damaged_index(void **state)
{
	(void)state;
	make_three();
	struct buf whole = tempsite_read(&t, "cache/index.db");
	static const size_t lengths[] = {0, 1, 15, 16, 17, 99, 100, 101, 512, 1000, 4095, 4096, 4097, 8192,
					 12288, 16384, 20480, 24576, 28672, 32768, 36864};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		tempsite_write_str(&t, "cache/index.db", str_head(buf_view(&whole), lengths[i]));
		refresh();
		assert_three();
	}
	for (size_t at = 0; at + 4096 <= whole.n; at += 4096) {
		struct buf bytes = BUF_EMPTY;
		buf_str(&bytes, buf_view(&whole));
		memset(bytes.p + at, 'x', 4096);
		tempsite_write_str(&t, "cache/index.db", buf_view(&bytes));
		assert_int_equal(run(INDEXER_NOW), 0);
		/* A reader that finds damage later asks for this. */
		assert_int_equal(run(INDEXER_REBUILD), 0);
		assert_three();
		buf_release(&bytes);
	}
	tempsite_write(&t, "cache/index.db", "This is no database, and never was one, whatever its name may say.");
	refresh();
	assert_three();
	tempsite_remove(&t, "cache/index.db");
	refresh();
	assert_three();
	buf_release(&whole);
}

/* The list of files is damaged while the rest is well: found in mid-refresh. */
static void test_damaged_in_the_middle(void **state)
{
	sqlite3 *db;

	(void)state;
	make_three();
	assert_int_equal(sqlite3_open(t.config.index, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DROP TABLE bodies", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	tempsite_write(&t, "content/c.md", "please exit\n");
	tempsite_post(&t, "d.md", "D", "x");
	refresh();
	assert_report(5, 4, 0, 1, true);
	assert_problem("c.md:1:1: error: rendering it failed [post/limit]");
	assert_string_equal(title_at("/d"), "D");
	assert_int_equal(count_posts(), 4);
}

static void test_other_version(void **state)
{
	sqlite3 *db;

	(void)state;
	make_three();
	assert_int_equal(sqlite3_open(t.config.index, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE meta SET value = 99 WHERE key = 'schema'", NULL, NULL, NULL), 0);
	sqlite3_close(db);
	refresh();
	assert_report(3, 3, 0, 0, true);
	assert_three();
	refresh();
	assert_report(3, 0, 0, 0, false);
	/* Another set of languages. */
	tempsite_configure(&t, "index: cache/index.db\nlanguages: [it]\n");
	refresh();
	assert_report(3, 3, 0, 0, true);
	assert_string_equal(title_at("/a.en"), "A");
}

static void test_hot_journal(void **state)
{
	(void)state;
	make_three();
	pid_t child = fork();
	if (!child) {
		sqlite3 *db;
		sqlite3_open(t.config.index, &db);
		sqlite3_exec(db, "PRAGMA cache_size = 1; BEGIN; UPDATE posts SET path = 'wrong';"
				 "UPDATE bodies SET body = zeroblob(50000); DELETE FROM files", NULL, NULL, NULL);
		kill(getpid(), SIGKILL);
	}
	waitpid(child, NULL, 0);
	assert_true(tempsite_exists(&t, "cache/index.db-journal"));
	refresh();
	assert_report(3, 0, 0, 0, false);
	assert_three();
	assert_false(tempsite_exists(&t, "cache/index.db-journal"));
}

/* Who has the old file open goes on with it. */
static void test_rebuild_under_a_reader(void **state)
{
	(void)state;
	make_three();
	struct index *reader = open_it();
	assert_int_equal(index_begin(reader), 0);
	tempsite_post(&t, "a.en.md", "A is new", "x");
	assert_int_equal(run(INDEXER_REBUILD), 0);
	assert_report(3, 3, 0, 0, true);
	assert_string_equal(title_in(reader, "/a"), "A");
	index_end(reader);
	assert_int_equal(index_begin(reader), 0);
	assert_string_equal(title_in(reader, "/a"), "A");
	index_end(reader);
	assert_false(index_damaged(reader));
	assert_string_equal(title_at("/a"), "A is new");
	index_close(reader);
}

/* --- where it cannot be written ------------------------------------------------------------------ */

static void assert_in_memory(void)
{
	struct index *index = NULL;

	buf_reset(&err);
	assert_int_equal(indexer_run_in_memory(&t.config, &index, &report, &problems, &err), 0);
	assert_int_equal(err.n, 0);
	assert_int_equal(index_begin(index), 0);
	assert_string_equal(title_in(index, "/a"), "A");
	assert_int_equal(count_public(index), 1);
	index_end(index);
	index_close(index);
}

static void test_no_place_for_an_index(void **state)
{
	static const char *const places[] = {"cartolina.yaml/index.db", "not/made/folders/index.db", "folder"};

	(void)state;
	tempsite_post(&t, "a.md", "A", "x");
	tempsite_folder(&t, "folder");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		tempsite_configure(&t, arena_printf(&arena, "index: %s\nrefresh: 0\n", places[i]).p);
		assert_int_equal(run(INDEXER_NOW), -1);
		assert_non_null(strstr(buf_z(&err), places[i]));
		assert_int_equal(run(INDEXER_IF_DUE), -1);
		assert_in_memory();
	}
}

static void test_read_only_folder(void **state)
{
	(void)state;
	tempsite_post(&t, "a.md", "A", "x");
	tempsite_folder(&t, "cache");
	assert_int_equal(chmod(tempsite_path(&t, "cache"), 0555), 0);
	if (!tempsite_be_nobody(&t)) {
		fprintf(stderr, "skipped: this user may write everywhere\n");
		return;
	}
	int result = run(INDEXER_NOW);
	tempsite_be_somebody();
	assert_int_equal(result, -1);
	assert_non_null(strstr(buf_z(&err), "/cache/index.db.lock: Permission denied"));
	/* An index made by another user is read all the same. */
	refresh();
	assert_true(tempsite_be_nobody(&t));
	result = run(INDEXER_NOW);
	const char *title = title_at("/a");
	tempsite_be_somebody();
	assert_int_equal(result, -1);
	assert_string_equal(title, "A");
}

/* Files must not grow beyond 30 kB, which is what a full disk does. */
static int run_on_a_full_disk(enum indexer_mode mode)
{
	int status;
	pid_t child = fork();

	if (!child) {
		struct rlimit limit = {30 * 1024, 30 * 1024};
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(run(mode) && err.n ? 42 : 1);
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static void test_full_disk(void **state)
{
	(void)state;
	make_three();
	for (int i = 0; i < 200; i++)
		tempsite_post(&t, arena_printf(&t.arena, "more/%d.md", i).p, "More", "more and more");
	tempsite_post(&t, "a.en.md", "A is new", "x");
	assert_int_equal(run_on_a_full_disk(INDEXER_NOW), 42);
	assert_three();
	assert_int_equal(run_on_a_full_disk(INDEXER_REBUILD), 42);
	assert_three();
	refresh();
	assert_int_equal(count_posts(), 203);
	assert_string_equal(title_at("/a"), "A is new");
}

/* --- several processes, and dead ones -------------------------------------------------------------- */

static void test_at_once(void **state)
{
	enum { PROCESSES = 5 };
	static const enum indexer_mode modes[PROCESSES] = {INDEXER_NOW, INDEXER_IF_DUE, INDEXER_NOW,
							   INDEXER_REBUILD, INDEXER_REBUILD};
	pid_t child[PROCESSES];

	(void)state;
	for (int round = 0; round < 8; round++) {
		const char *title = arena_printf(&arena, "Round %d", round).p;
		for (int i = 0; i < 10; i++)
			tempsite_post(&t, arena_printf(&t.arena, "posts/%d.md", i).p, title, "x");
		/* From nothing, from garbage, and from the index of before. */
		if (round % 3 == 0)
			unlink(t.config.index);
		if (round % 3 == 1)
			tempsite_write(&t, "cache/index.db", "garbage");
		for (int i = 0; i < PROCESSES; i++)
			if (!(child[i] = fork()))
				_exit(run(modes[i]) ? 1 : 0);
		for (int i = 0; i < PROCESSES; i++) {
			int status;
			assert_int_equal(waitpid(child[i], &status, 0), child[i]);
			assert_int_equal(status, 0);
		}
		assert_int_equal(count_posts(), 10);
		for (int i = 0; i < 10; i++)
			assert_string_equal(title_at(arena_printf(&arena, "/posts/%d", i).p), title);
		assert_false(tempsite_exists(&t, "cache/index.db.new"));
	}
}

static void assert_whole(const char *old, const char *new)
{
	struct index *index = open_it();
	const char *first;

	assert_int_equal(index_begin(index), 0);
	first = title_in(index, "/posts/0");
	assert_true(!strcmp(first, old) || !strcmp(first, new));
	for (int i = 1; i < 6; i++)
		assert_string_equal(title_in(index, arena_printf(&arena, "/posts/%d", i).p), first);
	assert_int_equal(count_public(index), 6);
	index_end(index);
	assert_false(index_damaged(index));
	index_close(index);
}

static void write_six(const char *title)
{
	for (int i = 0; i < 6; i++)
		tempsite_post(&t, arena_printf(&t.arena, "posts/%d.md", i).p, title, "x");
}

static void test_killed_at_any_moment(void **state)
{
	unsigned random = 4711;
	const char *old = "Before";
	int finished = 0;

	(void)state;
	write_six(old);
	refresh();
	for (int round = 0; round < 40; round++) {
		const char *new = arena_printf(&t.arena, "Round %d", round).p;
		write_six(new);
		pid_t child = fork();
		if (!child)
			_exit(run(round % 4 ? INDEXER_NOW : INDEXER_REBUILD) ? 1 : 0);
		random = random * 1103515245u + 12345u;
		usleep((random >> 8) % 25000);
		kill(child, SIGKILL);
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		finished += WIFEXITED(status);
		/* The old site or the new one, never a mix; and no need of repair. */
		assert_whole(old, new);
		refresh();
		assert_whole(new, new);
		assert_string_equal(title_at("/posts/0"), new);
		old = new;
	}
	print_message("%d of 40 had come to the end before they were killed\n", finished);
}

/* --- some files only -------------------------------------------------------------------- */

static void look_at(const char *const *files, size_t count)
{
	struct indexer_task task = {.mode = INDEXER_FILES, .files = files, .file_count = count};

	buf_reset(&problems);
	buf_reset(&err);
	if (indexer_do(&t.config, &task, &report, &problems, &err))
		fail_msg("%s", buf_z(&err));
}

#define LOOK_AT(...) look_at((const char *const[]){__VA_ARGS__}, \
			     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void test_some_files(void **state)
{
	(void)state;
	tempsite_post(&t, "a.md", "A", "x");
	tempsite_post(&t, "b.md", "B", "x");
	tempsite_post(&t, "c.md", "C", "x");
	wait_a_tick();
	refresh();
	tempsite_post(&t, "a.md", "A2", "x");
	tempsite_post(&t, "b.md", "B2", "x");
	tempsite_post(&t, "new.md", "New", "x");
	tempsite_remove(&t, "content/c.md");
	wait_a_tick();
	LOOK_AT("new.md", "a.md", "never/was.md");
	assert_report(2, 2, 0, 0, true);
	assert_string_equal(title_at("/a"), "A2");
	assert_string_equal(title_at("/b"), "B");
	assert_string_equal(title_at("/c"), "C");
	assert_string_equal(title_at("/new"), "New");
	LOOK_AT("a.md", "new.md");
	assert_report(2, 0, 0, 0, false);
	LOOK_AT("c.md");
	assert_report(0, 0, 1, 0, true);
	assert_string_equal(title_at("/c"), "none");
	/* The rest is found by the next sweep, and only the rest. */
	refresh();
	assert_report(3, 1, 0, 0, true);
	assert_string_equal(title_at("/b"), "B2");
}

/* What is known of one file is of no use without an index: all are looked at. */
static void test_some_files_without_an_index(void **state)
{
	(void)state;
	tempsite_post(&t, "a.md", "A", "x");
	tempsite_post(&t, "b.md", "B", "x");
	LOOK_AT("a.md");
	assert_report(2, 2, 0, 0, true);
	tempsite_write(&t, "cache/index.db", "this is not a database at all");
	LOOK_AT("b.md");
	assert_report(2, 2, 0, 0, true);
	assert_string_equal(title_at("/a"), "A");
}

static void count_call(void *context, size_t done, size_t total)
{
	size_t *calls = context;

	assert_int_equal(done, ++*calls);
	assert_int_equal(total, 5);
}

static void test_progress(void **state)
{
	size_t calls = 0;
	struct indexer_task task = {.mode = INDEXER_NOW, .progress = count_call, .context = &calls};

	(void)state;
	for (int i = 0; i < 5; i++)
		tempsite_post(&t, arena_printf(&t.arena, "p%d.md", i).p, "P", "x");
	assert_int_equal(indexer_do(&t.config, &task, &report, &problems, &err), 0);
	assert_int_equal(calls, 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_files_come_and_go),
		TEST(test_renaming),
		TEST(test_edits_within_a_tick),
		TEST(test_slow_rendering_of_a_fresh_file),
		TEST(test_same_time_and_size),
		TEST(test_changes_during_a_refresh),
		TEST(test_away_for_a_moment),
		TEST(test_strange_files),
		TEST(test_unreadable),
		TEST(test_broken_front_matter),
		TEST(test_broken_encoding),
		TEST(test_crashing_post),
		TEST(test_broken_and_removed),
		TEST(test_when_due),
		TEST(test_somebody_else_is_at_it),
		TEST(test_content_is_gone),
		TEST(test_no_processes),
		TEST(test_damaged_index),
		TEST(test_damaged_in_the_middle),
		TEST(test_other_version),
		TEST(test_hot_journal),
		TEST(test_rebuild_under_a_reader),
		TEST(test_no_place_for_an_index),
		TEST(test_read_only_folder),
		TEST(test_full_disk),
		TEST(test_at_once),
		TEST(test_killed_at_any_moment),
		TEST(test_some_files),
		TEST(test_some_files_without_an_index),
		TEST(test_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
