/* test_limit.c: a process gets what it was promised, and no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "limit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, ROOM = 64 * MIB };

static int get(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED;
}

/* The exit status of a child: which step went wrong, or 0. */
static int grow(int resource)
{
	if (!get(2 * (size_t)ROOM)) /* what is there already does not count */
		return 1;
	limit_growth(resource, ROOM);
	if (!get(ROOM / 2))
		return 2;
	if (get(ROOM))
		return 3;
	limit_growth(resource, 4 * (size_t)ROOM); /* no way out of a limit */
	return get(ROOM) ? 4 : 0;
}

static void limits_growth(void **state)
{
	const int resources[] = {RLIMIT_AS, RLIMIT_DATA};

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
		int status;
		pid_t pid = fork();
		if (pid == 0)
			_exit(grow(resources[i]));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_growth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
