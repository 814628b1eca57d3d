/* test_renderer.c: posts that hang, crash and hog among posts that do not.
 *
 * discount is made a Markdown library that misbehaves on command.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/discount.h"
#include "../lib/hostile.h"
#include "../lib/tempsite.h"
#include "hash.h"
#include "postpack.h"
#include "renderer.h"

#include <dlfcn.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>

static void hog(void)
{
	for (;;) {
		char *p = malloc(1 << 20);
		if (!p)
			abort(); /* as arena.c and cmark do */
		memset(p, 1, 1 << 20);
	}
}

static void crash(void)
{
	signal(SIGSEGV, SIG_DFL); /* cmocka's handler would go on with the tests */
	raise(SIGSEGV);
}

/* A promise of more bytes than there are, as from a child that died in mid-answer. */
static void die_half_way(void)
{
	const uint64_t frame[] = {0, 0, 100, 100, 100};

	for (int fd = 3; fd < 64; fd++)
		if (write(fd, frame, sizeof(frame)) > 0)
			break;
	_exit(0);
}

static MMIOT *discount_string(const char *text, int n, mkd_flag_t flags)
{
	struct str s = {text, (size_t)n};

	if (str_starts(s, "please hang"))
		for (volatile unsigned i = 0;; i++)
			;
	if (str_starts(s, "please hog"))
		hog();
	if (str_starts(s, "please crash"))
		crash();
	if (str_starts(s, "please be killed"))
		raise(SIGKILL);
	if (str_starts(s, "please exit"))
		_exit(0);
	if (str_starts(s, "please die half way"))
		die_half_way();
	return discount_real_string(text, n, flags);
}

/* And a system that allows only so many processes. */
static int forks_left = INT_MAX;

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

/* --- what came back ------------------------------------------------------------ */

enum { MOST = 300 };

static struct tempsite t;
static struct renderer_job jobs[MOST];
static size_t job_count;
static struct {
	int times;
	bool rendered, gone;
	struct str problems, title, html;
	uint64_t hash;
} results[MOST];

static int set_up(void **state)
{
	(void)state;
	tempsite_make(&t, "markdown: discount\n");
	memset(results, 0, sizeof(results));
	job_count = 0;
	forks_left = INT_MAX;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempsite_release(&t);
	return 0;
}

static void add(const char *file, struct str text)
{
	assert_true(job_count < MOST);
	jobs[job_count++] = (struct renderer_job){
		.file = arena_z(&t.arena, str_from(file)), .text = text};
}

static void done(void *context, const struct renderer_result *result)
{
	struct post_head head;
	struct post_body body;

	(void)context;
	assert_true(result->job < job_count);
	results[result->job].times++;
	results[result->job].rendered = result->rendered;
	results[result->job].gone = result->gone;
	results[result->job].hash = result->hash;
	results[result->job].problems = arena_str(&t.arena, result->problems);
	if (!result->rendered) {
		assert_int_equal(result->head.n + result->body.n, 0);
		return;
	}
	assert_int_equal(postpack_read_head(result->head, &head), 0);
	assert_int_equal(postpack_read_body(result->body, &body), 0);
	results[result->job].title = arena_str(&t.arena, head.title);
	results[result->job].html = arena_str(&t.arena, body.html);
}

static void run(unsigned parallel)
{
	struct buf err = BUF_EMPTY;

	assert_int_equal(renderer_run(&t.config, jobs, job_count, parallel, done, NULL, &err), 0);
	assert_int_equal(err.n, 0);
	buf_release(&err);
	for (size_t i = 0; i < job_count; i++)
		assert_int_equal(results[i].times, 1);
	/* No child is left, not even a dead one. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static double children_seconds(void)
{
	struct rusage used;

	getrusage(RUSAGE_CHILDREN, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void assert_problem(size_t job, const char *expected)
{
	assert_false(results[job].rendered);
	if (!strstr(results[job].problems.p, expected))
		fail_msg("'%s' is not in '%s'", expected, results[job].problems.p);
}

/* --- posts that are well --------------------------------------------------------- */

static void test_many(void **state)
{
	static const unsigned parallel[] = {1, 2, 7, 64, 1000, 0};

	(void)state;
	for (int i = 0; i < 40; i++)
		add(arena_printf(&t.arena, "posts/%d.md", i).p,
		    arena_printf(&t.arena, "---\ntitle: Post %d\n---\nThis is *number* %d.\n", i, i));
	for (size_t k = 0; k < sizeof(parallel) / sizeof(parallel[0]); k++) {
		memset(results, 0, sizeof(results));
		run(parallel[k]);
		for (size_t i = 0; i < job_count; i++) {
			const char *title = arena_printf(&t.arena, "Post %zu", i).p;
			const char *html = arena_printf(&t.arena, "<p>This is <em>number</em> %zu.</p>", i).p;
			assert_true(results[i].rendered);
			assert_string_equal(results[i].title.p, title);
			assert_non_null(strstr(results[i].html.p, html));
			assert_int_equal(results[i].hash, hash64(jobs[i].text));
			assert_int_equal(results[i].problems.n, 0);
		}
	}
}

static void test_none(void **state)
{
	(void)state;
	run(4);
}

/* The answer is larger than any pipe or socket holds. */
static void test_large(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	tempsite_configure(&t, "render_timeout: 20\n");
	while (text.n < 1000 * 1000)
		buf_puts(&text, "Some words that make a paragraph of a long, long article.\n\n");
	add("large.md", buf_view(&text));
	add("small.md", STR_LIT("small"));
	run(2);
	assert_true(results[0].rendered);
	assert_true(results[0].html.n > text.n);
	assert_true(results[1].rendered);
	buf_release(&text);
}

static void test_broken_front_matter(void **state)
{
	(void)state;
	add("good.md", STR_LIT("good"));
	add("posts/bad.md", STR_LIT("---\ntitle: [unclosed\n---\nbody\n"));
	add("posts/latin1.md", STR_LIT("perch\xe9\n"));
	add("posts/nul.md", (struct str){"a\0b", 3});
	run(1);
	assert_true(results[0].rendered);
	assert_problem(1, "content/posts/bad.md:");
	assert_problem(1, ": error: ");
	assert_problem(2, "content/posts/latin1.md:1:6: error: not UTF-8 [post/encoding]\n");
	assert_problem(3, "content/posts/nul.md:1:2: error: a NUL byte");
}

/* --- files ------------------------------------------------------------------------ */

static void test_files(void **state)
{
	(void)state;
	tempsite_write(&t, "content/a.md", "---\ntitle: From a file\n---\nbody\n");
	tempsite_folder(&t, "content/folder.md");
	assert_int_equal(mkfifo(tempsite_path(&t, "content/fifo.md"), 0644), 0);
	assert_int_equal(symlink("nowhere", tempsite_path(&t, "content/dangling.md")), 0);
	assert_int_equal(symlink("loop.md", tempsite_path(&t, "content/loop.md")), 0);
	assert_int_equal(symlink("/dev/zero", tempsite_path(&t, "content/zero.md")), 0);
	tempsite_write(&t, "content/empty.md", "");
	static const char *const files[] = {"a.md", "folder.md", "fifo.md", "dangling.md", "loop.md", "zero.md",
					    "absent.md", "a.md/below.md", "empty.md"};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		add(files[i], (struct str){0});
	run(2);
	assert_string_equal(results[0].title.p, "From a file");
	assert_problem(1, "content/folder.md:1:1: error: not a plain file [post/read]\n");
	assert_problem(2, "content/fifo.md:1:1: error: not a plain file [post/read]\n");
	assert_true(results[3].gone);
	assert_problem(4, "content/loop.md:1:1: error: Too many levels of symbolic links [post/read]\n");
	assert_problem(5, "content/zero.md:1:1: error: not a plain file [post/read]\n");
	assert_true(results[6].gone);
	assert_true(results[7].gone);
	assert_int_equal(results[7].problems.n, 0);
	assert_true(results[8].rendered);
	for (size_t i = 1; i < 8; i++)
		assert_int_equal(results[i].hash, 0);
}

static void test_file_sizes(void **state)
{
	struct str page = hostile_repeat("word ", 1025);

	(void)state;
	tempsite_configure(&t, "max_post_size: 1024\n");
	tempsite_write_str(&t, "content/fits.md", str_head(page, 1024));
	tempsite_write_str(&t, "content/larger.md", page);
	tempsite_write(&t, "content/huge.md", "");
	assert_int_equal(truncate(tempsite_path(&t, "content/huge.md"), (off_t)1 << 40), 0);
	/* Its size is 0 for stat(). */
	assert_int_equal(symlink("/proc/self/smaps", tempsite_path(&t, "content/proc.md")), 0);
	add("fits.md", (struct str){0});
	add("larger.md", (struct str){0});
	add("huge.md", (struct str){0});
	add("proc.md", (struct str){0});
	run(1);
	assert_true(results[0].rendered);
	for (size_t i = 1; i < 4; i++)
		assert_problem(i, "error: larger than 1024 bytes (max_post_size) [post/size]\n");
	free((char *)page.p);
}

static void test_unreadable_file(void **state)
{
	struct buf err = BUF_EMPTY;

	(void)state;
	tempsite_write(&t, "content/a.md", "secret");
	tempsite_write(&t, "content/b.md", "public");
	assert_int_equal(chmod(tempsite_path(&t, "content/a.md"), 0000), 0);
	add("a.md", (struct str){0});
	add("b.md", (struct str){0});
	if (!tempsite_be_nobody(&t)) {
		fprintf(stderr, "skipped: this user may read everything\n");
		return;
	}
	int result = renderer_run(&t.config, jobs, job_count, 1, done, NULL, &err);
	tempsite_be_somebody();
	assert_int_equal(result, 0);
	assert_problem(0, "content/a.md:1:1: error: Permission denied [post/read]\n");
	assert_true(results[1].rendered);
}

/* A picture that would keep a reader waiting. */
static void test_picture_is_a_fifo(void **state)
{
	(void)state;
	tempsite_folder(&t, "content/posts");
	assert_int_equal(mkfifo(tempsite_path(&t, "content/posts/x.png"), 0644), 0);
	add("posts/a.md", STR_LIT("![x](x.png)\n"));
	run(1);
	assert_true(results[0].rendered);
}

/* --- posts that are not well ------------------------------------------------------- */

/* 60 posts, of which three do what `command` says, the first and the last too. */
static void run_with_culprits(const char *command)
{
	struct str hostile = arena_printf(&t.arena, "please %s\n", command);

	for (size_t i = 0; i < 60; i++) {
		bool bad = i == 0 || i == 31 || i == 59;
		add(arena_printf(&t.arena, "posts/%zu.md", i).p, bad ? hostile : STR_LIT("A paragraph.\n"));
	}
	run(2);
	for (size_t i = 0; i < 60; i++) {
		if (i == 0 || i == 31 || i == 59)
			assert_problem(i, arena_printf(&t.arena, "content/posts/%zu.md:1:1: error: rendering it ", i).p);
		else
			assert_true(results[i].rendered);
	}
}

static void test_hang(void **state)
{
	(void)state;
	add("first.md", STR_LIT("first"));
	add("posts/hang.md", STR_LIT("please hang\n"));
	add("last.md", STR_LIT("last"));
	double before = children_seconds();
	run(2);
	double took = children_seconds() - before;
	print_message("a hang costs %.2f s of CPU time\n", took);
	assert_true(took < 2);
	assert_true(results[0].rendered && results[2].rendered);
	assert_problem(1, "content/posts/hang.md:1:1: error: rendering it took more than 1 s of CPU time "
			  "(render_timeout) [post/limit]\n");
}

#ifndef __SANITIZE_ADDRESS__ /* which would report the crash, and needs all the address space */
static void test_crash(void **state)
{
	(void)state;
	run_with_culprits("crash");
	assert_problem(31, "crashed the Markdown library (signal 11)");
}

static void test_hog(void **state)
{
	(void)state;
	tempsite_configure(&t, "render_timeout: 20\n"); /* to take so much is work, too */
	add("posts/hog.md", STR_LIT("please hog\n"));
	add("last.md", STR_LIT("last"));
	run(1);
	assert_problem(0, "content/posts/hog.md:1:1: error: rendering it needs too much memory [post/limit]\n");
	assert_true(results[1].rendered);
}
#endif

static void test_killed(void **state)
{
	(void)state;
	run_with_culprits("be killed");
}

static void test_exit(void **state)
{
	(void)state;
	run_with_culprits("exit");
}

static void test_half_an_answer(void **state)
{
	(void)state;
	run_with_culprits("die half way");
}

/* Every post is a culprit: still one answer for each, in the end. */
static void test_all_die(void **state)
{
	(void)state;
	for (size_t i = 0; i < 50; i++)
		add(arena_printf(&t.arena, "%zu.md", i).p, STR_LIT("please exit\n"));
	run(3);
	for (size_t i = 0; i < 50; i++)
		assert_problem(i, "rendering it failed");
}

/* A process that was started with odd signal settings. */
static void test_inherited_signals(void **state)
{
	sigset_t all, before;

	(void)state;
	sigfillset(&all);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPROF, SIG_IGN);
	sigprocmask(SIG_SETMASK, &all, &before);
	add("hang.md", STR_LIT("please hang\n"));
	add("exit.md", STR_LIT("please exit\n"));
	add("last.md", STR_LIT("last"));
	double used = children_seconds();
	run(2);
	used = children_seconds() - used;
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPROF, SIG_DFL);
	assert_problem(0, "content/hang.md:1:1: error: rendering it took more than 1 s");
	assert_true(used < 3); /* else it was the deadline in wall time */
	assert_problem(1, "content/exit.md:1:1: error: rendering it failed");
	assert_true(results[2].rendered);
}

static void test_few_processes(void **state)
{
	struct buf err = BUF_EMPTY;

	(void)state;
	for (int i = 0; i < 20; i++)
		add(arena_printf(&t.arena, "%d.md", i).p, STR_LIT("A paragraph.\n"));
	forks_left = 1;
	run(8);
	for (size_t i = 0; i < 20; i++)
		assert_true(results[i].rendered);
	memset(results, 0, sizeof(results));
	forks_left = 0;
	assert_int_equal(renderer_run(&t.config, jobs, job_count, 8, done, NULL, &err), -1);
	assert_string_equal(buf_z(&err), "cannot start a renderer: Resource temporarily unavailable\n");
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(results[i].times, 0);
	buf_release(&err);
}

/* The site goes on without it: what was rendered is served, CommonMark is rendered. */
static void test_other_library(void **state)
{
	(void)state;
	add("discount.md", STR_LIT("A paragraph.\n"));
	add("cmark.md", STR_LIT("---\nmarkdown: commonmark\n---\nA paragraph.\n"));
	discount_lacks = "mkd_compile";
	run(1);
	discount_lacks = NULL;
	assert_problem(0, "discount cannot be loaded");
	assert_problem(0, "mkd_of_another_library");
	assert_true(results[1].rendered);
}

/* --- texts that have hung and crashed Markdown libraries ----------------------------- */

static void add_hostile(const char *unit, size_t bytes)
{
	static const char *const engines[] = {"discount", "commonmark"};
	struct str text = hostile_repeat(unit, bytes);

	for (int i = 0; i < 2; i++) {
		const char *file = arena_printf(&t.arena, "%s-%zu.md", engines[i], job_count).p;
		add(file, arena_printf(&t.arena, "---\nmarkdown: %s\n---\n%.*s\n", engines[i], STR_ARG(text)));
	}
	free((char *)text.p);
}

static void test_hostile_texts(void **state)
{
	(void)state;
	add_hostile("[a]('", 16 * 1024);
	add_hostile(">", 60 * 1000);
	add_hostile("***a", 32 * 1024);
	add_hostile("![", 32 * 1024);
	add_hostile("- a\n", 32 * 1024);
	add("the-last.md", STR_LIT("I am well.\n"));
	double before = children_seconds();
	run(2);
	double took = children_seconds() - before;
	size_t refused = 0;
	for (size_t i = 0; i + 1 < job_count; i++) {
		if (results[i].rendered)
			continue;
		refused++;
		assert_problem(i, arena_printf(&t.arena, "content/%s:1:1: error: rendering it ", jobs[i].file).p);
	}
	print_message("%zu hostile texts, %zu refused, %.2f s of CPU time\n", job_count - 1, refused, took);
	assert_true(took < 1.2 * (double)refused + 3);
	assert_true(results[job_count - 1].rendered);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_many),
		TEST(test_none),
		TEST(test_large),
		TEST(test_broken_front_matter),
		TEST(test_files),
		TEST(test_file_sizes),
		TEST(test_unreadable_file),
		TEST(test_picture_is_a_fifo),
		TEST(test_hang),
#ifndef __SANITIZE_ADDRESS__
		TEST(test_crash),
		TEST(test_hog),
#endif
		TEST(test_killed),
		TEST(test_exit),
		TEST(test_half_an_answer),
		TEST(test_all_die),
		TEST(test_inherited_signals),
		TEST(test_few_processes),
		TEST(test_other_library),
		TEST(test_hostile_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
