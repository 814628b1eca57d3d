/* Idle connections: given back when something has come, closed when gone, late or too many. */
#include "kept.h"

#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LATER = 60 * 1000, MORE = KEPT_LIMIT + 3 };

struct pair {
	int ours, theirs;
};

static struct pair connect_pair(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	return (struct pair){fds[0], fds[1]};
}

static bool is_closed(struct pair pair)
{
	char byte;

	return recv(pair.theirs, &byte, 1, MSG_DONTWAIT) == 0;
}

static void gives_back_what_something_came_on(void **state)
{
	struct kept kept = {0};
	struct pair pairs[3];
	struct pollfd fds[KEPT_LIMIT];

	(void)state;
	assert_int_equal(kept_take(&kept), -1);
	assert_int_equal(kept_patience(&kept), -1);
	for (int i = 0; i < 3; i++) {
		pairs[i] = connect_pair();
		kept_add(&kept, pairs[i].ours, clock_ms() + LATER);
	}
	assert_int_equal(kept_take(&kept), -1);
	assert_in_range(kept_patience(&kept), LATER / 2, LATER);
	assert_int_equal(write(pairs[1].theirs, "x", 1), 1);
	assert_int_equal(kept_poll(&kept, fds), 3);
	assert_int_equal(poll(fds, 3, 0), 1);
	assert_true(fds[1].revents & POLLIN);
	assert_int_equal(kept_take(&kept), pairs[1].ours);
	assert_int_equal(kept.count, 2);
	assert_int_equal(kept_take(&kept), -1);
	/* Whose peer has gone is closed on the way. */
	shutdown(pairs[0].theirs, SHUT_WR);
	assert_int_equal(write(pairs[2].theirs, "x", 1), 1);
	assert_int_equal(kept_take(&kept), pairs[2].ours);
	assert_int_equal(kept.count, 0);
	assert_true(is_closed(pairs[0]));
	close(pairs[0].theirs);
	for (int i = 1; i < 3; i++) {
		close(pairs[i].ours);
		close(pairs[i].theirs);
	}
}

static void closes_what_is_late_or_too_many(void **state)
{
	struct kept kept = {0};
	struct pair pairs[MORE], late = connect_pair();

	(void)state;
	kept_add(&kept, late.ours, clock_ms());
	assert_int_equal(kept_patience(&kept), 0);
	assert_int_equal(kept_take(&kept), -1);
	assert_true(is_closed(late));
	for (int i = 0; i < MORE; i++) {
		pairs[i] = connect_pair();
		kept_add(&kept, pairs[i].ours, clock_ms() + LATER);
	}
	assert_int_equal(kept.count, KEPT_LIMIT);
	for (int i = 0; i < MORE; i++)
		assert_int_equal(is_closed(pairs[i]), i < MORE - KEPT_LIMIT);
	kept_close_all(&kept);
	assert_int_equal(kept.count, 0);
	for (int i = 0; i < MORE; i++) {
		assert_true(is_closed(pairs[i]));
		close(pairs[i].theirs);
	}
	close(late.theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_back_what_something_came_on),
		cmocka_unit_test(closes_what_is_late_or_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
