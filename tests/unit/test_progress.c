/* test_progress.c: what stands on a terminal after each step; nothing anywhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "progress.h"

#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 320 /* ms */ };

static struct progress progress;
static int terminal, screen;
static int64_t now; /* ms; time passes when a test says so */
static char written[4096];

int clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	*t = (struct timespec){.tv_sec = now / 1000, .tv_nsec = now % 1000 * 1000000};
	return 0;
}

static int set_up(void **state)
{
	struct winsize size = {.ws_col = 100, .ws_row = 24};

	(void)state;
	setenv("TERM", "xterm", 1);
	return openpty(&screen, &terminal, NULL, NULL, &size) || fcntl(screen, F_SETFL, O_NONBLOCK);
}

static int tear_down(void **state)
{
	(void)state;
	close(terminal);
	close(screen);
	return 0;
}

static const char *new_output(void)
{
	ssize_t n = read(screen, written, sizeof(written) - 1);

	written[n > 0 ? n : 0] = 0;
	return written;
}

static void set_width(unsigned short columns)
{
	struct winsize size = {.ws_col = columns, .ws_row = 24};

	assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
}

static void start_late(void)
{
	progress_start(&progress, terminal);
	now += PATIENCE;
}

static void test_line(void **state)
{
	(void)state;
	start_late();
	progress_show(&progress, 50, 200);
	assert_string_equal(new_output(), "\r 25 % [##########                              ] 50 of 200\r");
	now += 99;
	progress_show(&progress, 51, 200); /* too soon */
	assert_string_equal(new_output(), "");
	progress_show(&progress, 200, 200);
	assert_string_equal(new_output(), "\r200 rendered; making the lists and the search" "             \r");
	progress_end(&progress);
	assert_string_equal(new_output(), "\r                                             \r");
}

static void test_what_takes_no_time(void **state)
{
	(void)state;
	progress_start(&progress, terminal);
	now += 299;
	progress_show(&progress, 1, 2);
	progress_show(&progress, 2, 2);
	progress_end(&progress);
	assert_string_equal(new_output(), "");
}

static void test_narrow(void **state)
{
	(void)state;
	start_late();
	progress_show(&progress, 50, 200);
	new_output();
	set_width(40);
	now += PATIENCE;
	progress_show(&progress, 100, 200);
	assert_string_equal(new_output(), "\r 50 % 100 of 200                       \r");
	set_width(8);
	now += PATIENCE;
	progress_show(&progress, 150, 200);
	assert_string_equal(new_output(), "\r 75 % 1\r");
	set_width(1);
	now += PATIENCE;
	progress_show(&progress, 160, 200);
	assert_string_equal(new_output(), "\r\r");
}

static void test_no_terminal(void **state)
{
	int ends[2];
	char byte;

	(void)state;
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	progress_start(&progress, ends[1]);
	now += PATIENCE;
	progress_show(&progress, 1, 2);
	progress_end(&progress);
	assert_int_equal(read(ends[0], &byte, 1), -1);
	close(ends[0]);
	close(ends[1]);
	setenv("TERM", "dumb", 1);
	start_late();
	progress_show(&progress, 1, 2);
	assert_string_equal(new_output(), "");
}

static void test_nothing_to_do(void **state)
{
	(void)state;
	start_late();
	progress_show(&progress, 0, 0);
	progress_end(&progress);
	assert_string_equal(new_output(), "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_line), TEST(test_what_takes_no_time), TEST(test_narrow), TEST(test_no_terminal),
		TEST(test_nothing_to_do),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
