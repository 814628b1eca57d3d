/* Answers as records: whole, at once, and given up when time is. */
#include "fcgireply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fastcgi.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ID = 0x0102, BIG = 3 << 20, FITS = 60 * 1000, RECORD = 65528 };

static volatile sig_atomic_t over;

static void on_alarm(int signal_number)
{
	(void)signal_number;
	over = 1;
}

static struct str filled(char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)('a' + i * 7 % 23);
	return (struct str){bytes, n};
}

static void read_whole(int fd, void *bytes, size_t n)
{
	assert_int_equal(recv(fd, bytes, n, MSG_WAITALL), n);
}

/* The content of STDOUT; `out` has room for it.  Fails unless the reply ends well. */
static size_t read_reply(int fd, char *out)
{
	FCGI_Header header;
	FCGI_EndRequestBody end;
	size_t n = 0;
	bool closed = false;

	for (;;) {
		read_whole(fd, &header, sizeof(header));
		size_t length = (size_t)header.contentLengthB1 << 8 | header.contentLengthB0;
		assert_int_equal(header.version, FCGI_VERSION_1);
		assert_int_equal(header.requestIdB1 << 8 | header.requestIdB0, ID);
		assert_int_equal(header.paddingLength, 0);
		if (header.type == FCGI_END_REQUEST)
			break;
		assert_int_equal(header.type, FCGI_STDOUT);
		assert_false(closed);
		closed = !length;
		read_whole(fd, out + n, length);
		n += length;
	}
	assert_true(closed);
	read_whole(fd, &end, sizeof(end));
	assert_int_equal(end.protocolStatus, FCGI_REQUEST_COMPLETE);
	return n;
}

/* By another process, so that the socket may be full. */
static void sends(size_t head_size, size_t body_size)
{
	char *sent = malloc(head_size + body_size + 1), *got = malloc(head_size + body_size + 1);
	struct str all = filled(sent, head_size + body_size);
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(fds[1]);
		_exit(!fcgireply_send(fds[0], ID, str_head(all, head_size), str_skip(all, head_size), &over));
	}
	close(fds[0]);
	assert_int_equal(read_reply(fds[1], got), all.n);
	assert_memory_equal(got, sent, all.n);
	assert_int_equal(recv(fds[1], got, 1, 0), 0);
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(fds[1]);
	free(sent);
	free(got);
}

static void all_of_it_in_records(void **state)
{
	static const size_t sizes[][2] = {{0, 0}, {1, 0}, {0, 1}, {200, 0}, {200, 23000}, {200, RECORD - 200},
					  {200, RECORD - 199}, {RECORD, 1}, {RECORD + 1, 5}, {200, 16 * RECORD - 200},
					  {200, 16 * RECORD}, {BIG, BIG}};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		sends(sizes[i][0], sizes[i][1]);
}

/* Who is killed after the first byte has sent the last one, too. */
static void nothing_is_left_to_send_later(void **state)
{
	static char bytes[FITS];
	struct str body = filled(bytes, sizeof(bytes));
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0); /* which shows what was one call */
	assert_true(fcgireply_send(fds[0], ID, STR_LIT("Status: 200 OK\r\n\r\n"), body, &over));
	char *packet = malloc(FITS + 1000);
	assert_int_equal(recv(fds[1], packet, FITS + 1000, 0), 8 + 18 + FITS + 8 + 16);
	assert_int_equal(recv(fds[1], packet, 1, MSG_DONTWAIT), -1);
	free(packet);
	close(fds[0]);
	close(fds[1]);
}

static void gives_up_when_time_is(void **state)
{
	struct sigaction action = {.sa_handler = on_alarm}, before;
	char *bytes = malloc(BIG);
	struct str body = filled(bytes, BIG);
	int fds[2];

	(void)state;
	sigaction(SIGALRM, &action, &before);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 50000, .it_interval.tv_usec = 50000}, NULL);
	assert_false(fcgireply_send(fds[0], ID, STR_LIT(""), body, &over)); /* nobody reads */
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	over = 0;
	close(fds[1]);
	assert_false(fcgireply_send(fds[0], ID, STR_LIT(""), body, &over)); /* nobody is there; no SIGPIPE */
	close(fds[0]);
	sigaction(SIGALRM, &before, NULL);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_in_records),
		cmocka_unit_test(nothing_is_left_to_send_later),
		cmocka_unit_test(gives_up_when_time_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
