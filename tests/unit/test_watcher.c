/* test_watcher.c: what each kind of edit makes known, and what happens when the
 * kernel cannot tell: the queue overflows, watches run out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/tempsite.h"
#include "watcher.h"

#include <dlfcn.h>
#include <limits.h>
#include <sys/inotify.h>

enum { SOON = 5000, NOT_AT_ALL = 150 };

static struct tempsite t;
static struct watcher *watcher;
static struct buf err;
static struct buf seen; /* the files that were told of, each with a space behind it */

/* The kernel's part, as far as a test wants to play it. */
static int watches_left, kernel_pipe[2], open_errno;
static bool play_kernel;

int inotify_init1(int flags)
{
	int (*real)(int);

	if (open_errno) {
		errno = open_errno;
		return -1;
	}
	if (play_kernel)
		return pipe2(kernel_pipe, O_CLOEXEC | O_NONBLOCK) ? -1 : kernel_pipe[0];
	*(void **)&real = dlsym(RTLD_NEXT, "inotify_init1");
	return real(flags);
}

int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	int (*real)(int, const char *, uint32_t);

	if (watches_left-- <= 0) {
		errno = ENOSPC;
		return -1;
	}
	if (play_kernel)
		return INT_MAX - watches_left;
	*(void **)&real = dlsym(RTLD_NEXT, "inotify_add_watch");
	return real(fd, path, mask);
}

static int set_up(void **state)
{
	(void)state;
	tempsite_make(&t, "index: index.db\n");
	watches_left = INT_MAX;
	open_errno = 0;
	play_kernel = false;
	tempsite_post(&t, "posts/a.md", "A", "x");
	tempsite_post(&t, "posts/deep/b.md", "B", "x");
	tempsite_write(&t, "content/posts/picture.png", "x");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	watcher_close(watcher);
	watcher = NULL;
	if (play_kernel)
		close(kernel_pipe[1]);
	tempsite_release(&t);
	buf_release(&err);
	buf_release(&seen);
	return 0;
}

static void open_watcher(void)
{
	assert_int_equal(watcher_open(tempsite_path(&t, "content"), &watcher, &err), 0);
}

static enum watcher_sight look(int milliseconds)
{
	const char *const *files;
	size_t count;
	enum watcher_sight sight = watcher_wait(watcher, milliseconds, &files, &count);

	buf_reset(&seen);
	for (size_t i = 0; i < count; i++)
		buf_printf(&seen, "%s ", files[i]);
	return sight;
}

static void assert_told(const char *files)
{
	assert_int_equal(look(SOON), WATCHER_FILES);
	assert_string_equal(buf_z(&seen), files);
}

static void assert_silent(void)
{
	assert_int_equal(look(NOT_AT_ALL), WATCHER_NOTHING);
}

static void rename_in_site(const char *from, const char *to)
{
	assert_int_equal(rename(tempsite_path(&t, from), tempsite_path(&t, to)), 0);
}

/* --- files ------------------------------------------------------------------------- */

static void test_quiet(void **state)
{
	(void)state;
	open_watcher();
	assert_true(watcher_is_complete(watcher));
	assert_silent();
}

static void test_files(void **state)
{
	(void)state;
	open_watcher();
	tempsite_post(&t, "posts/a.md", "A", "again");
	assert_told("posts/a.md ");
	tempsite_post(&t, "posts/deep/new.md", "New", "x");
	assert_told("posts/deep/new.md ");
	tempsite_remove(&t, "content/posts/a.md");
	assert_told("posts/a.md ");
	rename_in_site("content/posts/deep/new.md", "content/posts/moved.md");
	assert_told("posts/deep/new.md posts/moved.md ");
	assert_int_equal(chmod(tempsite_path(&t, "content/posts/moved.md"), 0600), 0);
	assert_told("posts/moved.md ");
	assert_silent();
}

/* As vim does it by default, and most others: a file of another name first. */
static void test_editors(void **state)
{
	(void)state;
	open_watcher();
	tempsite_write(&t, "content/posts/.a.md.swp", "x");
	tempsite_write(&t, "content/posts/4913", "");
	tempsite_remove(&t, "content/posts/4913");
	assert_silent();
	rename_in_site("content/posts/a.md", "content/posts/a.md~");
	tempsite_post(&t, "posts/a.md", "A", "vim");
	tempsite_remove(&t, "content/posts/a.md~");
	assert_told("posts/a.md ");
	tempsite_write(&t, "content/posts/.a.md.new", "x");
	rename_in_site("content/posts/.a.md.new", "content/posts/a.md");
	assert_told("posts/a.md ");
	tempsite_write(&t, "content/posts/#a.md#", "emacs");
	assert_silent();
}

/* A post may show them. */
static void test_pictures(void **state)
{
	(void)state;
	open_watcher();
	tempsite_write(&t, "content/posts/picture.png", "y");
	assert_told("posts/picture.png ");
	tempsite_write(&t, "content/posts/picture.png", "yy");
	tempsite_write(&t, "content/posts/other.png", "y");
	tempsite_remove(&t, "content/posts/other.png");
	assert_told("posts/picture.png posts/other.png ");
	tempsite_write(&t, "content/posts/other.png~", "y");
	tempsite_write(&t, "content/posts/.other.png.swp", "y");
	assert_silent();
}

/* What is still being written is nobody's business. */
static void test_half_written(void **state)
{
	(void)state;
	open_watcher();
	int fd = open(tempsite_path(&t, "content/posts/slow.md"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_silent();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(write(fd, "text\n", 5), 5);
		assert_silent();
	}
	close(fd);
	assert_told("posts/slow.md ");
}

/* A hard link is whole, and nobody closes it. */
static void test_hard_link(void **state)
{
	(void)state;
	open_watcher();
	assert_int_equal(link(tempsite_path(&t, "content/posts/a.md"), tempsite_path(&t, "content/posts/l.md")), 0);
	assert_told("posts/l.md ");
}

static void test_many_are_told_together(void **state)
{
	(void)state;
	open_watcher();
	for (int i = 0; i < 20; i++) {
		tempsite_post(&t, "posts/a.md", "A", "x");
		tempsite_post(&t, "posts/deep/b.md", "B", "x");
	}
	assert_told("posts/a.md posts/deep/b.md ");
	for (int i = 0; i < 300; i++)
		tempsite_post(&t, arena_printf(&t.arena, "posts/n%d.md", i).p, "N", "x");
	assert_int_equal(look(SOON), WATCHER_ALL);
	/* What is left is at most the last moment's. */
	while (look(NOT_AT_ALL) != WATCHER_NOTHING)
		;
	assert_silent();
}

static void test_written_for_ever(void **state)
{
	struct timespec before, after;

	(void)state;
	open_watcher();
	tempsite_listen(&t);
	pid_t writer = fork();
	if (writer == 0)
		for (int i = 0; ; i++) {
			tempsite_post(&t, "posts/a.md", "A", "x");
			usleep(5000);
		}
	clock_gettime(CLOCK_MONOTONIC, &before);
	enum watcher_sight sight = look(SOON);
	clock_gettime(CLOCK_MONOTONIC, &after);
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	assert_int_equal(sight, WATCHER_FILES);
	assert_true((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 < SOON);
}

/* --- folders ------------------------------------------------------------------------- */

static void test_folders(void **state)
{
	(void)state;
	open_watcher();
	tempsite_folder(&t, "content/new/deeper");
	assert_int_equal(look(SOON), WATCHER_ALL);
	tempsite_post(&t, "new/deeper/c.md", "C", "x");
	assert_told("new/deeper/c.md ");
	rename_in_site("content/new", "content/renamed");
	assert_int_equal(look(SOON), WATCHER_ALL);
	tempsite_post(&t, "renamed/deeper/c.md", "C", "y");
	assert_told("renamed/deeper/c.md ");
	rename_in_site("content/renamed", "away");
	assert_int_equal(look(SOON), WATCHER_ALL);
	tempsite_write(&t, "away/deeper/c.md", "not ours any more");
	assert_silent();
	rename_in_site("away", "content/back");
	assert_int_equal(look(SOON), WATCHER_ALL);
	tempsite_remove(&t, "content/back/deeper/c.md");
	assert_told("back/deeper/c.md ");
	assert_true(watcher_is_complete(watcher));
}

static void test_dotted_folders_are_not_ours(void **state)
{
	(void)state;
	open_watcher();
	tempsite_post(&t, ".git/objects/x.md", "X", "x");
	assert_silent();
}

static void test_linked_folder(void **state)
{
	(void)state;
	tempsite_folder(&t, "elsewhere");
	open_watcher();
	assert_int_equal(symlink("../elsewhere", tempsite_path(&t, "content/linked")), 0);
	assert_int_equal(look(SOON), WATCHER_ALL);
	tempsite_write(&t, "elsewhere/d.md", "x");
	assert_told("linked/d.md ");
	assert_true(watcher_is_complete(watcher));
	/* By two names now: a file in it is two. */
	assert_int_equal(symlink("../elsewhere", tempsite_path(&t, "content/again")), 0);
	assert_int_equal(look(SOON), WATCHER_ALL);
	tempsite_write(&t, "elsewhere/d.md", "y");
	assert_int_equal(look(SOON), WATCHER_ALL);
	tempsite_remove(&t, "content/linked");
	assert_int_equal(look(SOON), WATCHER_ALL);
	tempsite_write(&t, "elsewhere/d.md", "z");
	assert_told("again/d.md ");
}

/* Its target is changed without a word. */
static void test_linked_file(void **state)
{
	(void)state;
	tempsite_write(&t, "elsewhere/e.md", "x");
	open_watcher();
	assert_int_equal(symlink("../../elsewhere/e.md", tempsite_path(&t, "content/posts/e.md")), 0);
	assert_int_equal(look(SOON), WATCHER_ALL);
	assert_false(watcher_is_complete(watcher));
	tempsite_remove(&t, "content/posts/e.md");
	assert_told("posts/e.md ");
}

/* A deployment: the folder's name is turned to another folder. */
static void test_content_is_replaced(void **state)
{
	(void)state;
	tempsite_write(&t, "releases/1/a.md", "x");
	tempsite_write(&t, "releases/2/a.md", "x");
	assert_int_equal(symlink("releases/1", tempsite_path(&t, "current")), 0);
	assert_int_equal(watcher_open(tempsite_path(&t, "current"), &watcher, &err), 0);
	assert_silent();
	assert_int_equal(symlink("releases/2", tempsite_path(&t, "next")), 0);
	rename_in_site("next", "current");
	assert_int_equal(look(SOON), WATCHER_ALL);
	tempsite_write(&t, "releases/1/a.md", "y");
	assert_silent();
	tempsite_write(&t, "releases/2/a.md", "y");
	assert_told("a.md ");
}

static void test_content_goes_and_comes(void **state)
{
	(void)state;
	open_watcher();
	rename_in_site("content", "away");
	assert_int_equal(look(SOON), WATCHER_ALL);
	assert_false(watcher_is_complete(watcher));
	assert_silent();
	rename_in_site("away", "content");
	assert_int_equal(look(SOON), WATCHER_ALL);
	assert_true(watcher_is_complete(watcher));
	tempsite_post(&t, "posts/a.md", "A", "y");
	assert_told("posts/a.md ");
}

/* --- what the kernel cannot do ---------------------------------------------------------- */

static void put_event(int watch, uint32_t mask, const char *name)
{
	struct {
		struct inotify_event event;
		char name[32];
	} e = {.event = {.wd = watch, .mask = mask, .len = name ? sizeof(e.name) : 0}};

	if (name)
		strcpy(e.name, name);
	size_t n = sizeof(e.event) + e.event.len;
	assert_int_equal(write(kernel_pipe[1], &e, n), n);
}

static void test_overflow(void **state)
{
	(void)state;
	play_kernel = true;
	open_watcher();
	put_event(-1, IN_Q_OVERFLOW, NULL);
	assert_int_equal(look(SOON), WATCHER_ALL);
	assert_silent();
}

static void test_foreign_events(void **state)
{
	(void)state;
	play_kernel = true;
	open_watcher();
	put_event(7, IN_CLOSE_WRITE, "a.md"); /* of a watch that nobody has */
	put_event(7, IN_IGNORED, NULL);
	assert_silent();
	put_event(1, IN_UNMOUNT, NULL); /* the first watch: the content folder */
	assert_int_equal(look(SOON), WATCHER_ALL);
}

static void test_no_more_watches(void **state)
{
	(void)state;
	watches_left = 2;
	open_watcher();
	assert_false(watcher_is_complete(watcher));
	assert_true(str_find(watcher_complaint(watcher), "max_user_watches") < 100);
	assert_int_equal(watcher_complaint(watcher).n, 0);
	/* Some are freed: the next look takes them. */
	watches_left = INT_MAX;
	assert_silent();
	assert_true(watcher_is_complete(watcher));
	tempsite_post(&t, "posts/deep/b.md", "B", "y");
	assert_told("posts/deep/b.md ");
}

static void test_no_watcher(void **state)
{
	(void)state;
	open_errno = EMFILE;
	assert_int_equal(watcher_open(tempsite_path(&t, "content"), &watcher, &err), -1);
	assert_null(watcher);
	assert_non_null(strstr(buf_z(&err), "max_user_instances"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_quiet),
		TEST(test_files),
		TEST(test_editors),
		TEST(test_pictures),
		TEST(test_half_written),
		TEST(test_hard_link),
		TEST(test_many_are_told_together),
		TEST(test_written_for_ever),
		TEST(test_folders),
		TEST(test_dotted_folders_are_not_ours),
		TEST(test_linked_folder),
		TEST(test_linked_file),
		TEST(test_content_is_replaced),
		TEST(test_content_goes_and_comes),
		TEST(test_overflow),
		TEST(test_foreign_events),
		TEST(test_no_more_watches),
		TEST(test_no_watcher),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
