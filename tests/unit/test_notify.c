/* test_notify.c: datagrams to systemd, and how often it wants to hear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "notify.h"
#include "str.h"

static const char *last_message(int fd)
{
	static char text[512];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = 0;
	return text;
}

static void messages_arrive(void **state)
{
	char folder[] = "/tmp/test_notify.XXXXXX", name[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (int abstract = 0; abstract < 2; abstract++) {
		struct sockaddr_un at = {.sun_family = AF_UNIX};
		int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		int n = snprintf(name, sizeof(name), "%s%s/s", abstract ? "@" : "", folder);
		memcpy(at.sun_path, name, (size_t)n);
		if (abstract)
			at.sun_path[0] = 0;
		assert_int_equal(bind(fd, (struct sockaddr *)&at,
				      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n)), 0);
		setenv("NOTIFY_SOCKET", name, 1);
		notify_send("READY=1\nSTATUS=%d workers", 4);
		assert_string_equal(last_message(fd), "READY=1\nSTATUS=4 workers");
		/* Nobody reads: it must not wait for ever. */
		int other = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n);
		while (sendto(other, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&at, size) == 1)
			;
		alarm(10);
		notify_send("WATCHDOG=1");
		alarm(0);
		close(other);
		close(fd);
	}
	unlink(name + 1);
	snprintf(name, sizeof(name), "%s/s", folder);
	unlink(name);
	rmdir(folder);
}

static void addresses_that_are_none(void **state)
{
	static const char *const none[] = {"", "/", "@", "relative", "vsock:2:1234"};
	char longest[300];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 1] = 0;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		setenv("NOTIFY_SOCKET", none[i], 1);
		notify_send("READY=1");
	}
	setenv("NOTIFY_SOCKET", longest, 1);
	notify_send("READY=1");
	unsetenv("NOTIFY_SOCKET");
	notify_send("READY=1");
}

static void intervals(void **state)
{
	char mine[32];
	const struct {
		const char *allowed, *pid;
		int64_t interval;
	} cases[] = {
		{NULL, NULL, 0}, {"30000000", NULL, 15000}, {"30000000", mine, 15000}, {"30000000", "1", 0},
		{"1", NULL, 1}, {"0", NULL, 0}, {"-1", NULL, 0}, {"", NULL, 0}, {"x", NULL, 0}, {"3s", NULL, 0},
		{" 5000", NULL, 0}, {"99999999999999999999", NULL, 0},
	};

	(void)state;
	snprintf(mine, sizeof(mine), "%ld", (long)getpid());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
		if (cases[i].allowed)
			setenv("WATCHDOG_USEC", cases[i].allowed, 1);
		if (cases[i].pid)
			setenv("WATCHDOG_PID", cases[i].pid, 1);
		assert_int_equal(notify_watchdog_interval(), cases[i].interval);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_arrive),
		cmocka_unit_test(addresses_that_are_none),
		cmocka_unit_test(intervals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
