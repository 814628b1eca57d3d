/* test_sweep.c: folder trees with all that may lie in them -> the list of posts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/tempsite.h"
#include "sweep.h"

#include <signal.h>

static struct tempsite t;
static struct arena arena;
static struct buf problems, err;

static int set_up(void **state)
{
	(void)state;
	tempsite_make(&t, "");
	arena_init(&arena, 0);
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

static int sweep(struct sweep *out)
{
	buf_reset(&problems);
	buf_reset(&err);
	return sweep_read(&arena, tempsite_path(&t, "content"), "shown", out, &problems, &err);
}

static void note_folder(void *context, const char *path, dev_t device)
{
	(void)device;
	buf_printf(context, "\n%s\n", path);
}

/* The other two ways to look see the same as this sweep did. */
static void assert_same_by_other_ways(const struct sweep *out)
{
	const char **names = ARENA_ARRAY(&arena, out->count + 1, const char *);
	struct buf folders = BUF_EMPTY;
	struct sweep again;
	bool links;

	for (size_t i = 0; i < out->count; i++)
		names[out->count - 1 - i] = out->files[i].file;
	assert_int_equal(sweep_files(&arena, tempsite_path(&t, "content"), "shown", names, out->count, &again,
				     &problems, &err), 0);
	assert_int_equal(again.count, out->count);
	for (size_t i = 0; i < out->count; i++) {
		assert_string_equal(again.files[i].file, out->files[i].file);
		assert_int_equal(again.files[i].inode, out->files[i].inode);
		assert_int_equal(again.files[i].size, out->files[i].size);
		assert_int_equal(again.files[i].mtime, out->files[i].mtime);
		assert_int_equal(again.files[i].changed, out->files[i].changed);
	}
	assert_int_equal(sweep_folders(&arena, tempsite_path(&t, "content"), note_folder, &folders, &links), 0);
	assert_int_equal(links, out->links);
	for (size_t i = 0; i < out->count; i++) {
		const char *slash = strrchr(out->files[i].file, '/');
		size_t n = slash ? (size_t)(slash - out->files[i].file) + 1 : 0;
		struct str line = arena_printf(&arena, "\n%.*s\n", (int)n, out->files[i].file);
		assert_non_null(strstr(buf_z(&folders), line.p));
	}
	buf_release(&folders);
}

/* The names that a sweep finds, each on its line. */
static struct str found(void)
{
	struct sweep out;
	struct buf names = BUF_EMPTY;

	assert_int_equal(sweep(&out), 0);
	assert_same_by_other_ways(&out);
	for (size_t i = 0; i < out.count; i++)
		buf_printf(&names, "%s\n", out.files[i].file);
	struct str list = arena_str(&arena, buf_view(&names));
	buf_release(&names);
	return list;
}

static void link_to(const char *target, const char *name)
{
	assert_int_equal(symlink(target, tempsite_path(&t, name)), 0);
}

static void test_names(void **state)
{
	static const char *const files[] = {
		"b.md", "a.markdown", "a/z.md", "a/b/c/d.it.md", "a-b.md", "a.txt", "md", ".md", ".hidden.md",
		".git/x.md", "a/.cache/x.md", "x.MD", "x.md~", "#x.md#", "x.md.bak", "x.html", "_index.md",
		"a/index.md", "spaces in it.md", "è.md", "line\nbreak.md", "\xff\xfe.md", "Z.md",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		tempsite_write(&t, arena_printf(&t.arena, "content/%s", files[i]).p, "x");
	assert_string_equal(found().p,
			    "Z.md\n_index.md\na-b.md\na.markdown\na/b/c/d.it.md\na/index.md\na/z.md\nb.md\n"
			    "line\nbreak.md\nspaces in it.md\nè.md\n\xff\xfe.md\n");
	assert_int_equal(problems.n, 0);
}

static void test_facts(void **state)
{
	struct stat st;
	struct sweep out;

	(void)state;
	tempsite_write(&t, "content/posts/x.md", "twelve bytes");
	assert_int_equal(sweep(&out), 0);
	assert_int_equal(stat(tempsite_path(&t, "content/posts/x.md"), &st), 0);
	assert_int_equal(out.count, 1);
	assert_int_equal(out.files[0].size, 12);
	assert_int_equal(out.files[0].inode, st.st_ino);
	assert_int_equal(out.files[0].mtime, st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec);
	assert_int_equal(out.files[0].changed, st.st_ctim.tv_sec * 1000000000LL + st.st_ctim.tv_nsec);
	assert_false(out.incomplete);
}

static void test_nothing(void **state)
{
	struct sweep out;

	(void)state;
	assert_int_equal(sweep(&out), 0);
	assert_int_equal(out.count, 0);
	assert_int_equal(rmdir(tempsite_path(&t, "content")), 0);
	assert_int_equal(sweep(&out), -1);
	assert_int_equal(out.count, 0);
	assert_non_null(strstr(buf_z(&err), "content"));
	assert_non_null(strstr(buf_z(&err), "No such file"));
	tempsite_write(&t, "content", "a file");
	assert_int_equal(sweep(&out), -1);
	assert_int_equal(problems.n, 0);
}

/* Whether they can be read is the renderer's to find out; a folder is walked. */
static void test_strange_files(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(tempsite_path(&t, "content/fifo.md"), 0644), 0);
	tempsite_write(&t, "content/folder.md/inner.md", "x");
	tempsite_folder(&t, "content/empty.md");
	link_to("nowhere", "content/dangling.md");
	link_to("loop.md", "content/loop.md");
	tempsite_write(&t, "elsewhere.txt", "linked");
	link_to("../elsewhere.txt", "content/linked.md");
	assert_string_equal(found().p, "fifo.md\nfolder.md/inner.md\nlinked.md\n");
	assert_int_equal(problems.n, 0);
}

static void test_linked_folders(void **state)
{
	struct stat st;
	struct sweep out;

	(void)state;
	tempsite_write(&t, "shared/x.md", "x");
	link_to("../shared", "content/posts");
	assert_string_equal(found().p, "posts/x.md\n");
	assert_int_equal(sweep(&out), 0);
	assert_int_equal(stat(tempsite_path(&t, "shared/x.md"), &st), 0);
	assert_int_equal(out.files[0].inode, st.st_ino);
}

/* Two links to the folder they are in would be 2^32 folders. */
static void test_loops(void **state)
{
	(void)state;
	tempsite_write(&t, "content/a/x.md", "x");
	link_to(".", "content/self");
	link_to("..", "content/a/up");
	link_to("../..", "content/a/root");
	link_to("../b", "content/a/b");
	tempsite_folder(&t, "content/b");
	link_to("../a", "content/b/a");
	link_to(tempsite_path(&t, "content"), "content/b/whole");
	assert_string_equal(found().p, "a/x.md\nb/a/x.md\n");
}

static void test_depth(void **state)
{
	struct buf name = BUF_EMPTY;

	(void)state;
	buf_puts(&name, "content");
	for (int depth = 0; depth < 40; depth++) {
		buf_puts(&name, "/d");
		tempsite_write(&t, arena_printf(&t.arena, "%s/x.md", buf_z(&name)).p, "x");
	}
	struct sweep out;
	assert_int_equal(sweep(&out), 0);
	assert_int_equal(out.count, 32);
	buf_release(&name);
}

static void test_many(void **state)
{
	struct sweep out;

	(void)state;
	for (int i = 0; i < 1000; i++)
		tempsite_write(&t, arena_printf(&t.arena, "content/%d/%d.md", i % 7, i).p, "x");
	assert_int_equal(sweep(&out), 0);
	assert_int_equal(out.count, 1000);
	for (size_t i = 1; i < out.count; i++)
		assert_true(strcmp(out.files[i - 1].file, out.files[i].file) < 0);
}

/* What cannot be looked into is told, and does not count as empty. */
static void test_unreadable_folders(void **state)
{
	struct sweep out;

	(void)state;
	tempsite_write(&t, "content/closed/x.md", "x");
	tempsite_write(&t, "content/listed/x.md", "x");
	tempsite_write(&t, "content/open/x.md", "x");
	assert_int_equal(chmod(tempsite_path(&t, "content/closed"), 0000), 0);
	assert_int_equal(chmod(tempsite_path(&t, "content/listed"), 0444), 0);
	if (!tempsite_be_nobody(&t)) {
		fprintf(stderr, "skipped: this user may read everything\n");
		return;
	}
	int result = sweep(&out);
	tempsite_be_somebody();
	assert_int_equal(result, 0);
	assert_true(out.incomplete);
	assert_int_equal(out.count, 1);
	assert_string_equal(out.files[0].file, "open/x.md");
	assert_non_null(strstr(buf_z(&problems), "shown/closed:1:1: error: Permission denied [content/read]\n"));
	assert_non_null(strstr(buf_z(&problems), "shown/listed/x.md:1:1: error: Permission denied"));
}

static void churn(void)
{
	const char *a = tempsite_path(&t, "content/a"), *b = tempsite_path(&t, "content/b");
	const char *x = tempsite_path(&t, "content/a/x.md"), *y = tempsite_path(&t, "content/a/y.md");

	for (;;) {
		tempsite_write(&t, "content/a/x.md", "x");
		rename(x, y);
		rename(a, b);
		unlink(tempsite_path(&t, "content/b/y.md"));
		rmdir(b);
	}
}

/* Another process makes, renames and removes all the time. */
static void test_while_it_changes(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++)
		tempsite_write(&t, arena_printf(&t.arena, "content/%d/stays.md", i).p, "x");
	pid_t child = fork();
	if (!child)
		churn();
	size_t stays = 0, incomplete = 0, failed = 0;
	for (int i = 0; i < 400; i++) {
		struct sweep out;
		failed += sweep_read(&arena, tempsite_path(&t, "content"), "shown", &out, &problems, &err) != 0;
		for (size_t k = 0; k < out.count; k++)
			stays += str_ends(str_from(out.files[k].file), "/stays.md");
		incomplete += out.incomplete;
		arena_reset(&arena);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(failed, 0);
	assert_int_equal(stays, 400 * 40);
	assert_string_equal(buf_z(&problems), "");
	assert_int_equal(incomplete, 0);
}

static void test_linked_files(void **state)
{
	static const char *const names[] = {"gone.md", "l.md", "folder.md"};
	struct sweep out;

	(void)state;
	tempsite_write(&t, "elsewhere/x.md", "x");
	tempsite_folder(&t, "content/folder.md");
	assert_int_equal(sweep(&out), 0);
	assert_false(out.links);
	link_to("../elsewhere/x.md", "content/l.md");
	assert_string_equal(found().p, "l.md\n");
	assert_int_equal(sweep(&out), 0);
	assert_true(out.links);
	assert_int_equal(sweep_files(&arena, tempsite_path(&t, "content"), "shown", names, 3, &out, &problems, &err), 0);
	assert_int_equal(out.count, 1);
	assert_string_equal(out.files[0].file, "l.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names),
		TEST(test_facts),
		TEST(test_nothing),
		TEST(test_strange_files),
		TEST(test_linked_folders),
		TEST(test_linked_files),
		TEST(test_loops),
		TEST(test_depth),
		TEST(test_many),
		TEST(test_unreadable_folders),
		TEST(test_while_it_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
