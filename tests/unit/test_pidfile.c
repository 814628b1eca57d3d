/* test_pidfile.c: what a pid file may be written over, and who removes it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pidfile.h"

static char folder[] = "/tmp/test_pidfile.XXXXXX", path[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/pid", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void put(struct str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text.p, text.n), text.n);
	close(fd);
}

static void assert_holds(struct str text)
{
	struct buf found = BUF_EMPTY;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(buf_read_fd(&found, fd), 0);
	close(fd);
	assert_true(str_eq(buf_view(&found), text));
	buf_release(&found);
}

static void what_it_may_be_written_over(void **state)
{
	static const struct {
		struct str before;
		bool fine;
	} cases[] = {
		{STR_LIT(""), true}, {STR_LIT("1"), true}, {STR_LIT("4194304\n"), true}, {STR_LIT("\n"), true},
		{STR_LIT("12 "), false}, {STR_LIT("1\n2\n"), false}, {STR_LIT("title: x\n"), false},
		{STR_LIT("\0"), false}, {STR_LIT("123456789012345678901234567890123\n"), false},
	};
	char mine[32];

	(void)state;
	snprintf(mine, sizeof(mine), "%ld\n", (long)getpid());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pidfile file;
		struct buf err = BUF_EMPTY;
		put(cases[i].before);
		int result = pidfile_open(&file, path, &err);
		assert_int_equal(result, cases[i].fine ? 0 : -1);
		assert_int_equal(err.n == 0, cases[i].fine);
		assert_holds(cases[i].fine ? str_from(mine) : cases[i].before);
		pidfile_remove(&file);
		assert_int_equal(access(path, F_OK) == 0, !cases[i].fine);
		buf_release(&err);
	}
}

/* The lock is the process's, not its children's. */
static void one_process_holds_it(void **state)
{
	struct pidfile file;
	struct buf err = BUF_EMPTY;
	int status;

	(void)state;
	unlink(path);
	assert_int_equal(pidfile_open(&file, path, &err), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct pidfile second;
		_exit(pidfile_open(&second, path, &err) == -1 && strstr(buf_z(&err), "another process") ? 7 : 1);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(WEXITSTATUS(status), 7);
	put(STR_LIT("")); /* the file is the same: it is still ours */
	pidfile_remove(&file);
	assert_int_not_equal(access(path, F_OK), 0);
	pidfile_remove(&file);
	buf_release(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_may_be_written_over),
		cmocka_unit_test(one_process_holds_it),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
